internal import ByteStorage

/// Rotary position embedding: the base of its frequencies and how they are scaled for long texts.
public struct RotaryConfiguration: Sendable, Hashable {
  /// What every released LLaMA-like implementation assumes where `rope_theta` is absent.
  public static let defaultBase = 10000.0

  /// `rope_theta`.
  public var base: Double
  public var scaling: RotaryScaling

  /// Newer files have base and scaling together in `rope_parameters`; what stands outside it counts first.
  ///
  /// - Throws: `malformed` for a base that is not positive, `unsupported` for a scaling type that is not known.
  init(reading document: ConfigDocument) throws(GriffinError) {
    let range = 1...1e18
    let parameters = try ConfigDocument(document.value("rope_parameters") ?? [:], file: document.file)
    let (outside, inside) = (try document.double("rope_theta", in: range), try parameters.double("rope_theta", in: range))
    base = outside ?? inside ?? RotaryConfiguration.defaultBase
    scaling = try RotaryScaling(
      reading: document.value("rope_scaling") ?? document.value("rope_parameters"), file: document.file)
  }

  /// Inverse frequencies of one head, `[headDimension / 2]`: exponent, power and reciprocal each rounded to f32, as
  /// torch computes them.
  public func inverseFrequencies(headDimension: Int) -> [Float] {
    (0..<headDimension / 2).map { index in
      1 / Float(power(base, Double(Float(2 * index) / Float(headDimension))))
    }
  }
}

/// How rotary frequencies are scaled (`rope_scaling`).
public enum RotaryScaling: Sendable, Hashable {
  /// No scaling: the key is absent, null, or of type `default`.
  case none

  init(reading value: JSONValue?, file: String?) throws(GriffinError) {
    guard let value else {
      self = .none
      return
    }
    let type = value.object?["rope_type"]?.string ?? value.object?["type"]?.string
    guard type == "default" else {
      throw GriffinError(
        .unsupported, file: file,
        "rope_scaling is of type \((type ?? "(unnamed)").shortened(to: 40).printable), which is not known; positions would be wrong")
    }
    self = .none
  }

  var document: JSONValue { .null }
}
