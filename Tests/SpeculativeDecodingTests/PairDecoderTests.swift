import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

struct PairDecoderTests {
  /// One of each thing that the layers can differ in.
  private static let options = [
    TinyModel.Options(seed: 1),
    TinyModel.Options(seed: 2, type: .f16) { ($0.keyValueHeads, $0.headDimension, $0.biases) = (4, nil, true) },
    TinyModel.Options(seed: 3, type: .bf16) { ($0.keyValueHeads, $0.tied) = (1, true) },
    .family("qwen3", seed: 4, type: .f16), .family("mixtral", seed: 5), .family("mistral", seed: 6), .family("dynamic", seed: 7),
  ]
  /// Total tokens, depth and top-k: no tree at all, trees that hold every candidate, and those that people use.
  private static let trees = [(1, 0, 1), (1, 5, 10), (4, 2, 2), (24, 3, 4), (60, 5, 10), (200, 2, 3), (7, 0, 3), (60, 1, 300)]

  private static func decoder(
    _ options: TinyModel.Options, threads: Int = 1, set: InstructionSet = .best
  ) throws -> PairDecoder {
    let pair = try TinyPair(options)
    return try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: threads, instructionSet: set))
  }

  @Test(arguments: options.indices, trees)
  func speculativeEqualsPlain(model: Int, tree: (total: Int, depth: Int, topK: Int)) throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[model])
    for prompt in [[5], [1, 2, 3], (0..<140).map { $0 * 11 % 203 }] {
      let settings = DecodeSettings(totalTokens: tree.total, depth: tree.depth, topK: tree.topK, maxNewTokens: 40)
      try decoder.prepare(prompt: prompt)
      let plain = try decoder.decodePlainly(settings)
      let run = try decoder.decodeSpeculatively(settings)
      #expect(run.ids == plain.ids && plain.ids.count == 40)
      check(run.cycles, ids: run.ids, prompt: prompt, settings: settings)
    }
  }

  /// What every cycle must be, whatever the model.
  private func check(_ cycles: [CycleRecord], ids: [Int], prompt: [Int], settings: DecodeSettings) {
    let candidates = min(settings.topK, 203) * (1 + settings.depth * min(settings.topK, 203))
    var position = prompt.count
    for (index, cycle) in cycles.enumerated() {
      let tree = cycle.tree
      #expect(cycle.position == position)
      position += cycle.accepted.count
      #expect(tree.nodeCount == min(settings.totalTokens, candidates + 1))
      #expect(tree.depths.allSatisfy { $0 <= settings.depth + 1 })
      #expect(cycle.draft.selectionMargin >= 0)
      for node in 1..<max(1, tree.nodeCount) {
        #expect(tree.scores[node] <= tree.scores[tree.parents[node]], "scores only fall")
      }
      #expect(Set((0..<tree.nodeCount).map { tree.path(to: $0).map { tree.tokens[$0] } }).count == tree.nodeCount)
      let left = cycle.draft.candidates.map(\.score).sorted(by: >).dropFirst(tree.nodeCount - 1).first
      if let left { #expect(tree.scores.allSatisfy { $0 >= left }, "the best candidates are in the tree") }
      #expect(cycle.accepted == tree.path(to: cycle.accepted[cycle.accepted.count - 1]))
      if index + 1 < cycles.count { #expect(cycles[index + 1].tree.tokens[0] == cycle.nextToken) }
    }
    let emitted = cycles.flatMap(\.emitted)
    #expect(Array(emitted.prefix(settings.maxNewTokens)) == ids)
    #expect(emitted.count - (cycles.last?.accepted.count ?? 0) < settings.maxNewTokens, "no cycle too many")
  }

  @Test func treesAreAcceptedToEveryDepth() throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    try decoder.prepare(prompt: [1, 2, 3])
    let run = try decoder.decodeSpeculatively(DecodeSettings(maxNewTokens: 300))
    let lengths = Set(run.cycles.map(\.acceptedDraftTokens))
    #expect(lengths.count >= 3, "\(lengths.sorted())")
  }

  @Test func longPromptsCrossTheChunkOfThePrefill() throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    let settings = DecodeSettings(totalTokens: 24, depth: 3, topK: 4, maxNewTokens: 12)
    for count in [511, 512, 513, 1100] {
      let prompt = (0..<count).map { $0 * 13 % 203 }
      try decoder.prepare(prompt: prompt)
      let plain = try decoder.decodePlainly(settings)
      let run = try decoder.decodeSpeculatively(settings)
      #expect(run.ids == plain.ids)
      #expect(run.cycles.first?.position == count)
    }
  }

  @Test func threadsAndInstructionSetsChangeNothing() throws {
    let settings = DecodeSettings(totalTokens: 24, depth: 3, topK: 4, maxNewTokens: 20)
    let prompt = (0..<140).map { $0 * 17 % 203 }
    var results: [(ids: [Int], trees: [DraftTree])] = []
    for set in InstructionSet.available {
      for threads in [1, 2, 3] {
        let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[1], threads: threads, set: set)
        try decoder.prepare(prompt: prompt)
        let run = try decoder.decodeSpeculatively(settings)
        // Scores are compared with the tokens and the parents.
        results.append((run.ids, run.cycles.map(\.tree)))
      }
    }
    #expect(results.allSatisfy { $0.ids == results[0].ids && $0.trees == results[0].trees })
  }

  @Test func stopTokensEndBothWaysAtTheSamePlace() throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    try decoder.prepare(prompt: [1, 2, 3])
    let free = try decoder.decodeSpeculatively(DecodeSettings(maxNewTokens: 60))
    // A stop inside what one cycle accepts, not at its end.
    let cycle = try #require(free.cycles.first { $0.accepted.count >= 3 })
    for stop in cycle.emitted {
      let settings = DecodeSettings(maxNewTokens: 60, stopTokens: [stop])
      let run = try decoder.decodeSpeculatively(settings)
      #expect(try run.ids == decoder.decodePlainly(settings).ids)
      #expect(run.ids.last == stop && run.ids.count { $0 == stop } == 1)
    }
  }

  @Test(arguments: 1...12) func generationsAreCutExactly(maximum: Int) throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    try decoder.prepare(prompt: [9, 8])
    let settings = DecodeSettings(maxNewTokens: maximum)
    let run = try decoder.decodeSpeculatively(settings)
    #expect(run.ids.count == maximum)
    #expect(try decoder.decodePlainly(settings).ids == run.ids)
  }

  @Test func callersAreToldWhatComes() throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    try decoder.prepare(prompt: [4])
    var (tokens, emitted): ([Int], [Int]) = ([], [])
    let plain = try decoder.decodePlainly(DecodeSettings(maxNewTokens: 9)) { tokens.append($0) }
    let run = try decoder.decodeSpeculatively(DecodeSettings(maxNewTokens: 9)) { emitted += $0.emitted }
    #expect(tokens == plain.ids)
    #expect(Array(emitted.prefix(9)) == run.ids)
    let top = decoder.promptTop(3)
    #expect(top.map(\.token).first == plain.ids[0])
    #expect(top.map(\.logit) == top.map(\.logit).sorted(by: >))
    #expect(top.allSatisfy { decoder.promptLogits[$0.token] == $0.logit })
    #expect(plain.minimumMargin >= 0 && plain.minimumMargin <= Double(top[0].logit - top[1].logit))
  }

  @Test func targetAloneDecodesPlainly() throws {
    let pair = try TinyPair()
    let alone = try PairDecoder(target: pair.target, draft: nil, compute: Compute(threads: 1))
    let both = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
    #expect(!alone.canSpeculate && both.canSpeculate)
    try alone.prepare(prompt: [3, 4])
    try both.prepare(prompt: [3, 4])
    #expect(try alone.decodePlainly(DecodeSettings()).ids == both.decodePlainly(DecodeSettings()).ids)
  }

  @Test func promptsMustBeOfTheVocabulary() throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    #expect(throws: GriffinError(.usage, "the prompt is empty; it needs at least one token")) {
      try decoder.prepare(prompt: [])
    }
    for id in [203, -1, Int.max] {
      #expect(throws: GriffinError(.usage, "prompt id \(id) is outside the vocabulary of 203")) {
        try decoder.prepare(prompt: [1, id])
      }
    }
    #expect(throws: GriffinError.self) {
      try decoder.prepare(prompt: [1])
      _ = try decoder.decodePlainly(DecodeSettings(totalTokens: 0))
    }
  }

  @Test func interruptionIsHeard() throws {
    let decoder = try PairDecoderTests.decoder(PairDecoderTests.options[0])
    try decoder.prepare(prompt: [1, 2])
    let expected = try decoder.decodePlainly(DecodeSettings()).ids
    let cancellation = Cancellation()
    #expect(throws: GriffinError(.interrupted, "interrupted")) {
      _ = try decoder.decodeSpeculatively(DecodeSettings(maxNewTokens: 1000), cancellation: cancellation) { _ in
        cancellation.cancel()
      }
    }
    #expect(throws: GriffinError(.interrupted, "interrupted")) {
      _ = try decoder.decodePlainly(DecodeSettings(), cancellation: cancellation)
    }
    #expect(throws: GriffinError(.interrupted, "interrupted")) { try decoder.prepare(prompt: [1], cancellation: cancellation) }
    try decoder.prepare(prompt: [1, 2])
    #expect(try decoder.decodeSpeculatively(DecodeSettings()).ids == expected)
  }

  /// Weights of which some or all are no numbers: odd text, never a trap, and both ways the same.
  @Test(
    arguments: [
      "lm_head.weight", "model.norm.weight", "model.embed_tokens.weight", "model.layers.1.self_attn.k_proj.weight",
      "draft embed_tokens.weight", "draft layers.0.mlp.down_proj.weight", "draft fc.fc.bias",
    ], [Float.nan, .infinity, -.infinity])
  func unusualWeightsAreDecodedAllTheSame(name: String, value: Float) throws {
    for isWhole in [false, true] {
      var (target, draft) = (try TinyModel.target(), try TinyModel.draft())
      if name.hasPrefix("draft ") {
        try draft.spoil(String(name.dropFirst(6)), with: value, isWhole: isWhole)
      } else {
        try target.spoil(name, with: value, isWhole: isWhole)
      }
      let pair = try TinyPair(target: target, draft: draft)
      let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
      try decoder.prepare(prompt: [1, 2, 3])
      let settings = DecodeSettings(totalTokens: 24, depth: 3, topK: 4, maxNewTokens: 12)
      let run = try decoder.decodeSpeculatively(settings)
      #expect(try run.ids == decoder.decodePlainly(settings).ids)
      #expect(run.ids.count == 12)
    }
  }

  @Test func fewerTokensThanBeamsAreEnough() throws {
    let options = TinyModel.Options(seed: 4) { $0.vocabulary = 5 }
    let decoder = try PairDecoderTests.decoder(options)
    try decoder.prepare(prompt: [4, 0])
    let settings = DecodeSettings(totalTokens: 4000, depth: 2, topK: 10, maxNewTokens: 30)
    let run = try decoder.decodeSpeculatively(settings)
    #expect(try run.ids == decoder.decodePlainly(settings).ids)
    // 5 continuations of the root, 5 of each of those, then 5 of each of the 10 best.
    #expect(run.cycles.allSatisfy { $0.tree.nodeCount == 1 + 5 + 25 + 50 })
    #expect(run.cycles.allSatisfy { $0.draft.runnersUp.isEmpty })
  }

  @Test func typesWithoutADecoderAreRefusedByName() throws {
    var target = try TinyModel.target(TinyModel.Options { $0.intermediate = 256 })
    target.source.remove("model.layers.1.mlp.down_proj.weight")
    try target.source.add("model.layers.1.mlp.down_proj.weight", .q8_k, [64, 256], bytes: [UInt8](repeating: 0, count: 64 * 292))
    let model = try TargetModel.recognise(target.source, config: target.document())
    let error = #expect(throws: GriffinError.self) { try TargetDecoder(model, compute: Compute(threads: 1)) }
    #expect(error?.kind == .unsupported)
    #expect(error?.tensor == "model.layers.1.mlp.down_proj.weight")
  }
}
