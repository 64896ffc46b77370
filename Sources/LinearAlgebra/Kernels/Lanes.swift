/// Lanes of every dot product, see `Compute`.
let laneCount = 16

/// The next multiple of the lane count.
func roundedToLanes(_ count: Int) -> Int { (count + laneCount - 1) / laneCount * laneCount }

/// 16 partial sums folded in the one fixed order: halves, quarters, pairs, the last two.
func fold(_ lanes: SIMD16<Float>) -> Float {
  let eight = lanes.lowHalf + lanes.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}
