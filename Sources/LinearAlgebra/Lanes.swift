/// Lanes of every dot product, see `Compute`.
let laneCount = 16

/// The next multiple of the lane count.
func roundedToLanes(_ count: Int) -> Int { (count + laneCount - 1) / laneCount * laneCount }

/// The definition of every sum in this module: what each instruction set must reproduce bit for bit.
enum Lanes {
  /// 16 partial sums, folded in one fixed order: halves, quarters, pairs, the last two.
  static func fold(_ lanes: SIMD16<Float>) -> Float {
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// A dot product over whole lane groups: lane `k mod 16`, fused multiply-add, ascending `k`.
  static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
    precondition(a.count == b.count && a.count % laneCount == 0, "spans of \(a.count) and \(b.count) floats")
    var sums = SIMD16<Float>()
    for start in stride(from: 0, to: a.count, by: laneCount) {
      for lane in 0..<laneCount {
        sums[lane] = sums[lane].addingProduct(a[start + lane], b[start + lane])
      }
    }
    return fold(sums)
  }
}
