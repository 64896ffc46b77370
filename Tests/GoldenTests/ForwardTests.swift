import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

/// What the layers compute, held against float32 arrays of the paper's released implementation.
struct ForwardTests {
  /// The largest difference that rounding may make to values of a few units.
  private static let tolerance: Float = 2e-5

  private static func values(_ matrix: borrowing Activations) -> [Float] {
    var values: [Float] = []
    for token in 0..<matrix.tokens {
      let row = matrix.row(token)
      for column in row.indices { values.append(row[column]) }
    }
    return values
  }

  private static func difference(_ mine: [Float], _ other: some Collection<Float>) -> Float {
    guard mine.count == other.count else { return .infinity }
    return zip(mine, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// The features of a text, `[tokens, hidden_size]`, read in one pass.
  private static func features(_ decoder: TargetDecoder, _ text: [Int], isPrefill: Bool = true) throws -> Activations {
    var features = Activations(columns: decoder.configuration.hiddenSize)
    try decoder.decode(text, isPrefill: isPrefill, features: &features)
    return features
  }

  @Test(arguments: GoldenPair.griffins) func featuresAndLogitsOfTheTarget(name: String) throws {
    let pair = try GoldenPair(name)
    let text = try pair.text()
    let recorded = try pair.array("hidden_layers")
    try #require(recorded.shape == [pair.target.configuration.layerCount + 1, 32, pair.target.configuration.hiddenSize])
    try #require(text.count == 32)
    let decoder = try TargetDecoder(pair.target, compute: Compute(threads: 2))
    let features = try ForwardTests.features(decoder, text)
    let last = recorded.values.suffix(32 * pair.target.configuration.hiddenSize)
    #expect(ForwardTests.difference(ForwardTests.values(features), last) < ForwardTests.tolerance)
    var logits = Activations(columns: pair.target.configuration.vocabularySize)
    try decoder.logits(features, into: &logits)
    let mine = ForwardTests.values(logits).suffix(logits.columns)
    #expect(ForwardTests.difference(Array(mine), try pair.array("logits").values) < ForwardTests.tolerance)
  }

  /// A model cut after a layer shows that layer through the final norm.
  @Test(arguments: GoldenPair.griffins) func hiddenStatesOfEveryLayer(name: String) throws {
    let pair = try GoldenPair(name)
    let (text, recorded) = (try pair.text(), try pair.array("hidden_layers"))
    let hidden = pair.target.configuration.hiddenSize
    let norm = try #require(pair.target.tensors[.finalNorm])
    let weight = try WeightMatrix(
      source: pair.target.tensors.source, index: norm,
      decoder: #require(RowDecoder.float(pair.target.tensors.source.tensors[norm].type))
    ).decoded()
    for count in 1..<pair.target.configuration.layerCount {
      let decoder = try TargetDecoder(pair.target.cut(afterLayers: count), compute: Compute(threads: 1))
      let features = ForwardTests.values(try ForwardTests.features(decoder, text))
      for token in 0..<32 {
        let row = recorded.row(count * 32 + token).map(Double.init)
        let square = row.reduce(0) { $0 + $1 * $1 } / Double(hidden)
        let factor = 1 / (square + pair.target.configuration.rmsNormEpsilon).squareRoot()
        let expected = zip(row, weight).map { Float($0 * factor * Double($1)) }
        let mine = Array(features[token * hidden..<(token + 1) * hidden])
        #expect(ForwardTests.difference(mine, expected) < ForwardTests.tolerance, "layer \(count), token \(token)")
      }
    }
  }

  @Test(arguments: GoldenPair.griffins) func passOfTheDraft(name: String) throws {
    let pair = try GoldenPair(name)
    let (text, hidden) = (try pair.text(), pair.target.configuration.hiddenSize)
    let compute = Compute(threads: 2)
    let target = try TargetDecoder(pair.target, compute: compute)
    // Features of positions 0 to 15 with the tokens that follow them.
    let features = try ForwardTests.features(target, Array(text.prefix(16)))
    let draft = try GriffinDraftDecoder(pair.draft, context: DraftContext(target: target, compute: compute))
    var regressed = Activations(columns: draft.featureWidth)
    try draft.pass(
      features: features, tokens: Array(text[1...16]), positions: Array(0..<16),
      visible: (0..<16).map { VisibleRows(prefix: $0 + 1) }, regressed: &regressed)
    #expect(draft.length == 16)

    let (attention, sum) = (ForwardTests.values(draft.inner), ForwardTests.values(draft.fused))
    let fused = zip(sum, attention).map { $0 - $1 }
    let output = ForwardTests.values(draft.output)
    let predicted = (0..<16).flatMap { output[$0 * 2 * hidden..<$0 * 2 * hidden + hidden] }
    for (mine, file) in [
      (fused, "draft_fc"), (attention, "draft_attn"), (predicted, "draft_predict"),
      (ForwardTests.values(regressed), "draft_regress"),
    ] {
      #expect(ForwardTests.difference(mine, try pair.array(file).values) < ForwardTests.tolerance, "\(file)")
    }

    try ForwardTests.compareLogProbabilities(of: draft, pair, compute)
  }

  @Test func passOfAnEagleDraft() throws {
    let pair = try GoldenPair("llama2-eagle2")
    let (text, compute) = (try pair.text(), Compute(threads: 2))
    let target = try TargetDecoder(pair.target, compute: compute)
    let features = try ForwardTests.features(target, Array(text.prefix(16)))
    let draft = try EagleDraftDecoder(pair.draft, context: DraftContext(target: target, compute: compute))
    var regressed = Activations(columns: draft.featureWidth)
    try draft.pass(
      features: features, tokens: Array(text[1...16]), positions: Array(0..<16),
      visible: (0..<16).map { VisibleRows(prefix: $0 + 1) }, regressed: &regressed)
    for (mine, file) in [
      (ForwardTests.values(draft.projected), "draft_fc"), (ForwardTests.values(draft.attended), "draft_attn"),
      (ForwardTests.values(draft.output), "draft_predict"), (ForwardTests.values(regressed), "draft_predict"),
    ] {
      #expect(ForwardTests.difference(mine, try pair.array(file).values) < ForwardTests.tolerance, "\(file)")
    }
    try ForwardTests.compareLogProbabilities(of: draft, pair, compute)
  }

  /// What the last of 16 pairs predicts.
  private static func compareLogProbabilities(of draft: any DraftDecoder, _ pair: GoldenPair, _ compute: Compute) throws {
    var logits = Activations(columns: pair.target.configuration.vocabularySize)
    try draft.logits(from: 15, into: &logits)
    var probabilities = [Float](repeating: 0, count: logits.columns)
    var span = probabilities.mutableSpan
    compute.logSoftmax(logits.row(0), into: &span)
    #expect(difference(probabilities, try pair.array("draft_logprobs_last").values) < tolerance)
  }
}

extension TargetModel {
  /// The same model with its first layers alone.
  fileprivate func cut(afterLayers count: Int) throws -> TargetModel {
    var source = MemorySource()
    for binding in tensors.bindings {
      if case .layer(let layer, _) = binding.role, layer >= count { continue }
      let tensor = tensors.source.tensors[binding.index]
      let bytes = try tensors.source.withBytes(of: binding.index) { bytes in
        bytes.copied
      }
      try source.add(binding.name, tensor.type, tensor.shape.dimensions, bytes: bytes)
    }
    var configuration = configuration
    configuration.layerCount = count
    return try TargetModel(family: family, configuration: configuration, table: TensorTable(source), prefix: "", file: nil)
  }
}
