import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

/// The promise that everything rests on: a token's logits have the same bits however it is decoded.
struct ExactnessTests {
  private static let prompt = [3, 17, 44, 8, 120]

  /// A tree with siblings, scattered ancestors and some depth.
  private static func tree(nodes: Int) -> DraftTree {
    let parents = (0..<nodes).map { node in node == 0 ? -1 : max(0, node - 1 - node * 5 % min(node, 4)) }
    return DraftTree(
      tokens: (0..<nodes).map { ($0 * 37 + 11) % 203 }, parents: parents, scores: [Float](repeating: 0, count: nodes))
  }

  /// The bits of every node's logits, the tree decoded in one pass.
  private static func together(_ tree: DraftTree, _ decoder: TargetDecoder) throws -> [[UInt32]] {
    let configuration = decoder.configuration
    var features = Activations(columns: configuration.hiddenSize)
    var logits = Activations(columns: configuration.vocabularySize)
    decoder.truncate(to: 0)
    try decoder.decode(prompt, features: &features)
    try decoder.decode(tree, features: &features)
    try decoder.logits(features, into: &logits)
    return bits(logits)
  }

  /// The bits of every node's logits, each path from the root decoded alone, a token a pass.
  private static func alone(_ tree: DraftTree, _ decoder: TargetDecoder) throws -> [[UInt32]] {
    let configuration = decoder.configuration
    var features = Activations(columns: configuration.hiddenSize)
    var logits = Activations(columns: configuration.vocabularySize)
    var all: [[UInt32]] = []
    decoder.truncate(to: 0)
    for token in prompt { try decoder.decode([token], features: &features) }
    for node in 0..<tree.nodeCount {
      decoder.truncate(to: prompt.count)
      for ancestor in tree.path(to: node) { try decoder.decode([tree.tokens[ancestor]], features: &features) }
      try decoder.logits(features, into: &logits)
      all += bits(logits)
    }
    return all
  }

  private static func bits(_ matrix: borrowing Activations) -> [[UInt32]] {
    var rows: [[UInt32]] = []
    for token in 0..<matrix.tokens {
      var row: [UInt32] = []
      for column in 0..<matrix.columns { row.append(matrix.row(token)[column].bitPattern) }
      rows.append(row)
    }
    return rows
  }

  @Test(arguments: [ElementType.f32, .f16, .bf16])
  func logitsHaveTheSameBitsAloneAndInTrees(type: ElementType) throws {
    let tiny = try TinyModel.target(TinyModel.Options(type: type))
    let model = try TargetModel.recognise(tiny.source, config: tiny.document())
    for nodes in [2, 7, 60] {
      let tree = ExactnessTests.tree(nodes: nodes)
      #expect(nodes < 60 || (tree.depths.max() ?? 0) >= 4)
      var expected: [[UInt32]]?
      for set in InstructionSet.available {
        for threads in [1, 2] {
          let decoder = try TargetDecoder(model, compute: Compute(threads: threads, instructionSet: set))
          let reference = try expected ?? ExactnessTests.alone(tree, decoder)
          expected = reference
          #expect(reference.count == nodes && Set(reference).count > 1)
          #expect(try ExactnessTests.together(tree, decoder) == reference, "\(type), \(nodes) nodes, \(set), \(threads) threads")
          #expect(try ExactnessTests.alone(tree, decoder) == reference, "\(type) alone, \(set), \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: [(1, 0, 1), (4, 2, 2), (24, 3, 4), (60, 5, 10), (200, 2, 3)])
  func speculativeEqualsPlain(totalTokens: Int, depth: Int, topK: Int) throws {
    let options = TinyModel.Options()
    let (target, draft) = (try TinyModel.target(options), try TinyModel.draft(options))
    let pair = try ModelPair(
      target: TargetModel.recognise(target.source, config: target.document()),
      draft: DraftModel.recognise(draft.source, config: draft.document()))
    var trees: [[DraftTree]] = []
    for threads in [1, 2] {
      let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: threads))
      for prompt in [[5], [1, 2, 3], (0..<600).map { $0 % 203 }] {
        let settings = DecodeSettings(totalTokens: totalTokens, depth: depth, topK: topK, maxNewTokens: 24)
        try decoder.prepare(prompt: prompt)
        let plain = try decoder.decodePlainly(settings)
        let speculative = try decoder.decodeSpeculatively(settings)
        #expect(plain.ids == speculative.ids && plain.ids.count == 24)
        #expect(speculative.cycles.allSatisfy { $0.tree.nodeCount <= totalTokens })
        trees.append(speculative.cycles.map(\.tree))
        // A stop token inside what one cycle accepts ends both at the same place.
        var stopping = settings
        stopping.stopTokens = [plain.ids[9]]
        let stopped = try decoder.decodeSpeculatively(stopping)
        #expect(try stopped.ids == decoder.decodePlainly(stopping).ids)
        #expect(stopped.ids.last == plain.ids[9])
      }
    }
    #expect(Array(trees[..<3]) == Array(trees[3...]))
  }
}
