import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

struct EagleDecoderTests {
  private static func run(_ draft: TinyModel, seed: UInt64, threads: Int = 1) throws -> (PlainRun, SpeculativeRun) {
    let pair = try TinyPair(target: .target(TinyModel.Options(seed: seed)), draft: draft)
    let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: threads))
    let settings = DecodeSettings(maxNewTokens: 48)
    try decoder.prepare(prompt: [3, 99, 12, 7])
    return (try decoder.decodePlainly(settings), try decoder.decodeSpeculatively(settings))
  }

  @Test(arguments: [1, 2], [true, false]) func speculativeEqualsPlain(layers: Int, hasBias: Bool) throws {
    for type in [ElementType.f32, .f16] {
      let options = TinyModel.Options(seed: 8, type: type) { $0.layers = layers }
      for threads in [1, 2] {
        let (plain, speculative) = try EagleDecoderTests.run(.eagleDraft(options, hasBias: hasBias), seed: 8, threads: threads)
        #expect(speculative.ids == plain.ids && plain.ids.count == 48)
        #expect(speculative.cycles.contains { $0.acceptedDraftTokens > 0 }, "the draft speculates for this target")
      }
    }
  }

  /// A draft without an embedding uses the target's, which is the same numbers.
  @Test func embeddingsMayBeTheTargets() throws {
    let options = TinyModel.Options(seed: 8) { $0.layers = 1 }
    var own = try TinyModel.eagleDraft(options)
    let (_, with) = try EagleDecoderTests.run(own, seed: 8)
    own.source.remove("embed_tokens.weight")
    let (_, without) = try EagleDecoderTests.run(own, seed: 8)
    #expect(with.cycles.map(\.tree) == without.cycles.map(\.tree))
    #expect(with.cycles.map(\.accepted) == without.cycles.map(\.accepted))
  }

  @Test func labelsDecodeTheSame() throws {
    let draft = try TinyModel.eagleDraft(TinyModel.Options(seed: 8) { $0.layers = 1 })
    let target = try TinyPair(TinyModel.Options(seed: 8)).target
    let trees = try ["eagle", "hass"].map { kind in
      let model = try DraftModel.recognise(draft.source, config: draft.document(), kind: kind)
      let decoder = try PairDecoder(target: target, draft: model, compute: Compute(threads: 1))
      try decoder.prepare(prompt: [5, 6])
      return try decoder.decodeSpeculatively(DecodeSettings(maxNewTokens: 16)).cycles.map(\.tree)
    }
    #expect(trees[0] == trees[1])
  }

  /// A draft that knows nothing of its target costs time and changes no token.
  @Test(arguments: TinyModel.Options.families + ["dynamic"]) func badDraftsChangeNothing(family: String) throws {
    let target = try TinyModel.target(.family(family, seed: 21))
    let options = TinyModel.Options(seed: 77) { $0.layers = 1 }
    for draft in [try TinyModel.eagleDraft(options), try TinyModel.draft(options)] {
      let pair = try TinyPair(target: target, draft: draft)
      let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 2))
      try decoder.prepare(prompt: [100, 101, 102])
      let settings = DecodeSettings(maxNewTokens: 24)
      let (plain, speculative) = (try decoder.decodePlainly(settings), try decoder.decodeSpeculatively(settings))
      #expect(plain.ids == speculative.ids)
      // A tiny model may repeat itself, which any draft can guess; one that is always right takes 4.
      #expect(speculative.cycles.count >= 6, "little is accepted")
    }
  }
}

/// EAGLE-3 drafts beside tiny targets of every family.
struct Eagle3DecoderTests {
  private static func options(_ family: String, seed: UInt64) -> TinyModel.Options {
    var options = TinyModel.Options.family(family, seed: seed)
    options.layers = 8
    return options
  }

  @Test(arguments: TinyModel.Options.families, [100, nil]) func speculativeEqualsPlain(family: String, draftVocabulary: Int?) throws {
    let options = Eagle3DecoderTests.options(family, seed: 5)
    let pair = try TinyPair(target: .target(options), draft: .eagle3Draft(options, draftVocabulary: draftVocabulary))
    let settings = DecodeSettings(totalTokens: 20, depth: 7, topK: 4, maxNewTokens: 24)
    var bits: [[DraftTree]] = []
    for threads in [1, 2] {
      let decoder = try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: threads))
      try decoder.prepare(prompt: [1, 2, 3, 4, 5])
      let (plain, speculative) = (try decoder.decodePlainly(settings), try decoder.decodeSpeculatively(settings))
      #expect(plain.ids == speculative.ids)
      bits.append(speculative.cycles.map(\.tree))
      // Tokens that the draft has no head for are never proposed.
      if draftVocabulary != nil {
        #expect(speculative.cycles.allSatisfy { cycle in cycle.tree.tokens.dropFirst().allSatisfy { $0 % 2 == 0 && $0 < 200 } })
      }
    }
    #expect(bits[0] == bits[1])
  }

  @Test func statesAreThoseOfTheRightLayers() throws {
    let options = Eagle3DecoderTests.options("llama", seed: 3)
    let target = try TinyPair(target: .target(options), draft: .eagle3Draft(options)).target
    let compute = Compute(threads: 1)
    let taps = try TargetDecoder(target, compute: compute, taps: [0, 3, 7])
    var features = Activations(columns: 64)
    try taps.decode([7, 9], features: &features)
    // The input of the first layer is the embedding.
    let embedding = try #require(target.tensors[.tokenEmbedding])
    let values = try target.tensors.source.withBytes(of: embedding) { bytes in
      (0..<64).map { Float(bitPattern: bytes.littleEndian(UInt32.self, at: 4 * (9 * 64 + $0)) ?? 0) }
    }
    #expect(Array(taps.tappedValues(ofRow: 1).prefix(64)) == values)
    #expect(taps.tappedValues(ofRow: 1).count == 192)
  }
}
