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
}
