extension MagnitudeSearch {
  /// The groups of each block of 256, with its number.
  func blocks(_ values: Span<Float>, _ importance: [Float]?) -> [(Int, [PointGroup])] {
    (0..<values.count / SuperBlock.count).map { block in
      let range = block * SuperBlock.count..<(block + 1) * SuperBlock.count
      return (block, groups(values.extracting(range), importance?.span.extracting(range)))
    }
  }
}

extension MutableRawSpan {
  /// Four bits for the level of each group's scale, of which level `n` stands for `2 n + 1`; zeros where the scale of all is.
  mutating func storeScaleLevels(_ groups: [PointGroup], _ scale: Float, at offset: Int) {
    for index in stride(from: 0, to: groups.count, by: 2) {
      let low = Levels.odd(1 / scale * groups[index].scale, highest: 15)
      let high = Levels.odd(1 / scale * groups[index + 1].scale, highest: 15)
      store(scale > 0 ? UInt8(low | high << 4) : 0, at: offset + index / 2)
    }
  }
}
