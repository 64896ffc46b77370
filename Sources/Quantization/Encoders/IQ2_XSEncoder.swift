internal import CKernels
internal import Tensors

extension RowEncoder {
  /// 16 groups of 16: two points of eight magnitudes with seven signs each, then the levels of the scales.
  /// - Source: ggml, `quantize_row_iq2_xs_impl`.
  static let iq2_xs = unsafe RowEncoder(
    .iq2_xs, codebook: { CodebookSearch.iq2XS }, kernel: { unsafe ck_iq2_xs_encoder($0) }
  ) { values, importance, bytes in
    let search = MagnitudeSearch(
      codebook: .iq2XS, groupSize: 16, highest: 2, trials: 9, step: 0.1, smallest: Levels.smallest, hasEvenSigns: true, spread: 1,
      refit: .soughtOnes
    ) { value, spread in (spread + value * value).squareRoot() }
    for (block, groups) in search.blocks(values, importance) {
      let offset = block * 74
      let scale = groups.largestScale / 31
      bytes.store(Levels.stored(scale).bits, at: offset)
      for (index, group) in groups.enumerated() {
        for point in 0..<2 {
          let number = CodebookSearch.iq2XS.number(of: group.codes[point])
          let both = UInt16(number) | UInt16(group.signs[point]) << 9
          bytes.store(scale > 0 ? both : 0, at: offset + 2 + 4 * index + 2 * point)
        }
      }
      bytes.storeScaleLevels(groups, scale, at: offset + 66)
    }
  }
}
