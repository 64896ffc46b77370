package import ByteStorage

extension Llama3Scaling {
  /// The scaling whose numbers a file has in the place of its rule, as ggml does; nil where none of the released form makes them.
  ///
  /// Released models slow waves between a whole and a quarter of the trained length, which is a power of two.
  /// - Parameter factors: Divisors of the inverse frequencies, `[headDimension / 2]`.
  /// - Source: `rope_freqs` in llama.cpp's `convert_hf_to_gguf.py`.
  package static func explaining(_ factors: [Float], base: Double, headDimension: Int) -> Llama3Scaling? {
    let unscaled = RotaryConfiguration.unscaled(base: base, headDimension: headDimension)
    guard let factor = factors.max(), factors.count == unscaled.count else { return nil }
    // Factors are printed with few digits at times; released ones are whole or halves.
    for factor in [(2 * Double(factor)).rounded() / 2, Double(factor)] {
      for exponent in 7...20 {
        let scaling = Llama3Scaling(
          factor: factor, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 1 << exponent)
        let frequencies = scaling.inverseFrequencies(base: base, headDimension: headDimension, position: 0)
        let fits = zip(frequencies, zip(unscaled, factors)).allSatisfy { abs($0 * $1.1 / $1.0 - 1) < 1e-5 }
        if fits { return scaling }
      }
    }
    return nil
  }

  /// `rope_scaling` of a configuration.
  package var scalingDocument: JSONObject { document }
}
