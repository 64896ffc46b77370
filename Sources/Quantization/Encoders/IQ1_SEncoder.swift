internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Eight groups of 32: lower bits of the numbers of four points of eight digits, then for each group the upper bits, the level
  /// of the scale, and whether digits are moved down.
  /// - Source: ggml, `quantize_row_iq1_s_impl`.
  static let iq1_s = unsafe RowEncoder(
    .iq1_s, codebook: { CodebookSearch.iq1 }, kernel: { unsafe ck_iq1_s_encoder($0) }
  ) { values, importance, bytes in
    let search = TernarySearch(codebook: .iq1, groupSize: 32, smallest: 1e-12) { value, spread in
      (spread + value * value).squareRoot()
    }
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let x = values.extracting(start..<start + SuperBlock.count)
      let weights = search.weights(x, importance?.span.extracting(start..<start + SuperBlock.count))
      let groups = search.groups(x, weights: weights)
      let offset = start / SuperBlock.count * 50
      let scale = groups.largestScale / 15
      bytes.store(Levels.stored(scale * 1.125).bits, at: offset)
      for (index, group) in groups.enumerated() {
        var high: UInt16 = 0
        for point in 0..<4 {
          let number = CodebookSearch.iq1.number(of: group.codes[point])
          bytes.store(UInt8(number & 255), at: offset + 2 + 4 * index + point)
          high |= UInt16(number >> 8) << (3 * UInt16(point))
        }
        if scale > 0 {
          high |= UInt16(Levels.odd(1 / scale * group.scale, highest: 7)) << 12 | (group.isDown[0] ? 0x8000 : 0)
        }
        bytes.store(high, at: offset + 34 + 2 * index)
      }
    }
  }
}
