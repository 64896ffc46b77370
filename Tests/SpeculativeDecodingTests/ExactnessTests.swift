import ByteStorage
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

  /// What a pass computes of one token: the bits of its features, then of its logits.
  private static func bits(_ decoder: TargetDecoder, _ features: borrowing Activations) throws -> [[UInt32]] {
    var logits = Activations(columns: decoder.configuration.vocabularySize)
    try decoder.logits(features, into: &logits)
    var rows: [[UInt32]] = []
    for token in 0..<features.tokens {
      var row: [UInt32] = []
      for column in 0..<features.columns { row.append(features.row(token)[column].bitPattern) }
      for column in 0..<logits.columns { row.append(logits.row(token)[column].bitPattern) }
      rows.append(row)
    }
    return rows
  }

  /// The bits of every node, the tree decoded in one pass over `text` tokens of text.
  private static func together(_ tree: DraftTree, _ decoder: TargetDecoder, text: Int) throws -> [[UInt32]] {
    var features = Activations(columns: decoder.configuration.hiddenSize)
    decoder.truncate(to: text)
    try decoder.decode(tree, features: &features)
    return try bits(decoder, features)
  }

  /// The bits of every node, each path from the root decoded alone, a token a pass.
  private static func alone(_ tree: DraftTree, _ decoder: TargetDecoder, text: Int) throws -> [[UInt32]] {
    var features = Activations(columns: decoder.configuration.hiddenSize)
    return try (0..<tree.nodeCount).flatMap { node in
      decoder.truncate(to: text)
      for ancestor in tree.path(to: node) { try decoder.decode([tree.tokens[ancestor]], features: &features) }
      return try bits(decoder, features)
    }
  }

  /// A decoder that has read a text: whole, or a token a pass.
  private static func decoder(
    _ model: TargetModel, after text: [Int], isPrefill: Bool, threads: Int, _ set: InstructionSet
  ) throws -> TargetDecoder {
    let decoder = try TargetDecoder(model, compute: Compute(threads: threads, instructionSet: set))
    var features = Activations(columns: model.configuration.hiddenSize)
    if isPrefill {
      try decoder.decode(text, isPrefill: true, features: &features)
    } else {
      for token in text { try decoder.decode([token], features: &features) }
    }
    return decoder
  }

  @Test(arguments: [ElementType.f32, .f16, .bf16])
  func logitsHaveTheSameBitsAloneAndInTrees(type: ElementType) throws {
    let model = try TinyPair(TinyModel.Options(type: type)).target
    var expected: [Int: [[UInt32]]] = [:]
    for set in InstructionSet.available {
      for threads in [1, 2] {
        let decoder = try ExactnessTests.decoder(
          model, after: ExactnessTests.prompt, isPrefill: threads == 2, threads: threads, set)
        for nodes in [2, 7, 60] {
          let tree = ExactnessTests.tree(nodes: nodes)
          let apart = try ExactnessTests.alone(tree, decoder, text: 5)
          let reference = expected[nodes, default: apart]
          expected[nodes] = reference
          #expect(Set(reference).count == nodes)
          #expect(try ExactnessTests.together(tree, decoder, text: 5) == reference, "\(nodes) nodes, \(set), \(threads) threads")
          #expect(apart == reference, "\(nodes) nodes alone, \(set), \(threads) threads")
        }
      }
    }
  }

  /// Norms of heads, experts, a window that ends within the tree or before it, and frequencies by position.
  @Test(arguments: ["qwen2", "qwen3", "mixtral", "mistral", "dynamic"], [ElementType.f32, .bf16])
  func everyFamilyHasTheSameBitsAloneAndInTrees(family: String, type: ElementType) throws {
    let model = try TinyPair(.family(family, seed: 5, type: type)).target
    var expected: [[UInt32]] = []
    for set in InstructionSet.available {
      for threads in [1, 2] {
        let decoder = try ExactnessTests.decoder(
          model, after: ExactnessTests.prompt, isPrefill: threads == 2, threads: threads, set)
        let tree = ExactnessTests.tree(nodes: 60)
        let together = try ExactnessTests.together(tree, decoder, text: 5)
        if expected.isEmpty { expected = try ExactnessTests.alone(tree, decoder, text: 5) }
        #expect(Set(expected).count == 60)
        #expect(together == expected, "\(set), \(threads) threads")
        let few = ExactnessTests.tree(nodes: 7)
        #expect(try ExactnessTests.together(few, decoder, text: 5) == ExactnessTests.alone(few, decoder, text: 5), "\(set)")
      }
    }
  }

  /// The window begins in the prompt, in another block of the cache than it ends in.
  @Test(arguments: [3, 60, 129]) func windowsOverALongPrompt(size: Int) throws {
    var options = TinyModel.Options.family("mistral", seed: 9)
    options.extra = ["sliding_window": .integer(size)]
    let model = try TinyPair(options).target
    let text = (0..<150).map { $0 * 7 % 203 }
    for set in InstructionSet.available {
      let decoder = try ExactnessTests.decoder(model, after: text, isPrefill: true, threads: 2, set)
      let tree = ExactnessTests.tree(nodes: 33)
      #expect(try ExactnessTests.together(tree, decoder, text: 150) == ExactnessTests.alone(tree, decoder, text: 150), "\(set)")
    }
  }

  /// A window makes a difference, and only from the position on at which something falls out of it.
  @Test func windowsBeginToMatterWhereTheyAreFull() throws {
    let tokens = (0..<12).map { $0 * 31 % 203 }
    let runs = try [JSONValue.integer(8), .null].map { size in
      var options = TinyModel.Options.family("mistral", seed: 9)
      options.extra = ["sliding_window": size]
      let decoder = try TargetDecoder(TinyPair(options).target, compute: Compute(threads: 1))
      var features = Activations(columns: 64)
      try decoder.decode(tokens, features: &features)
      return try ExactnessTests.bits(decoder, features)
    }
    for token in 0..<12 { #expect((runs[0][token] == runs[1][token]) == (token < 8)) }
  }

  @Test func treesAreNotTrivial() {
    let tree = ExactnessTests.tree(nodes: 60)
    #expect((tree.depths.max() ?? 0) >= 4)
    #expect(Set(tree.parents).count < 60 - 10, "there are siblings")
    let scattered = (1..<60).count { node in tree.parents[node] < node - 1 }
    #expect(scattered > 10, "ancestors do not all lie side by side")
  }

  /// Multi-head attention, biases, a tied head, and a text that OpenBLAS read and that fills more than one cache block.
  @Test(arguments: [1, 2, 3]) func bitsStayAfterALongPrompt(threads: Int) throws {
    let options = TinyModel.Options(seed: 7, type: .f16) {
      ($0.keyValueHeads, $0.headDimension, $0.biases, $0.tied) = (4, nil, true, true)
    }
    let model = try TinyPair(options).target
    let text = (0..<150).map { $0 * 7 % 203 }
    for set in InstructionSet.available {
      let decoder = try ExactnessTests.decoder(model, after: text, isPrefill: true, threads: threads, set)
      let tree = ExactnessTests.tree(nodes: 33)
      #expect(try ExactnessTests.together(tree, decoder, text: 150) == ExactnessTests.alone(tree, decoder, text: 150), "\(set)")
    }
  }

  /// After a tree only the accepted rows stay; what follows has the bits of plain decoding.
  @Test func keptRowsAreThoseOfPlainDecoding() throws {
    let model = try TinyPair().target
    let tree = ExactnessTests.tree(nodes: 60)
    let path = try #require((0..<60).map { tree.path(to: $0) }.max { $0.count < $1.count })
    #expect(path.count >= 5 && path != Array(0..<path.count))
    var features = Activations(columns: model.configuration.hiddenSize)
    let plain = try ExactnessTests.decoder(
      model, after: ExactnessTests.prompt + path.map { tree.tokens[$0] } + [42], isPrefill: false, threads: 1, .best)
    let decoder = try ExactnessTests.decoder(model, after: ExactnessTests.prompt, isPrefill: false, threads: 1, .best)
    try decoder.decode(tree, features: &features)
    decoder.keep(prefix: 5, rows: path.map { 5 + $0 })
    #expect(decoder.length == 5 + path.count)
    try decoder.decode([42], features: &features)
    let next = DraftTree(tokens: [9], parents: [-1], scores: [0])
    let length = decoder.length
    #expect(length == plain.length)
    #expect(
      try ExactnessTests.together(next, decoder, text: length) == ExactnessTests.together(next, plain, text: length))
  }
}
