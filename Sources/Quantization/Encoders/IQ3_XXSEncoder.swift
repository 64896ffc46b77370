internal import CKernels
internal import Tensors

extension RowEncoder {
  /// Eight groups of 32: eight points of four magnitudes, then four times seven signs and the level of the scale.
  /// - Source: ggml, `quantize_row_iq3_xxs_impl`.
  static let iq3_xxs = unsafe RowEncoder(
    .iq3_xxs, codebook: { CodebookSearch.iq3XXS }, kernel: { unsafe ck_iq3_xxs_encoder($0) }
  ) { values, importance, bytes in
    let search = MagnitudeSearch(
      codebook: .iq3XXS, groupSize: 32, highest: 7, trials: 15, step: 0.2, smallest: 1e-8, hasEvenSigns: true, spread: 2,
      refit: .soughtOnes
    ) { value, _ in value * value }
    for (block, groups) in search.blocks(values, importance) {
      let offset = block * 98
      let scale = groups.largestScale / 31
      bytes.store(Levels.stored(scale * 1.0125).bits, at: offset)
      for (index, group) in groups.enumerated() {
        for point in 0..<8 {
          let number = scale > 0 ? CodebookSearch.iq3XXS.number(of: group.codes[point]) : 0
          bytes.store(UInt8(number), at: offset + 2 + 8 * index + point)
        }
        var word = UInt32(Levels.odd(1 / scale * group.scale, highest: 15)) << 28
        for part in 0..<4 { word |= UInt32(group.signs[part]) << (7 * UInt32(part)) }
        bytes.store(scale > 0 ? word : 0, at: offset + 66 + 4 * index)
      }
    }
  }
}
