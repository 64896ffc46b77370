import ByteStorage
import Foundation
import LinearAlgebra
import Models
import Tensors
import TestSupport
import Testing

import Training

/// Runs of tiny random pairs: what they learn, how they end, and that one that was broken off ends the same.
@Suite struct AlignmentTests {
  private static func options(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var options = TrainingSettings(kind: "griffin", width: 64, isNew: false)
    (options.tokens, options.epochs, options.batchRows, options.answerTokens, options.evaluations) = (600, 4, 64, 16, 6)
    (options.learningRate, options.patience) = (2e-3, 6)
    change(&options)
    return options
  }

  private static func prompts(_ count: Int = 20) -> [[Int]] {
    var numbers = SeededNumbers(seed: 5)
    return (0..<count).map { _ in (0..<6).map { _ in Int(numbers.next() % 203) } }
  }

  private static func bytes(_ draft: DraftModel) throws -> [[UInt8]] {
    try draft.tensors.bindings.map { try draft.tensors.source.withBytes(of: $0.index) { $0.copied } }
  }

  private func run(
    _ pair: TinyPair, _ options: TrainingSettings = options(), draft: DraftModel? = nil, threads: Int = 1, in path: String,
    resume: Bool = false, stoppingAt limit: Int = .max
  ) throws -> Alignment.Outcome {
    let cancellation = Cancellation()
    let folder = try WorkFolder(for: path, identity: options.document, resume: resume, force: false)
    let alignment = Alignment(
      target: pair.target, draft: draft ?? pair.draft, isNew: draft != nil, data: AlignmentData(.prompts, AlignmentTests.prompts(), seed: options.seed),
      options: options, stopTokens: [], compute: Compute(threads: threads), cancellation: cancellation
    ) { phase, done, _ in if phase == .learning, done == limit { cancellation.cancel() } }
    do {
      let outcome = try alignment.run(in: folder)
      folder.remove()
      return outcome
    } catch {
      folder.keep()
      throw error
    }
  }

  @Test func theLossFallsAndFrozenTensorsStay() throws {
    let folder = try TemporaryFolder()
    let pair = try TinyPair()
    let outcome = try run(pair, in: folder.path("out"))
    #expect(outcome.steps == outcome.losses.count && outcome.steps > 20)
    let (first, last) = (outcome.losses.prefix(5).reduce(0, +), outcome.losses.suffix(5).reduce(0, +))
    #expect(last < 0.9 * first, "\(outcome.losses)")
    #expect(outcome.curve.first?.step == 0 && outcome.curve.last?.step == outcome.steps)
    #expect(outcome.curve.map(\.step).contains(outcome.bestStep))
    let (old, new) = (try AlignmentTests.bytes(pair.draft), try AlignmentTests.bytes(outcome.draft))
    for (index, binding) in pair.draft.tensors.bindings.enumerated() {
      let isSame = binding.role == .tokenEmbedding || outcome.bestStep == 0
      #expect((old[index] == new[index]) == isSame, "\(binding.name)")
    }
    #expect(FileSystem.entry(at: folder.path("out.align")) == nil)
  }

  @Test(arguments: [1, 7, 23]) func aRunThatWasBrokenOffEndsTheSame(step: Int) throws {
    let folder = try TemporaryFolder()
    let pair = try TinyPair()
    let whole = try run(pair, in: folder.path("whole"))
    #expect(throws: GriffinError.self) { try run(pair, threads: 2, in: folder.path("part"), stoppingAt: step) }
    // Not without being asked, and not with other options.
    #expect(throws: GriffinError.self) { try run(pair, in: folder.path("part")) }
    #expect(throws: GriffinError.self) { try run(pair, AlignmentTests.options { $0.epochs = 5 }, in: folder.path("part"), resume: true) }
    let resumed = try run(pair, threads: 3, in: folder.path("part"), resume: true)
    #expect(try AlignmentTests.bytes(whole.draft) == AlignmentTests.bytes(resumed.draft))
    #expect(whole.losses == resumed.losses)
    #expect(whole.after == resumed.after && whole.interval == resumed.interval)
  }

  @Test func whereNothingIsLearnedNothingIsGained() throws {
    let folder = try TemporaryFolder()
    let outcome = try run(TinyPair(), AlignmentTests.options { ($0.learningRate, $0.epochs) = (1e-12, 1) }, in: folder.path("out"))
    #expect(!outcome.isGain && outcome.before == outcome.after)
  }

  @Test(arguments: ["griffin", "eagle"]) func aNewDraftIsHeldAgainstDecodingWithoutOne(kind: String) throws {
    let folder = try TemporaryFolder()
    let target = try TinyPair().target
    let draft = try NewDraft.make(kind, for: target, seed: 3)
    #expect(try AlignmentTests.bytes(draft) == AlignmentTests.bytes(NewDraft.make(kind, for: target, seed: 3)))
    var options = TrainingSettings(kind: kind, width: 64, isNew: true)
    (options.tokens, options.epochs, options.batchRows, options.answerTokens, options.learningRate) = (600, 1, 128, 16, 2e-3)
    let work = try WorkFolder(for: folder.path("out"), identity: options.document, resume: false, force: false)
    let alignment = Alignment(
      target: target, draft: draft, isNew: true, data: AlignmentData(.texts, AlignmentTests.prompts(), seed: 0), options: options,
      stopTokens: [], compute: Compute(threads: 1))
    let outcome = try alignment.run(in: work)
    work.remove()
    #expect(outcome.before == 1 && outcome.after >= 1 && outcome.steps > 0)
  }

