import ByteStorage
import Foundation
import TestSupport
import Testing

struct OutputFileTests {
  let folder: TemporaryFolder
  var path: String { folder.path("out") }

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, to output: OutputFile) throws { try output.write(text.rawBytes, at: 0) }

  @Test func takesItsNameWhenCommitted() throws {
    let output = try OutputFile(path: path, force: false)
    try output.reserve(byteCount: 8)
    try write("hello", to: output)
    #expect(folder.names == ["out.partial"])
    try output.commit()
    #expect(folder.names == ["out"])
    #expect(try folder.read("out") == Array("hello".utf8) + [0, 0, 0])
  }

  @Test func discardingLeavesNothing() throws {
    let output = try OutputFile(path: path, force: false)
    try write("hello", to: output)
    output.discard()
    output.discard()
    #expect(folder.names.isEmpty)
  }

  @Test func lettingGoLeavesNothing() throws {
    do {
      let output = try OutputFile(path: path, force: false)
      try write("hello", to: output)
    }
    #expect(folder.names.isEmpty)
  }

  @Test func refusesAnExistingOutput() throws {
    try folder.write([1], to: "out")
    let error = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: false) }
    #expect(error?.kind == .exists)
    #expect(error?.file == path)
    #expect(error?.hints == ["--force replaces it"])
    #expect(folder.names == ["out"])
  }

  @Test func replacesAnExistingOutputOnlyWhenCommitted() throws {
    try folder.write([1], to: "out")
    let output = try OutputFile(path: path, force: true)
    try write("new", to: output)
    #expect(try folder.read("out") == [1])
    try output.commit()
    #expect(try folder.read("out") == Array("new".utf8))
    #expect(folder.names == ["out"])
  }

  @Test func refusesASecondWriterEvenByForce() throws {
    let output = try OutputFile(path: path, force: false)
    for force in [false, true] {
      let error = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: force) }
      #expect(error?.kind == .exists)
      #expect(error?.message == "another process is writing this file")
    }
    try write("kept", to: output)
    try output.commit()
    #expect(try folder.read("out") == Array("kept".utf8))
  }

  @Test func takesOverAnAbandonedPartialFileByForceAlone() throws {
    try folder.write([9, 9, 9, 9, 9, 9], to: "out.partial")
    let error = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: false) }
    #expect(error?.kind == .exists)
    #expect(error?.file == path + ".partial")
    #expect(folder.names == ["out.partial"])
    let output = try OutputFile(path: path, force: true)
    try output.reserve(byteCount: 4)
    try write("ab", to: output)
    try output.commit()
    #expect(try folder.read("out") == Array("ab".utf8) + [0, 0])
  }

  @Test func neverOverwritesAFileThatAppearedMeanwhile() throws {
    do {
      let output = try OutputFile(path: path, force: false)
      try write("mine", to: output)
      try folder.write([7], to: "out")
      let error = #expect(throws: GriffinError.self) { try output.commit() }
      #expect(error?.kind == .exists)
    }
    #expect(folder.names == ["out"])
    #expect(try folder.read("out") == [7])
  }

  @Test func saysHowManyBytesAreMissing() throws {
    do {
      let output = try OutputFile(path: path, force: false)
      let needed = 1 << 60
      let error = #expect(throws: GriffinError.self) { try output.reserve(byteCount: needed) }
      #expect(error?.kind == .space)
      #expect(error?.message.hasPrefix("\(needed) bytes are needed and ") == true)
    }
    #expect(folder.names.isEmpty)
  }

  @Test func refusesWhatCannotBeAFile() throws {
    let missingFolder = #expect(throws: GriffinError.self) { try OutputFile(path: folder.path("no/out"), force: true) }
    #expect(missingFolder?.kind == .uncreatable)
    let isFolder = #expect(throws: GriffinError.self) { try OutputFile(path: folder.path, force: true) }
    #expect(isFolder?.kind == .uncreatable)
    let device = #expect(throws: GriffinError.self) { try OutputFile(path: "/dev/null", force: true) }
    #expect(device?.kind == .uncreatable)
    let nothing = #expect(throws: GriffinError.self) { try OutputFile(path: "", force: true) }
    #expect(nothing?.kind == .uncreatable)
  }

  @Test func followsNoLinks() throws {
    try folder.write([1], to: "precious")
    try FileManager.default.createSymbolicLink(atPath: path + ".partial", withDestinationPath: folder.path("precious"))
    let error = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: true) }
    #expect(error?.kind == .uncreatable)
    try FileManager.default.removeItem(atPath: path + ".partial")

    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path("precious"))
    let output = try OutputFile(path: path, force: true)
    try write("new", to: output)
    try output.commit()
    #expect(try folder.read("precious") == [1])
    #expect(try folder.read("out") == Array("new".utf8))
  }

  @Test func writesFromManyThreadsLandWhereTheyShould() throws {
    let output = try OutputFile(path: path, force: false)
    let (jobs, piece) = (64, 5000)
    try output.reserve(byteCount: jobs * piece)
    try Workers.run(8, jobs: jobs, makeState: { 0 }) { job, _ throws(GriffinError) in
      let bytes = [UInt8](repeating: UInt8(job), count: piece)
      try output.write(bytes.rawBytes, at: job * piece)
      output.startWriteback(at: job * piece, byteCount: piece)
    }
    try output.commit()
    let bytes = try folder.read("out")
    #expect(bytes == (0..<jobs).flatMap { [UInt8](repeating: UInt8($0), count: piece) })
  }

  @Test func whatIsKeptCanBeTakenOver() throws {
    do {
      let output = try OutputFile(path: path, force: false)
      try output.record.begin(["head"])
      try output.reserve(byteCount: 100)
      try write("four", to: output)
      output.record.append("entry")
      output.keep()
    }
    #expect(folder.names == ["out.partial", "out.partial.state"])
    let refused = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: false, leftover: .refuseResumable) }
    #expect(refused?.kind == .exists && refused?.hints.count == 2)
    let output = try OutputFile(path: path, force: false, leftover: .resume)
    #expect(output.isResumed)
    #expect(output.record.reopen() == ["head", "entry"])
    var buffer = ByteBuffer(byteCount: 4)
    var bytes = buffer.mutableBytes
    #expect(output.read(at: 0, into: &bytes))
    #expect(buffer.bytes.utf8Text == "four")
    output.record.append("more")
    let other = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: true, leftover: .resume) }
    #expect(other?.kind == .exists)
    try output.commit()
    #expect(folder.names == ["out"])
    #expect(try folder.read("out").count == 100)
  }

  @Test func recordsAreCheckedLineByLine() throws {
    let record = folder.path("out.partial.state")
    let output = try OutputFile(path: path, force: false)
    try output.record.begin(["first", "sécond", ""])
    let whole = try folder.read("out.partial.state")
    for offset in whole.indices {
      var damaged = whole
      damaged[offset] ^= 0x10
      try folder.write(damaged, to: "out.partial.state")
      let lines = try #require(output.record.reopen())
      let checked = lines.compactMap(\.self)
      #expect(Set(checked).isSubset(of: ["first", "sécond", ""]) && checked.count < 3)
      try folder.write(Array(whole[..<offset]), to: "out.partial.state")
      let torn = try #require(output.record.reopen())
      let ends = whole[..<offset].filter { $0 == 10 }.count
      #expect(torn == Array(["first", "sécond", ""].prefix(ends)))
    }
    try FileManager.default.removeItem(atPath: record)
    #expect(output.record.reopen() == nil)
  }

  /// A process that was killed between giving the finished file its name and taking the partial one away.
  @Test func aFinishedFileWithTwoNamesIsNeverEmptied() throws {
    try folder.write([1, 2, 3], to: "out")
    for leftover in [OutputFile.Leftover.refuse, .refuseResumable, .replace, .resume] {
      try FileManager.default.linkItem(atPath: path, toPath: path + ".partial")
      let error = #expect(throws: GriffinError.self) { try OutputFile(path: path, force: false, leftover: leftover) }
      #expect(error?.kind == .exists && error?.file == path)
      #expect(folder.names == ["out"])
      try FileManager.default.linkItem(atPath: path, toPath: path + ".partial")
      try OutputFile(path: path, force: true, leftover: leftover).discard()
      #expect(try folder.read("out") == [1, 2, 3])
    }
    // Some other file with a second name is not only ours to change.
    try FileManager.default.removeItem(atPath: path)
    try folder.write([1, 2, 3], to: "precious")
    try FileManager.default.linkItem(atPath: folder.path("precious"), toPath: path + ".partial")
    let output = try OutputFile(path: path, force: false, leftover: .resume)
    #expect(!output.isResumed)
    output.discard()
    #expect(try folder.read("precious") == [1, 2, 3])
  }

  @Test func scratchFoldersOfDeadProcessesAreRemoved() throws {
    let stale = folder.path(".griffin-unpacked-abc123")
    try FileManager.default.createDirectory(atPath: stale + "/model", withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: stale)
    try folder.write([1], to: ".griffin-unpacked-abc123/model/weights")
    try folder.write([1], to: "precious")
    try FileManager.default.createSymbolicLink(atPath: stale + "/link", withDestinationPath: folder.path("precious"))
    // One that others may write to is not touched, nor is one of another name.
    for name in [".griffin-unpacked-open00", ".griffin-unpacked-other-name"] {
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path(name))
    }
    let first = try ScratchFolder(in: folder.path)
    #expect(!folder.names.contains(".griffin-unpacked-abc123") && folder.names.contains("precious"))
    // One that is in use stays.
    let second = try ScratchFolder(in: folder.path)
    #expect(FileManager.default.fileExists(atPath: first.path))
    first.remove()
    second.remove()
    #expect(folder.names == [".griffin-unpacked-open00", ".griffin-unpacked-other-name", "precious"])
  }
}
