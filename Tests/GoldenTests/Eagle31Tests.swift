import ByteStorage
import Checkpoints
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

/// EAGLE-3.1 drafts, with several layers and other numbers of states than three, against what the speculators library computes
/// (`scripts/make-eagle31-fixtures.py`).
struct Eagle31Tests {
  private static let tolerance: Float = 5e-5

  private static func tokens() throws -> [Int] {
    let text = try Fixtures.bytes("eagle31/tokens.json")
    let value = try JSONValue.parse(text.rawBytes, limits: .config)
    return try #require(value.array).compactMap(\.integer)
  }

  private static func array(_ name: String, _ part: String) throws -> NumPyArray { try NumPyArray(path: Fixtures.path("eagle31/\(name)/\(part).npy")) }

  /// A target that is only asked for its embedding and its head, which these drafts have of their own.
  private static func target() throws -> TargetModel {
    let tiny = try TinyModel.target(TinyModel.Options { ($0.hidden, $0.vocabulary, $0.layers, $0.heads, $0.keyValueHeads, $0.headDimension) = (16, 31, 8, 2, 1, 8) })
    return try TargetModel.recognise(tiny.source, config: tiny.document())
  }

  private static func row(_ values: [Float]) -> Activations {
    var row = Activations(tokens: 1, columns: values.count)
    var target = row.mutableRow(0)
    for (column, value) in values.enumerated() { target[column] = value }
    return row
  }

  private static func difference(_ row: [Float], _ recorded: NumPyArray, _ place: Int) -> Float {
    zip(row, recorded.values[(place * row.count)...]).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test(arguments: ["norms", "two-layers"]) func passesAreThoseOfSpeculators(name: String) throws {
    let checkpoint = try Checkpoint.open(path: Fixtures.path("eagle31/\(name)"))
    let model = try DraftModel.recognise(checkpoint.source, config: ConfigDocument(checkpoint.config, file: checkpoint.configPath))
    #expect(model.kind.name == "eagle3" && model.configuration.layerCount == (name == "norms" ? 1 : 2))
    let (tokens, states, compute) = (try Eagle31Tests.tokens(), try Eagle31Tests.array(name, "states"), Compute(threads: 1))
    let target = try TargetDecoder(Eagle31Tests.target(), compute: compute)
    let draft = try Eagle3DraftDecoder(model, context: DraftContext(target: target, compute: compute))
    let (width, count) = (states.shape[1], tokens.count)
    #expect(width == (name == "norms" ? 4 : 2) * 16)
    var features = Activations(tokens: count, columns: width)
    for token in 0..<count {
      var row = features.mutableRow(token)
      for column in 0..<width { row[column] = states.values[token * width + column] }
    }
    var regressed = Activations(columns: 16)
    try draft.pass(
      features: features, tokens: Array(tokens[1...]) + [tokens[0]], positions: Array(0..<count),
      visible: (0..<count).map { VisibleRows(prefix: $0 + 1) }, regressed: &regressed)
    var logits = Activations(columns: draft.outputWidth)
    try draft.logits(from: 0, into: &logits)
    let first = try Eagle31Tests.array(name, "first")
    for place in 0..<count {
      let difference = Eagle31Tests.difference(logits.values(ofRow: place), first, place)
      #expect(difference < Eagle31Tests.tolerance, "row \(place) is off by \(difference)")
    }
    // What follows each position: its own feature goes back in, with the token after the next.
    let second = try Eagle31Tests.array(name, "second")
    let outputs = (0..<count).map { regressed.values(ofRow: $0) }
    for place in (0..<count - 2).reversed() {
      draft.truncate(to: place + 1)
      try draft.pass(
        features: Eagle31Tests.row(outputs[place]), tokens: [tokens[place + 2]], positions: [place + 1],
        visible: [VisibleRows(prefix: place + 2)], regressed: &regressed)
      try draft.logits(from: 0, into: &logits)
      let difference = Eagle31Tests.difference(logits.values(ofRow: 0), second, place)
      #expect(difference < Eagle31Tests.tolerance, "row \(place) is off by \(difference)")
    }
  }

  /// A bundle's configuration gives the same draft, and says no more of EAGLE-3 than it did.
  @Test(arguments: ["norms", "two-layers"]) func manifestsKeepWhatIsThere(name: String) throws {
    let checkpoint = try Checkpoint.open(path: Fixtures.path("eagle31/\(name)"))
    let model = try DraftModel.recognise(checkpoint.source, config: ConfigDocument(checkpoint.config, file: checkpoint.configPath))
    let document = try ConfigDocument(.object(model.configuration.document), file: nil)
    #expect(try TransformerConfiguration(reading: document) == model.configuration)
    let plain = try TinyModel.eagle3Draft()
    let eagle3 = try DraftModel.recognise(plain.source, config: plain.document())
    #expect(!eagle3.configuration.document.keys.contains { ["fc_norm", "norm_before_fc", "norm_output"].contains($0) })
  }
}