  @Test func fusionThatIsLeftOutStaysZero() throws {
    let folder = try TemporaryFolder()
    let pair = try TinyPair()
    let draft = try NewDraft.make("griffin", for: pair.target, seed: 3, usesFusion: false)
    let outcome = try run(pair, AlignmentTests.options { ($0.usesFusion, $0.epochs) = (false, 1) }, draft: draft, in: folder.path("out"))
    let (old, new) = (try AlignmentTests.bytes(draft), try AlignmentTests.bytes(outcome.draft))
    #expect(outcome.bestStep > 0)
    let frozen: [TensorRole] = [.tokenEmbedding, .fusion(.postNorm), .fusion(.inputNorm), .fusion(.up), .fusion(.down)]
    for (index, binding) in draft.tensors.bindings.enumerated() {
      #expect((old[index] == new[index]) == frozen.contains(binding.role), "\(binding.name)")
      if binding.role == .fusion(.down) { #expect(new[index].allSatisfy { $0 == 0 }) }
    }
  }

  /// A byte that changed anywhere in what is kept is found.
  @Test(arguments: ["features-00000", "state"]) func damageIsFound(name: String) throws {
    let folder = try TemporaryFolder()
    let pair = try TinyPair()
    #expect(throws: GriffinError.self) { try run(pair, in: folder.path("out"), stoppingAt: 20) }
    let path = folder.path("out.align") + "/" + name
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    for place in [3, 9, 40, bytes.count / 2, bytes.count - 1] {
      bytes[place] ^= 0x10
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: GriffinError.self) { try run(pair, in: folder.path("out"), resume: true) }
      #expect(error?.kind == .malformed && error?.file == path)
      bytes[place] ^= 0x10
    }
    for count in [0, 20, bytes.count - 1] {
      try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: GriffinError.self) { try run(pair, in: folder.path("out"), resume: true) }
      #expect(error?.kind == .malformed)
    }
  }

  /// A target that ends every answer at once is not asked for ever.
  @Test func withoutAnswersThereIsNothingToLearnFrom() throws {
    let folder = try TemporaryFolder()
    let (pair, options) = (try TinyPair(), AlignmentTests.options())
    let work = try WorkFolder(for: folder.path("out"), identity: options.document, resume: false, force: false)
    let alignment = Alignment(
      target: pair.target, draft: pair.draft, isNew: false, data: AlignmentData(.prompts, AlignmentTests.prompts(), seed: 0),
      options: options, stopTokens: Set(0..<4096), compute: Compute(threads: 1))
    let error = #expect(throws: GriffinError.self) { try alignment.run(in: work) }
    #expect(error?.kind == .usage)
    work.remove()
  }

  /// A target whose states are another's times known factors, and whose head divides by them: the adapter takes the factors out again.
  @Test func ridgeFindsTheMapBetweenStates() throws {
    let folder = try TemporaryFolder()
    let (pair, tiny) = (try TinyPair(), try TinyModel.target())
    let factors = (0..<64).map { 1 + 0.5 * Float(($0 * 7) % 11) / 11 }
    var scaled = tiny
    for (name, shape) in [("model.norm.weight", [64]), ("lm_head.weight", [203, 64])] {
      let bytes = tiny.source.bytes(name)
      let values = (0..<bytes.count / 4).map { place in
        let value = Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * place + $1]) << (8 * UInt32($1)) })
        return shape.count == 1 ? value * factors[place % 64] : value / factors[place % 64]
      }
      scaled.source.remove(name)
      try scaled.source.add(name, .f32, shape, values: values)
    }
    let target = try TargetModel.recognise(scaled.source, config: scaled.document())
    let options = AlignmentTests.options { $0.tokens = 3000 }
    let work = try WorkFolder(for: folder.path("out"), identity: options.document, resume: false, force: false)
    let alignment = Alignment(
      target: target, draft: pair.draft, isNew: false, original: pair.target, trainsUnlost: true,
      data: AlignmentData(.prompts, AlignmentTests.prompts(40), seed: 0), options: options, stopTokens: [], compute: Compute(threads: 1))
    let outcome = try alignment.ridge(in: work)
    work.remove()
    let tensors = outcome.draft.tensors
    let index = try #require(tensors[.fusion(.adapter)])
    #expect(tensors.source.tensors[index].type == .f32 && tensors.source.tensors[index].shape.dimensions == [64, 64])
    let adapter = try tensors.source.withBytes(of: index) { $0.copied }
    for row in 0..<64 {
      for column in 0..<64 {
        let place = 4 * (row * 64 + column)
        let value = Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(adapter[place + $1]) << (8 * UInt32($1)) })
        #expect(abs(value - (row == column ? 1 / factors[row] : 0)) < 0.05, "\(row), \(column): \(value)")
      }
    }
    // A second time it is found anew, in place of the first.
    let again = try WorkFolder(for: folder.path("again"), identity: options.document, resume: false, force: false)
    let second = Alignment(
      target: target, draft: outcome.draft, isNew: false, original: pair.target, trainsUnlost: true,
      data: AlignmentData(.prompts, AlignmentTests.prompts(40), seed: 0), options: options, stopTokens: [], compute: Compute(threads: 1))
    #expect(try AlignmentTests.bytes(second.ridge(in: again).draft).count == AlignmentTests.bytes(outcome.draft).count)
    again.remove()
    let error = #expect(throws: GriffinError.self) { try run(pair, draft: outcome.draft, in: folder.path("trained")) }
    #expect(error?.kind == .unsupported)
  }
}
