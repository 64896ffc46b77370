internal import CKernels

/// Which point of a codebook a group of values is rounded to.
///
/// A group has a code: the levels that its values are nearest to by themselves, one above the other. Where that is a point's it
/// is taken; else those points are tried that lie nearest to the levels, by distance and, of the same, by number.
/// - Source: ggml, `iq2xs_init_impl` and `iq3xs_init_impl`.
@safe final class CodebookSearch: @unchecked Sendable {  // immutable after init
  /// Values of a point.
  let width: Int
  /// Bits of a level in a code.
  let levelBits: Int
  /// By code: the number of the point, or -1 less the place of a run of neighbours.
  private let places: [Int32]
  /// Runs: how many eights, then codes of points, the last one repeated to fill.
  private let neighbours: [UInt16]
  /// The same for kernels, in memory that stays: searches live as long as the process.
  let kernelCodebook: UnsafePointer<ck_codebook>

  /// - Parameters:
  ///   - codebook: The points.
  ///   - levelBits: Bits of a level in a code.
  ///   - distances: How many of the least distances to look at.
  init(_ codebook: Codebook, levelBits: Int, distances: Int) {
    (width, self.levelBits) = (codebook.width, levelBits)
    let points = codebook.codes(levelBits: levelBits)
    let table = LevelDistances(width: codebook.width, levelBits: levelBits, levels: codebook.levelCount)
    var places = [Int32](repeating: -1, count: 1 << (codebook.width * levelBits))
    for (number, code) in points.enumerated() { places[Int(code)] = Int32(number) }
    var neighbours: [UInt16] = []
    for code in table.codes where places[Int(code)] < 0 {
      let run = table.nearest(to: code, of: points, distances: distances)
      places[Int(code)] = Int32(-1 - neighbours.count)
      neighbours.append(UInt16((run.count + 7) / 8))
      neighbours += run
      neighbours += repeatElement(run[run.count - 1], count: (8 - run.count % 8) % 8)
    }
    (self.places, self.neighbours) = (places, neighbours)
    // Sound: allocated here and never freed or changed; the counts are those of the arrays.
    unsafe kernelCodebook = CodebookSearch.kept(places, neighbours)
  }

  private static func kept(_ places: [Int32], _ neighbours: [UInt16]) -> UnsafePointer<ck_codebook> {
    let keptPlaces = UnsafeMutablePointer<Int32>.allocate(capacity: places.count)
    unsafe keptPlaces.initialize(from: places, count: places.count)
    let keptNeighbours = UnsafeMutablePointer<UInt16>.allocate(capacity: neighbours.count)
    unsafe keptNeighbours.initialize(from: neighbours, count: neighbours.count)
    let codebook = UnsafeMutablePointer<ck_codebook>.allocate(capacity: 1)
    unsafe codebook.initialize(to: ck_codebook(places: keptPlaces, neighbours: keptNeighbours))
    return unsafe UnsafePointer(codebook)
  }

  /// The number of the point that a code is of.
  func number(of code: Int) -> Int { Int(places[code]) }

  /// Whether a code is a point's.
  func isPoint(_ code: Int) -> Bool { places[code] >= 0 }

  /// A level of a code.
  func level(_ index: Int, of code: Int) -> Int { code >> (levelBits * index) & ((1 << levelBits) - 1) }

  /// The neighbour of a code for which the sum of weights times squared differences is least; the first of several.
  /// - Parameters:
  ///   - x: The values, of which those from `start` on are meant.
  ///   - weights: What each squared difference counts.
  ///   - scale: What the levels' values are multiplied with.
  ///   - values: What each level stands for.
  func nearest(to code: Int, _ x: [Float], _ weights: [Float], from start: Int, scale: Float, values: [Float]) -> Int {
    let place = Int(-1 - places[code])
    var best = Float.greatestFiniteMagnitude
    var found = Int(neighbours[place + 1])
    for candidate in neighbours[place + 1..<place + 1 + 8 * Int(neighbours[place])] {
      var cost: Float = 0
      for index in 0..<width {
        let difference = scale * values[level(index, of: Int(candidate))] - x[start + index]
        cost += weights[start + index] * difference * difference
      }
      if cost < best { (best, found) = (cost, Int(candidate)) }
    }
    return found
  }
}
