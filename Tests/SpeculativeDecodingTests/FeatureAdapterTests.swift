import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

/// Drafts with an adapter for the target's states (`formats/griffin-draft.md`, section 6).
struct FeatureAdapterTests {
  private static let hidden = 64

  private static func draft(_ kind: String) throws -> (model: TinyModel, fusion: String) {
    let options = TinyModel.Options(seed: 8) { $0.layers = 1 }
    return kind == "griffin" ? (try .draft(options), "fc.fc.weight") : (try .eagleDraft(options), "fc.weight")
  }

  /// Near doing nothing, and not symmetric.
  private static func adapter() -> [Float] {
    var numbers = SeededNumbers(seed: 12)
    return (0..<hidden * hidden).map { ($0 % (hidden + 1) == 0 ? 1 : 0) + Float.random(in: -0.1...0.1, using: &numbers) }
  }

  private static func decoder(_ draft: TinyModel) throws -> PairDecoder {
    let pair = try TinyPair(target: .target(TinyModel.Options(seed: 8)), draft: draft)
    return try PairDecoder(target: pair.target, draft: pair.draft, compute: Compute(threads: 1))
  }

  /// Before the first pass an adapter is the projection's right half times it.
  @Test(arguments: ["griffin", "eagle"]) func theFirstPassIsThatOfAFoldedProjection(kind: String) throws {
    var (adapted, name) = try FeatureAdapterTests.draft(kind)
    var folded = adapted
    let (hidden, adapter) = (FeatureAdapterTests.hidden, FeatureAdapterTests.adapter())
    let bytes = folded.source.bytes(name)
    var fusion = (0..<bytes.count / 4).map { place in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * place + $1]) << (8 * UInt32($1)) })
    }
    for row in 0..<hidden {
      let old = Array(fusion[(row * 2 + 1) * hidden..<(row * 2 + 2) * hidden])
      for column in 0..<hidden {
        fusion[(row * 2 + 1) * hidden + column] = Float((0..<hidden).reduce(0.0) { $0 + Double(old[$1]) * Double(adapter[$1 * hidden + column]) })
      }
    }
    folded.source.remove(name)
    try folded.source.add(name, .f32, [hidden, 2 * hidden], values: fusion)
    try adapted.source.add("adapter.weight", .f32, [hidden, hidden], values: adapter)

    let tokens = [3, 99, 12, 7, 150, 31, 8, 77]
    var all: [[Float]] = []
    for model in [adapted, folded, try FeatureAdapterTests.draft(kind).model] {
      let decoder = try FeatureAdapterTests.decoder(model)
      var logits = Activations(columns: 203)
      try decoder.predict(decoder.reading(of: tokens, cancellation: Cancellation()), pairs: 0..<7, into: &logits)
      all.append((0..<7).flatMap { logits.values(ofRow: $0) })
    }
    #expect(zip(all[0], all[1]).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(zip(all[0], all[2]).contains { abs($0 - $1) > 0.1 })
  }

  /// Real text and drafted text go through it and past it, alike in decoding and in what measures drafts.
  @Test(arguments: ["griffin", "eagle"]) func speculativeEqualsPlain(kind: String) throws {
    var (model, _) = try FeatureAdapterTests.draft(kind)
    try model.source.add("adapter.weight", .f32, [FeatureAdapterTests.hidden, FeatureAdapterTests.hidden], values: FeatureAdapterTests.adapter())
    let decoder = try FeatureAdapterTests.decoder(model)
    let settings = DecodeSettings(maxNewTokens: 48)
    try decoder.prepare(prompt: [3, 99, 12, 7])
    let plain = try decoder.decodePlainly(settings)
    let speculative = try decoder.decodeSpeculatively(settings)
    #expect(plain.ids == speculative.ids && plain.ids.count == 48)
    #expect(speculative.cycles.contains { $0.acceptedDraftTokens > 0 })
    // The first choice of a walk over the text is the root's first child in the tree that was drafted after it.
    let text = try decoder.reading(of: [3, 99, 12, 7] + plain.ids, cancellation: Cancellation())
    let choices = try decoder.following(text, cancellation: Cancellation()).choices
    let first = try #require(speculative.cycles.first)
    #expect(first.tree.tokens[1...].contains(choices[3].token))
  }

  @Test func otherShapesAreRefused() throws {
    var (model, _) = try FeatureAdapterTests.draft("griffin")
    try model.source.add("adapter.weight", .f32, [FeatureAdapterTests.hidden, 3], values: [Float](repeating: 0, count: 3 * FeatureAdapterTests.hidden))
    let error = #expect(throws: GriffinError.self) { try DraftModel.recognise(model.source, config: model.document()) }
    #expect(error?.kind == .inconsistent)
  }
}
