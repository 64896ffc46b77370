import ByteStorage
import Calibration
import Checkpoints
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

/// What is collected of tiny pairs: counts, and that nothing but the text decides it.
struct CollectorTests {
  private static let options = [
    TinyModel.Options(seed: 1), TinyModel.Options(seed: 3, type: .bf16) { ($0.keyValueHeads, $0.tied) = (1, true) },
    .family("mixtral", seed: 5),
  ]

  static func chunks(_ count: Int, of size: Int) -> [[Int]] {
    (0..<count).map { chunk in (0..<size).map { (chunk * 31 + $0 * 11 + chunk * $0) % 203 } }
  }

  private static func collect(_ pair: TinyPair, threads: Int = 1, set: InstructionSet = .best) throws -> ActivationCollector {
    let collector = try ActivationCollector(
      target: pair.target, draft: pair.draft, compute: Compute(threads: threads, instructionSet: set))
    for chunk in chunks(2, of: 40) { try collector.add(chunk) }
    return collector
  }

  @Test(arguments: options.indices) func sumsDependOnTheTextAlone(model: Int) throws {
    let pair = try TinyPair(CollectorTests.options[model])
    let first = try CollectorTests.collect(pair)
    #expect(try CollectorTests.collect(pair, threads: 3).sums == first.sums)
    for set in InstructionSet.available { #expect(try CollectorTests.collect(pair, set: set).sums == first.sums, "\(set)") }
  }

  /// Every token of a part passes every matrix of the target once, and its experts as often as it chooses any; the draft sees the
  /// part's pairs, and the beams of a tree after every 16th.
  @Test(arguments: options.indices) func countsAreThoseOfThePasses(model: Int) throws {
    let pair = try TinyPair(CollectorTests.options[model])
    let collector = try CollectorTests.collect(pair)
    let entries = collector.sums.entries
    #expect(collector.tokenCount == 80 && collector.sums.chunkCount == 2 && collector.treeCount == 6)
    let rows = Float(2 * (39 + 3 * 5 * 10))
    for binding in pair.draft.tensors.bindings where pair.draft.tensors.source.tensors[binding.index].shape.dimensions.count == 2 {
      let expected = binding.role == .tokenEmbedding ? 0 : rows
      #expect(entries["draft/" + binding.name]?.counts == [expected], "\(binding.name)")
    }
    #expect(entries["target/model.layers.0.self_attn.q_proj.weight"]?.counts == [80])
    let head = pair.target.configuration.tiesEmbeddings ? "target/model.embed_tokens.weight" : "target/lm_head.weight"
    #expect(entries[head]?.counts == [80])
    guard let experts = pair.target.configuration.experts else { return }
    for matrix in ["w1", "w2", "w3"] {
      let entry = try #require(entries["target/model.layers.0.block_sparse_moe.experts.{expert}.\(matrix).weight"])
      #expect(entry.counts.count == experts.count && entry.counts.reduce(0, +) == Float(80 * experts.perToken))
      for (expert, count) in entry.counts.enumerated() where count == 0 {
        #expect(entry.sums[expert * entry.columns..<(expert + 1) * entry.columns].allSatisfy { $0 == 0 })
      }
    }
    #expect(entries["target/model.layers.0.block_sparse_moe.gate.weight"]?.counts == [80])
  }

  /// A matrix's sums are those of the inputs that its layer computes: queries, keys and values share theirs, as do gate and up.
  @Test func productsOfOneInputHaveOneSum() throws {
    let entries = try CollectorTests.collect(TinyPair(TinyModel.Options(seed: 1))).sums.entries
    for half in ["target/model.layers.1.", "draft/layers.0."] {
      let query = try #require(entries[half + "self_attn.q_proj.weight"])
      #expect(entries[half + "self_attn.k_proj.weight"] == query && entries[half + "self_attn.v_proj.weight"] == query)
      #expect(entries[half + "mlp.gate_proj.weight"] == entries[half + "mlp.up_proj.weight"])
      #expect(entries[half + "self_attn.o_proj.weight"] != query)
    }
  }

  /// Of two tokens there is one pair, and no more than the tree under it.
  @Test func twoTokensMakeAPairAndATree() throws {
    let pair = try TinyPair(TinyModel.Options(seed: 1))
    let collector = try ActivationCollector(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    try collector.add([7, 9])
    #expect(collector.treeCount == 1)
    #expect(collector.sums.entries["draft/fc.fc.weight"]?.counts == [51])
  }

  @Test func whatIsWatchedDecodesTheSame() throws {
    let pair = try TinyPair(TinyModel.Options(seed: 2))
    let collector = try CollectorTests.collect(pair)
    let plain = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    let before = collector.sums
    for decoder in [plain, collector.decoder] { try decoder.prepare(prompt: [1, 2, 3]) }
    let runs = try [plain, collector.decoder].map { try $0.decodeSpeculatively(DecodeSettings()) }
    #expect(runs[0].ids == runs[1].ids && runs[0].cycles.map(\.tree) == runs[1].cycles.map(\.tree))
    #expect(collector.sums == before)
  }

  @Test func idsOutsideTheVocabularyAreRefused() throws {
    let pair = try TinyPair()
    let collector = try ActivationCollector(target: pair.target, draft: nil, compute: Compute(threads: 1))
    let error = #expect(throws: GriffinError.self) { try collector.add([1, 1 << 20]) }
    #expect(error?.kind == .usage)
    #expect(collector.sums.chunkCount == 0 && collector.sums.entries.values.allSatisfy { $0.counts == [0] })
  }
}
