/// The best of all ways to split values, in ascending order, in three: those before `first`, those before `second`, the rest.
struct TernarySplit {
  private(set) var scale: Float
  private(set) var first = 0
  private(set) var second = 0
  /// Whether digits are moved down: of all values, or of each half.
  private(set) var isDown: [Bool] = []
  private var score = -Float.greatestFiniteMagnitude

  /// All values moved alike.
  /// - Returns: nil where no split has anything that counts.
  init?(_ x: [Float], _ weights: [Float], order: [Int], largest: Float) {
    scale = largest
    var sums: [Float] = [0]
    var totals: [Float] = [0]
    for (place, index) in order.enumerated() {
      sums.append(sums[place] + weights[index] * x[index])
      totals.append(totals[place] + weights[index])
    }
    let count = x.count
    for first in 0...count {
      for second in first...count {
        for isDown in [false, true] {
          let low = TernarySearch.lowest(down: isDown)
          let (middle, high) = (low + 1, low + 2)
          let products = sums[first] * low + (sums[second] - sums[first]) * middle + (sums[count] - sums[second]) * high
          let squares =
            totals[first] * low * low + (totals[second] - totals[first]) * middle * middle
            + (totals[count] - totals[second]) * high * high
          consider(products, squares, first, second, [isDown])
        }
      }
    }
    if isDown.isEmpty { return nil }
  }

  /// Each half moved by itself, with sums of each half's values alone.
  /// - Returns: nil where no split has anything that counts.
  init?(halvesOf x: [Float], _ weights: [Float], order: [Int], largest: Float) {
    scale = largest
    var sums: [[Float]] = [[0], [0]]
    var totals = sums
    for (place, index) in order.enumerated() {
      let half = index / 8
      sums[half].append(sums[half][place] + weights[index] * x[index])
      totals[half].append(totals[half][place] + weights[index])
      sums[1 - half].append(sums[1 - half][place])
      totals[1 - half].append(totals[1 - half][place])
    }
    let count = x.count
    for first in 0...count {
      for second in first...count {
        func products(_ half: Int, _ isDown: Bool) -> Float {
          sums[half][count] * (isDown ? 0.875 : 1.125) - (sums[half][first] + sums[half][second])
        }
        func squares(_ half: Int, _ isDown: Bool) -> Float {
          let high: Float = isDown ? 0.875 : 1.125
          return totals[half][count] * high * high + totals[half][first] * (isDown ? 1.25 : 0.75)
            + totals[half][second] * (isDown ? -0.75 : -1.25)
        }
        for isDown in [[false, false], [false, true], [true, false], [true, true]] {
          consider(
            products(0, isDown[0]) + products(1, isDown[1]), squares(0, isDown[0]) + squares(1, isDown[1]), first, second, isDown)
        }
      }
    }
    if isDown.isEmpty { return nil }
  }

  private mutating func consider(_ products: Float, _ squares: Float, _ first: Int, _ second: Int, _ isDown: [Bool]) {
    guard squares > 0 && products * products > score * squares else { return }
    scale = products / squares
    score = scale * products
    (self.first, self.second, self.isDown) = (first, second, isDown)
  }
}
