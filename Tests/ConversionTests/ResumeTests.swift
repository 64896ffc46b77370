import Bundles
import ByteStorage
import Conversion
import Foundation
import Tensors
import TestSupport
import Testing

/// What an interrupted conversion leaves, and what continuing it comes to: the bytes of an undisturbed run, or a refusal.
struct ResumeTests {
  let folder: TemporaryFolder
  /// The file of an undisturbed run.
  let whole: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    _ = try ConversionRun(try Pair(folder: folder).inputs(), output: folder.path("pair.griffin")).run()
    whole = try folder.read("pair.griffin")
    try FileManager.default.removeItem(atPath: folder.path("pair.griffin"))
  }

  private static let (partial, record) = ("pair.griffin.partial", "pair.griffin.partial.state")

  private func run(
    _ pair: Pair, force: Bool = false, resume: Bool = true, metadata: [Manifest.Metadata] = []
  ) throws -> ConversionResult {
    try ConversionRun(
      pair.inputs(metadata: metadata), output: pair.output, force: force, resume: resume, threads: 1
    ).run().result
  }

  /// Interrupts a run while it reads a tensor, after those before it in its source.
  private func interrupt(at tensor: String = "fc.weight", resume: Bool = false) throws {
    var pair = try Pair(folder: folder)
    let onRead: @Sendable (String, Int) throws -> Void = { name, _ in if name == tensor { throw GriffinError(.interrupted, "interrupted") } }
    (pair.target.onRead, pair.draft.onRead) = (onRead, onRead)
    let error = #expect(throws: GriffinError.self) { try run(pair, resume: resume) }
    #expect(error?.kind == .interrupted)
    #expect(error?.hints.contains { $0.contains("--resume") && $0.contains(Self.partial) } == true)
    #expect(pair.outputNames == [Self.partial, Self.record])
  }

  /// Continues, and expects an undisturbed run's file.
  /// - Returns: Payloads that were kept, of how many.
  @discardableResult
  private func finish(force: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) throws -> Resumption? {
    let pair = try Pair(folder: folder)
    let result = try run(pair, force: force)
    #expect(try folder.read("pair.griffin") == whole, sourceLocation: sourceLocation)
    #expect(pair.outputNames == ["pair.griffin"], sourceLocation: sourceLocation)
    try FileManager.default.removeItem(atPath: pair.output)
    return result.resumption
  }

  /// Expects that a partial file is not continued, and stays as it was.
  private func refuse(
    _ words: String..., metadata: [Manifest.Metadata] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let pair = try Pair(folder: folder)
    let before = (try folder.read(Self.partial), try? folder.read(Self.record))
    let error = #expect(throws: GriffinError.self, sourceLocation: sourceLocation) { try run(pair, metadata: metadata) }
    #expect(error?.kind == .exists && error?.file == pair.output + ".partial", sourceLocation: sourceLocation)
    #expect(error?.hints.contains { $0.contains("--force") } == true, sourceLocation: sourceLocation)
    for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation) }
    #expect(try folder.read(Self.partial) == before.0, sourceLocation: sourceLocation)
    #expect(try folder.read(Self.record) == before.1 ?? [], sourceLocation: sourceLocation)
  }

  @Test(arguments: [("lm_head.weight", 1), ("fc.weight", 3)]) func continuingGivesTheSameBytes(tensor: String, kept: Int) throws {
    // The target's embedding comes after its head and the norm; both heads are compared before anything is written.
    var pair = try Pair(folder: folder)
    let reads = Counter()
    let onRead: @Sendable (String, Int) throws -> Void = { name, _ in
      if name == tensor, reads.next() == (tensor == "lm_head.weight" ? 2 : 1) { throw GriffinError(.interrupted, "interrupted") }
    }
    (pair.target.onRead, pair.draft.onRead) = (onRead, onRead)
    #expect(throws: GriffinError.self) { try run(pair, resume: false) }
    #expect(pair.outputNames == [Self.partial, Self.record])
    #expect(try finish() == .continued(kept: kept, of: 4))
  }

  /// What was finished when the flag was raised is finished: here everything.
  @Test func aFlagIsHeardBetweenChunks() throws {
    var pair = try Pair(folder: folder)
    let cancellation = Cancellation()
    pair.draft.onRead = { name, _ in if name == "fc.weight" { cancellation.cancel() } }
    let error = #expect(throws: GriffinError.self) {
      try ConversionRun(pair.inputs(), output: pair.output, threads: 1, cancellation: cancellation).run()
    }
    #expect(error?.kind == .interrupted)
    #expect(try finish() == .continued(kept: 4, of: 4))
  }

  @Test func resumedRunsCanBeInterruptedThemselves() throws {
    try interrupt()
    try interrupt(resume: true)
    #expect(try finish() == .continued(kept: 3, of: 4))
  }

  @Test func whatWasKeptIsNotReadAgain() throws {
    try interrupt()
    var pair = try Pair(folder: folder)
    let read = Names()
    pair.draft.onRead = { name, _ in read.add(name) }
    pair.target.onRead = { name, _ in read.add(name) }
    _ = try run(pair)
    // Embeddings and heads are compared anew; the norm is read by nobody.
    #expect(read.all.contains("fc.weight") && !read.all.contains("model.norm.weight"))
  }

  @Test func withoutTheFlagALeftoverIsRefused() throws {
    try interrupt()
    let error = #expect(throws: GriffinError.self) { try run(Pair(folder: folder), resume: false) }
    #expect(error?.kind == .exists)
    #expect(error?.hints.contains { $0.contains("--resume") } == true && error?.hints.contains { $0.contains("--force") } == true)
    let result = try run(Pair(folder: folder), force: true, resume: false)
    #expect(result.resumption == nil)
    #expect(try folder.read("pair.griffin") == whole)
    #expect(folder.names.filter { $0.hasPrefix("pair") } == ["pair.griffin"])
  }

  @Test func withNothingToContinueARunJustStarts() throws {
    #expect(try finish() == nil)
    // Killed before a byte was written: there is a name and no work.
    try folder.write([], to: Self.partial)
    try folder.write(Array("half a li".utf8), to: Self.record)
    #expect(try finish() == nil)
    // A record alone speaks of nothing.
    try folder.write(Array("half a li".utf8), to: Self.record)
    #expect(try finish() == nil)
  }

  @Test func otherOptionsAreRefused() throws {
    try interrupt()
    try refuse("--metadata", metadata: [Manifest.Metadata(key: "note", value: "other")])
    #expect(try finish() == .continued(kept: 3, of: 4))
  }

  @Test func changedSourcesAreRefusedByName() throws {
    try interrupt()
    let path = folder.path("target-b.safetensors")
    let content = try folder.read("target-b.safetensors")
    try Data("longer than it was when the conversion began".utf8).write(to: URL(fileURLWithPath: path))
    try refuse(path, "bytes and had")
    // The same content in a file that was replaced is the same, since its digest was noted; another one is not.
    try Data(content).write(to: URL(fileURLWithPath: path))
    #expect(try finish() == .continued(kept: 3, of: 4))
    try interrupt()
    try Data(content.map { $0 ^ 1 }).write(to: URL(fileURLWithPath: path))
    try refuse(path, "changed or replaced")
  }

  @Test func forceStartsAgainWhereNothingCanBeContinued() throws {
    try interrupt()
    try folder.write(Array("no record\n".utf8), to: Self.record)
    guard case .restarted(let reason) = try finish(force: true) else { throw CocoaError(.coderInvalidValue) }
    #expect(reason.contains("record"))
    try interrupt()
    #expect(try finish(force: true) == .continued(kept: 3, of: 4))
  }

  @Test func damagedPayloadsAreMadeAgain() throws {
    try interrupt()
    let (partial, record) = (try folder.read(Self.partial), try folder.read(Self.record))
    // Anywhere: header, payloads that were finished and that were not, padding.
    for offset in stride(from: 0, to: partial.count, by: 12289) + [16384 * 5, partial.count - 1] {
      var damaged = partial
      for index in offset..<min(offset + 40, damaged.count) { damaged[index] ^= 0x55 }
      try folder.write(damaged, to: Self.partial)
      try folder.write(record, to: Self.record)
      try finish()
    }
    for size in [1, 16384 * 5 + 3, partial.count - 1, partial.count + 100] {
      try folder.write(Array((partial + [UInt8](repeating: 7, count: 100)).prefix(size)), to: Self.partial)
      try folder.write(record, to: Self.record)
      try finish()
    }
  }
}

/// Numbers from 1 on, one at a time.
private final class Counter: @unchecked Sendable {  // used from one thread
  private var count = 0
  func next() -> Int {
    count += 1
    return count
  }
}

/// Names that were seen.
private final class Names: @unchecked Sendable {  // used from one thread
  private(set) var all: Set<String> = []
  func add(_ name: String) { all.insert(name) }
}

private func + (left: StrideTo<Int>, right: [Int]) -> [Int] { Array(left) + right }
