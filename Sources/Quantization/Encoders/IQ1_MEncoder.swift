internal import CKernels
internal import Tensors

extension RowEncoder {
  /// 16 groups of 16: lower bits of the numbers of two points of eight digits, a byte with the upper bits and whether either is
  /// moved down, the levels of the scales, and spread over those the scale that fits the whole block best.
  /// - Source: ggml, `quantize_row_iq1_m_impl`.
  static let iq1_m = unsafe RowEncoder(
    .iq1_m, codebook: { CodebookSearch.iq1 }, kernel: { unsafe ck_iq1_m_encoder($0) }
  ) { values, importance, bytes in
    let search = TernarySearch(codebook: .iq1, groupSize: 16, smallest: 1e-7) { value, _ in value * value }
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let x = values.extracting(start..<start + SuperBlock.count)
      let weights = search.weights(x, importance?.span.extracting(start..<start + SuperBlock.count))
      let groups = search.groups(x, weights: weights)
      let offset = start / SuperBlock.count * 56
      let scale = groups.largestScale / 15
      let levels = groups.map { scale > 0 ? Levels.odd(1 / scale * $0.scale, highest: 7) : 0 }
      for (index, group) in groups.enumerated() {
        let numbers = group.codes.map { CodebookSearch.iq1.number(of: $0) }
        for point in 0..<2 { bytes.store(UInt8(numbers[point] & 255), at: offset + 2 * index + point) }
        var high = UInt8(numbers[0] >> 8 | (numbers[1] >> 8) << 4)
        if scale > 0 { high |= (group.isDown[0] ? 8 : 0) | (group.isDown[1] ? 128 : 0) }
        bytes.store(high, at: offset + 32 + index)
      }
      let bits = scale > 0 ? Levels.stored(IQ1_M.refined(groups, levels, x, weights, scale) * 1.1125).bits : 0
      for part in 0..<4 {
        var both = (bits >> (4 * UInt16(part))) << 12
        for index in 0..<4 { both |= UInt16(levels[4 * part + index]) << (3 * UInt16(index)) }
        bytes.store(both, at: offset + 48 + 2 * part)
      }
    }
  }
}

private enum IQ1_M {
  /// The scale that fits a block's points and the levels of its groups' scales best; the one given where nothing counts.
  static func refined(_ groups: [PointGroup], _ levels: [Int], _ x: Span<Float>, _ weights: [Float], _ scale: Float) -> Float {
    var sums: (products: Float, squares: Float) = (0, 0)
    for index in x.indices {
      let (group, place) = (groups[index / 16], index % 16)
      let digit = Float(group.codes[place / 8] >> (2 * (place % 8)) & 3) + TernarySearch.lowest(down: group.isDown[place / 8])
      let level = digit * Float(2 * levels[index / 16] + 1)
      sums.products += weights[index] * level * x[index]
      sums.squares += weights[index] * level * level
    }
    return sums.squares > 0 ? sums.products / sums.squares : scale
  }
}
