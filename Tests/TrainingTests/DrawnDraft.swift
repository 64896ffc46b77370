import ByteStorage
import LinearAlgebra
import Models
import Tensors
import TestSupport
import Testing

import Training

/// A tiny draft and a batch whose numbers are drawn by name, as `scripts/make-training-vectors.py` draws them, with what PyTorch says of it.
struct DrawnDraft {
  static let (hidden, heads, keyHeads, wide, vocabulary, own) = (8, 2, 1, 12, 24, 16)

  let kind: String
  let vectors: JSONValue
  let target: TargetModel
  let draft: DraftModel
  let compute: Compute

  init(_ kind: String, threads: Int = 1) throws {
    self.kind = kind
    compute = Compute(threads: threads)
    let bytes = try Fixtures.bytes("training/\(kind).json")
    vectors = try JSONValue.parse(bytes.rawBytes, limits: .config)
    let gradients = try #require(vectors["gradients"]?.object)
    var (sizes, source): (JSONObject, MemorySource) = (DrawnDraft.sizes, MemorySource())
    if kind == "eagle3" {
      sizes["draft_vocab_size"] = .integer(DrawnDraft.own)
      let offsets = (0..<DrawnDraft.own).flatMap { own in [UInt8(own / 2)] + [UInt8](repeating: 0, count: 7) }
      try source.add("d2t", .i64, [DrawnDraft.own], bytes: offsets)
    }
    let declared = try #require(DraftKind.named(kind))
    let configuration = try declared.configuration(ConfigDocument(.object(sizes), file: nil))
    for rule in declared.rules(configuration) where gradients[rule.name] != nil {
      try source.add(rule.name, .f32, rule.shape, values: DrawnDraft.values("\(kind)/\(rule.name)", rule.shape.reduce(1, *)))
    }
    let shape = [DrawnDraft.vocabulary, DrawnDraft.hidden]
    let embedding = DrawnDraft.values("target/embed_tokens", shape[0] * shape[1])
    if kind == "griffin" { try source.add("embed_tokens.weight", .f32, shape, values: embedding) }
    draft = try DraftModel(kind: declared, configuration: configuration, table: TensorTable(source), prefix: "", file: nil)

    var options = TinyModel.Options()
    (options.hidden, options.heads, options.keyValueHeads, options.headDimension) = (DrawnDraft.hidden, DrawnDraft.heads, DrawnDraft.keyHeads, nil)
    (options.intermediate, options.vocabulary, options.layers) = (DrawnDraft.wide, DrawnDraft.vocabulary, 1)
    var tiny = try TinyModel.target(options)
    for (name, values) in [("model.embed_tokens.weight", embedding), ("lm_head.weight", DrawnDraft.values("target/lm_head", shape[0] * shape[1]))] {
      tiny.source.remove(name)
      try tiny.source.add(name, .f32, shape, values: values)
    }
    target = try TargetModel.recognise(tiny.source, config: tiny.document())
  }

  private static let sizes: JSONObject = [
    "hidden_size": .integer(hidden), "intermediate_size": .integer(wide), "num_hidden_layers": 1, "num_attention_heads": .integer(heads),
    "num_key_value_heads": .integer(keyHeads), "vocab_size": .integer(vocabulary), "rms_norm_eps": .number(1e-5), "rope_theta": 100.0,
    "hidden_act": "silu",
  ]

  /// Numbers of `[0, 1)`.
  static func drawn(_ name: String, _ count: Int) -> [Double] {
    var seed: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in Double(numbers.next() >> 11) * 0x1p-53 }
  }

  static func values(_ name: String, _ count: Int) -> [Float] {
    drawn(name, count).map { value in
      if name.contains("norm") { return Float(1 + (value - 0.5) * 0.4) }
      if name.hasSuffix("bias") { return Float((value - 0.5) * 0.2) }
      let size = name.contains("lm_head") ? 4 : name == "features" || name == "targets" ? 0.8 : 0.5
      return Float((value - 0.5) * 2 * size)
    }
  }

  static func matrix(_ name: String, rows: Int, columns: Int) -> Activations { matrix(values(name, rows * columns), columns: columns) }

  static func matrix(_ values: [Float], columns: Int) -> Activations {
    var matrix = Activations(tokens: values.count / columns, columns: columns)
    for row in 0..<matrix.tokens {
      var span = matrix.mutableRow(row)
      for column in 0..<columns { span[column] = values[row * columns + column] }
    }
    return matrix
  }

  func trainable() throws -> any TrainableDraft { try TrainableDrafts.make(draft, target: target, compute: compute) }

  func objective() throws -> TrainingObjective {
    var objective = TrainingObjective(kind: kind)
    objective.passes = 3
    objective.alignedCount = try #require(vectors["aligned"]?.integer)
    return objective
  }

  func batch() throws -> TrainingBatch {
    func integers(_ key: String) throws -> [Int] { try #require(vectors[key]?.array).compactMap(\.integer) }
    let rows = TextRows(lengths: try integers("lengths"))
    let width = (kind == "eagle3" ? 3 : 1) * DrawnDraft.hidden
    return TrainingBatch(
      rows: rows, tokens: try integers("tokens"), labels: try integers("labels"), best: try integers("best"),
      isCounted: try #require(vectors["counted"]?.array).compactMap(\.bool),
      features: DrawnDraft.matrix("features", rows: rows.count, columns: width),
      targets: DrawnDraft.matrix("targets", rows: rows.count, columns: DrawnDraft.hidden))
  }

  /// The tensor of a parameter, as the vectors name it.
  func name(of parameter: Parameter) throws -> String {
    try #require(draft.tensors.bindings.first { $0.role == parameter.role }).name
  }

  /// The vectors' values of a tensor.
  func expected(_ key: String, _ parameter: Parameter) throws -> [Float] {
    try #require(vectors[key]?[name(of: parameter)]?.array).compactMap(\.double).map { Float($0) }
  }
}

/// The largest difference, by the largest value that was expected.
func relativeError(_ found: [Float], _ expected: [Float]) -> Float {
  guard found.count == expected.count else { return .infinity }
  let size = expected.reduce(0) { max($0, abs($1)) }
  return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / max(size, 1e-30)
}

/// All values of a matrix, row after row.
func values(_ matrix: borrowing Activations) -> [Float] {
  var all: [Float] = []
  for row in 0..<matrix.tokens { all += matrix.values(ofRow: row) }
  return all
}
