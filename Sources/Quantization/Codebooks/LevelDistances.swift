/// Squared distances between codes, whose levels are coordinates, summed from those of their halves.
struct LevelDistances {
  /// Every code that levels can have.
  let codes: [UInt16]
  private let halfBits: Int
  private let halves: [UInt8]

  init(width: Int, levelBits: Int, levels: Int) {
    func codes(of width: Int) -> [UInt16] {
      var codes: [UInt16] = [0]
      for index in 0..<width { codes = (0..<levels).flatMap { level in codes.map { $0 | UInt16(level << (index * levelBits)) } } }
      return codes
    }
    halfBits = width / 2 * levelBits
    self.codes = codes(of: width).sorted()
    let half = codes(of: width / 2)
    var halves = [UInt8](repeating: 0, count: 1 << (2 * halfBits))
    for first in half {
      for second in half {
        var sum = 0
        for index in 0..<width / 2 {
          let mask = (1 << levelBits) - 1
          let difference = (Int(first) >> (index * levelBits) & mask) - (Int(second) >> (index * levelBits) & mask)
          sum += difference * difference
        }
        halves[Int(first) << halfBits | Int(second)] = UInt8(sum)
      }
    }
    self.halves = halves
  }

  private func distance(_ first: UInt16, _ second: UInt16) -> Int {
    let mask = (1 << halfBits) - 1
    let low = halves[(Int(first) & mask) << halfBits | Int(second) & mask]
    return Int(low) + Int(halves[(Int(first) >> halfBits) << halfBits | Int(second) >> halfBits])
  }

  /// The points that have one of the so many least distances to a code, by distance and number.
  func nearest(to code: UInt16, of points: [UInt16], distances: Int) -> [UInt16] {
    var byDistance: [Int: [UInt16]] = [:]
    var least: [Int] = []
    for point in points {
      let distance = distance(code, point)
      if least.count == distances, distance > least[distances - 1] { continue }
      if byDistance[distance] == nil {
        least.append(distance)
        least.sort()
        if least.count > distances { byDistance[least.removeLast()] = nil }
        byDistance[distance] = []
      }
      byDistance[distance]?.append(point)
    }
    return least.flatMap { byDistance[$0] ?? [] }
  }
}
