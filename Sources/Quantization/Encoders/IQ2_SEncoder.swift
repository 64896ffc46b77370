internal import CKernels
internal import Tensors

extension RowEncoder {
  /// 16 groups of 16: lower bits of the numbers of two points of eight magnitudes, signs, upper bits, the levels of the scales.
  /// - Source: ggml, `quantize_row_iq2_s_impl`.
  static let iq2_s = unsafe RowEncoder(
    .iq2_s, codebook: { CodebookSearch.iq2S }, kernel: { unsafe ck_iq2_s_encoder($0) }
  ) { values, importance, bytes in
    let search = MagnitudeSearch(
      codebook: .iq2S, groupSize: 16, highest: 2, trials: 9, step: 0.1, smallest: 1e-8, hasEvenSigns: false, spread: 2,
      refit: .soughtOnes
    ) { value, spread in 0.25 * spread + value * value }
    for (block, groups) in search.blocks(values, importance) {
      let offset = block * 82
      let scale = groups.largestScale / 31
      bytes.store(Levels.stored(scale * 0.9875).bits, at: offset)
      var high = [UInt8](repeating: 0, count: 8)
      for (index, group) in groups.enumerated() {
        for point in 0..<2 {
          let number = CodebookSearch.iq2S.number(of: group.codes[point])
          let place = 2 * index + point
          bytes.store(UInt8(number & 255), at: offset + 2 + place)
          bytes.store(group.signs[point], at: offset + 34 + place)
          high[place / 4] |= UInt8(number >> 8) << (2 * UInt8(place % 4))
        }
      }
      for index in high.indices { bytes.store(high[index], at: offset + 66 + index) }
      bytes.storeScaleLevels(groups, scale, at: offset + 74)
    }
  }
}
