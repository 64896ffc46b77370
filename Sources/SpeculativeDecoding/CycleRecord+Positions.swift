extension CycleRecord {
  /// Tokens and cycles by the position of the text at which a cycle begins, as ratios over texts count them.
  /// - Parameter length: Tokens of the text after the prompt.
  package static func positions(of cycles: [CycleRecord], promptLength: Int, length: Int) -> [(x: Double, y: Double)] {
    var positions = [(x: Double, y: Double)](repeating: (0, 0), count: length)
    for cycle in cycles {
      let place = cycle.position - promptLength
      guard positions.indices.contains(place) else { continue }
      positions[place] = (Double(cycle.accepted.count), 1)
    }
    return positions
  }
}
