internal import ByteStorage

/// How rotary frequencies are scaled (`rope_scaling`). A type is a file beside this one, and its cases here.
///
/// - Source: `ROPE_INIT_FUNCTIONS` in Hugging Face transformers' `modeling_rope_utils.py`.
public enum RotaryScaling: Sendable, Hashable {
  /// No scaling: the key is absent, null, or of type `default`.
  case none
  case linear(LinearScaling)
  case dynamic(DynamicScaling)
  case llama3(Llama3Scaling)
  case yarn(YarnScaling)

  /// - Throws: `unsupported` naming a type that is not known, `malformed` for its numbers.
  ///
  /// - Parameter originalPositions: `original_max_position_embeddings` beside the scaling, where it stands there.
  init(reading value: JSONValue, maximumPositions: Int?, originalPositions: Int? = nil, file: String?) throws(GriffinError) {
    let type = value.object?["rope_type"]?.string ?? value.object?["type"]?.string
    let parameters = ScalingParameters(
      document: try ConfigDocument(value.object.map { .object($0) } ?? [:], file: file), maximumPositions: maximumPositions,
      outerOriginalPositions: originalPositions)
    switch type {
    case "default": self = .none
    case LinearScaling.name: self = .linear(try LinearScaling(reading: parameters))
    case DynamicScaling.name: self = .dynamic(try DynamicScaling(reading: parameters))
    case Llama3Scaling.name: self = .llama3(try Llama3Scaling(reading: parameters))
    case YarnScaling.name: self = .yarn(try YarnScaling(reading: parameters))
    default:
      throw GriffinError(
        .unsupported, file: file,
        "rope_scaling is of type \((type ?? "(unnamed)").shortened(to: 40).printable), which is not known; positions would be wrong",
        hints: ["known types: default, linear, dynamic, llama3, yarn"])
    }
  }

  /// The type's own rule; nil where there is no scaling.
  private var rule: (any ScalingRule)? {
    switch self {
    case .none: nil
    case .linear(let rule): rule
    case .dynamic(let rule): rule
    case .llama3(let rule): rule
    case .yarn(let rule): rule
    }
  }

  func inverseFrequencies(base: Double, headDimension: Int, position: Int) -> [Float] {
    rule?.inverseFrequencies(base: base, headDimension: headDimension, position: position)
      ?? RotaryConfiguration.unscaled(base: base, headDimension: headDimension)
  }

  var attentionFactor: Double { rule?.attentionFactor ?? 1 }

  /// The normalised `rope_scaling`: its type and all its numbers.
  var document: JSONValue { rule.map { .object($0.document) } ?? .null }
}

/// One way of scaling.
protocol ScalingRule: Sendable, Hashable {
  /// The value of `rope_type`.
  static var name: String { get }

  init(reading parameters: ScalingParameters) throws(GriffinError)

  /// `[headDimension / 2]`.
  func inverseFrequencies(base: Double, headDimension: Int, position: Int) -> [Float]

  var attentionFactor: Double { get }

  var document: JSONObject { get }
}

extension ScalingRule {
  var attentionFactor: Double { 1 }
}

/// The members of a `rope_scaling`, and what they refer to outside.
struct ScalingParameters {
  let document: ConfigDocument
  let maximumPositions: Int?
  /// `original_max_position_embeddings` of the configuration itself.
  let outerOriginalPositions: Int?

  /// A number that the type needs.
  func required(_ key: String, in range: ClosedRange<Double>) throws(GriffinError) -> Double {
    guard let value = try document.double(key, in: range) else { throw missing(key) }
    return value
  }

  /// How many times longer texts become.
  func factor() throws(GriffinError) -> Double { try required("factor", in: 1...1e6) }

  /// `original_max_position_embeddings`, inside or else outside, or where it is absent `max_position_embeddings`.
  func originalPositions() throws(GriffinError) -> Int {
    let stated = try RotaryStatements.originalPositions(document)
    guard let positions = stated ?? outerOriginalPositions ?? maximumPositions else { throw missing("original_max_position_embeddings") }
    return positions
  }

  /// How many times `max_position_embeddings` exceeds the trained length, for a file without a factor.
  func growth(over original: Int) throws(GriffinError) -> Double {
    guard let maximumPositions, maximumPositions >= original else { throw missing("factor") }
    return Double(maximumPositions) / Double(original)
  }

  private func missing(_ key: String) -> GriffinError {
    GriffinError(.malformed, file: document.file, "rope_scaling has no \(key), which its type needs")
  }
}
