internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Eight groups of 32: lower bits of the numbers of eight points of four magnitudes, upper bits, signs, the levels of the
  /// scales. ggml puts what follows a group of zeros a group too early; here it lies where decoders look.
  /// - Source: ggml, `quantize_row_iq3_s_impl`.
  static let iq3_s = unsafe RowEncoder(
    .iq3_s, codebook: { CodebookSearch.iq3S }, kernel: { unsafe ck_iq3_s_encoder($0) }
  ) { values, importance, bytes in
    let search = MagnitudeSearch(
      codebook: .iq3S, groupSize: 32, highest: 7, trials: 9, step: 0.2, smallest: 0, hasEvenSigns: false, spread: 2,
      refit: .allWhereOneWas
    ) { value, _ in value * value }
    for (block, groups) in search.blocks(values, importance) {
      let offset = block * 110
      let scale = groups.largestScale / 31
      bytes.store(Levels.stored(scale * 1.033).bits, at: offset)
      for (index, group) in groups.enumerated() {
        var high: UInt8 = 0
        for point in 0..<8 {
          let number = CodebookSearch.iq3S.number(of: group.codes[point])
          bytes.store(UInt8(number & 255), at: offset + 2 + 8 * index + point)
          high |= UInt8(number >> 8) << UInt8(point)
        }
        bytes.store(high, at: offset + 66 + index)
        for part in 0..<4 { bytes.store(group.signs[part], at: offset + 74 + 4 * index + part) }
      }
      bytes.storeScaleLevels(groups, scale, at: offset + 106)
    }
  }
}
