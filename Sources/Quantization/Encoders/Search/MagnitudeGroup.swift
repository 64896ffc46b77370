/// Values that share a scale, apart from their signs.
struct MagnitudeGroup {
  /// Magnitudes. Where signs are even in number, one of eight may be negative.
  private(set) var x: [Float]
  let weights: [Float]
  /// The roots of the weights: what differences count when a point is sought.
  let roots: [Float]
  /// A bit for each negative value of eight, the first lowest.
  private(set) var signs: [UInt8]

  /// - Parameter even: Whether the eighth sign makes their number even; where it does not, the value for which that costs
  ///   least gets the other sign.
  init(_ values: Span<Float>, weights: [Float], even: Bool) {
    self.weights = weights
    roots = weights.map { $0.squareRoot() }
    x = values.indices.map { values[$0] >= 0 ? values[$0] : -values[$0] }
    signs = stride(from: 0, to: values.count, by: 8).map { start in
      (0..<8).reduce(0) { $0 | (values[start + $1] < 0 ? 1 << UInt8($1) : 0) }
    }
    guard even else { return }
    for part in signs.indices {
      if signs[part].nonzeroBitCount % 2 == 1 {
        var cheapest = 0
        var least = weights[8 * part] * values[8 * part] * values[8 * part]
        for index in 1..<8 {
          let cost = weights[8 * part + index] * values[8 * part + index] * values[8 * part + index]
          if cost < least { (least, cheapest) = (cost, index) }
        }
        x[8 * part + cheapest] = -x[8 * part + cheapest]
        signs[part] ^= 1 << UInt8(cheapest)
      }
      signs[part] &= 127
    }
  }
}
