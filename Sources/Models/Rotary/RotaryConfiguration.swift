internal import ByteStorage

/// Rotary position embedding: the base of its frequencies and how they are scaled for long texts.
public struct RotaryConfiguration: Sendable, Hashable {
  /// What every released LLaMA-like implementation assumes where `rope_theta` is absent.
  public static let defaultBase = 10000.0

  /// `rope_theta`.
  public var base: Double
  public var scaling: RotaryScaling
  /// Divisors of the inverse frequencies, `[head_dim / 2]`, where a file brings the scaling as numbers instead of as a
  /// rule (`rope_freq_factors`; GGUF's `rope_freqs.weight`). They apply after `scaling`.
  public var frequencyFactors: [Float]?

  static let baseRange = 1...1e18

  /// Reads `rope_theta`, and `rope_scaling` or the newer `rope_parameters`.
  ///
  /// Of values that are stated twice the inner one counts, as in transformers 5 and llama.cpp, and `rope_scaling` before
  /// `rope_parameters`; `RotaryStatements` says where they contradict each other.
  /// - Parameter maximumPositions: `max_position_embeddings`, which some scaling types refer to.
  /// - Throws: `malformed` for values out of range or missing, `unsupported` for a scaling type that is not known or
  ///   a rotation of less than the whole head.
  init(reading document: ConfigDocument, maximumPositions: Int?) throws(GriffinError) {
    let statements = try RotaryStatements(document)
    base = try statements.first { (place) throws(GriffinError) in
      try place.double("rope_theta", in: RotaryConfiguration.baseRange)
    } ?? RotaryConfiguration.defaultBase
    for source in statements.places {
      if let share = try source.double("partial_rotary_factor", in: 0...1), share != 1 {
        throw GriffinError(
          .unsupported, file: document.file, "partial_rotary_factor is \(share); only rotation of whole heads is known")
      }
    }
    scaling = try statements.scaling.map { (scaling) throws(GriffinError) in
      try RotaryScaling(
        reading: scaling,
        maximumPositions: maximumPositions, originalPositions: RotaryStatements.originalPositions(document), file: document.file)
    } ?? .none
    frequencyFactors = try document.frequencyFactors("rope_freq_factors")
  }

  /// Inverse frequencies of one head for a token, `[headDimension / 2]`, computed in f32 step by step as torch does.
  ///
  /// - Parameter position: The token's position. It matters to `dynamic` scaling alone, whose base grows with the
  ///   length of the text: a token's frequencies are those of the text up to and including itself.
  public func inverseFrequencies(headDimension: Int, position: Int = 0) -> [Float] {
    var frequencies = scaling.inverseFrequencies(base: base, headDimension: headDimension, position: position)
    for (pair, factor) in (frequencyFactors ?? []).enumerated() where pair < frequencies.count { frequencies[pair] /= factor }
    return frequencies
  }

  /// Positions below which frequencies do not depend on the position; nil where they never do.
  public var fixedPositions: Int? {
    if case .dynamic(let scaling) = scaling { scaling.originalPositions } else { nil }
  }

  /// What cosines and sines are multiplied by.
  public var attentionFactor: Double { scaling.attentionFactor }

  /// Inverse frequencies without scaling: exponent, power and reciprocal each rounded to f32, as torch computes them.
  static func unscaled(base: Double, headDimension: Int) -> [Float] {
    (0..<headDimension / 2).map { pair in
      1 / Float(power(base, Double(Float(2 * pair) / Float(headDimension))))
    }
  }
}

extension ConfigDocument {
  /// A list of positive floats.
  fileprivate func frequencyFactors(_ key: String) throws(GriffinError) -> [Float]? {
    guard let value = value(key) else { return nil }
    let factors = (value.array ?? []).compactMap(\.double).map { Float($0) }.filter { $0.isFinite && $0 > 0 }
    guard let list = value.array, factors.count == list.count else {
      throw GriffinError(.malformed, file: file, "\(key) is not a list of positive numbers")
    }
    return factors
  }
}
