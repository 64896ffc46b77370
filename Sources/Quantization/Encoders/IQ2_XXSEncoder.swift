internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Eight groups of 32: four points of eight magnitudes, four times seven signs, and the level of the scale.
  /// - Source: ggml, `quantize_row_iq2_xxs_impl`.
  static let iq2_xxs = unsafe RowEncoder(
    .iq2_xxs, codebook: { CodebookSearch.iq2XXS }, kernel: { unsafe ck_iq2_xxs_encoder($0) }
  ) { values, importance, bytes in
    let search = MagnitudeSearch(
      codebook: .iq2XXS, groupSize: 32, highest: 2, trials: 6, step: 0.1, smallest: Levels.smallest, hasEvenSigns: true,
      spread: 1, startsFromLevels: true, refit: .all
    ) { value, spread in (spread + value * value).squareRoot() }
    for (block, groups) in search.blocks(values, importance) {
      let offset = block * 66
      let scale = groups.largestScale / 31
      bytes.store(Levels.stored(scale).bits, at: offset)
      for (index, group) in groups.enumerated() {
        var word: UInt32 = 0
        for point in 0..<4 {
          let number = scale > 0 ? CodebookSearch.iq2XXS.number(of: group.codes[point]) : 0
          bytes.store(UInt8(number), at: offset + 2 + 8 * index + point)
          word |= UInt32(group.signs[point]) << (7 * UInt32(point))
        }
        word |= UInt32(Levels.odd(1 / scale * group.scale, highest: 15)) << 28
        bytes.store(scale > 0 ? word : 0, at: offset + 6 + 8 * index)
      }
    }
  }
}
