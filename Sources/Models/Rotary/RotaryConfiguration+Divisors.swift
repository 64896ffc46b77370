internal import ByteStorage

extension RotaryConfiguration {
  /// What unscaled inverse frequencies are divided by, `[headDimension / 2]`, where that is how another program keeps the scaling:
  /// LLaMA 3.1's rule as numbers, times the factors that a file brought itself. nil where there is neither.
  ///
  /// - Source: `generate_extra_tensors` of `LlamaModel` in llama.cpp's converter, whose float32 steps these are.
  package func divisors(headDimension: Int) -> [Float]? {
    guard case .llama3(let scaling) = scaling else { return frequencyFactors }
    let rule = scaling.divisors(of: RotaryConfiguration.unscaled(base: base, headDimension: headDimension))
    return frequencyFactors.map { zip(rule, $0).map(*) } ?? rule
  }
}

extension Llama3Scaling {
  fileprivate func divisors(of frequencies: [Float]) -> [Float] {
    let (length, low) = (Float(originalPositions), Float(lowFrequencyFactor))
    let longest = Float(Double(originalPositions) / lowFrequencyFactor)
    let shortest = Float(Double(originalPositions) / highFrequencyFactor)
    let range = Float(highFrequencyFactor - lowFrequencyFactor)
    return frequencies.map { frequency in
      let wave = Float(2 * Double.pi) / frequency
      if wave < shortest { return 1 }
      if wave > longest { return Float(factor) }
      let share = (length / wave - low) / range
      return 1 / ((1 - share) / Float(factor) + share)
    }
  }
}
