internal import CKernels
internal import Tensors

extension RowEncoder {
  /// 16 groups of 16: low four bits of the codes, their high two, a signed byte of level a group, the scale of the levels.
  /// - Source: ggml, `quantize_row_q6_K_ref` and `quantize_q6_K`.
  static let q6_k = unsafe RowEncoder(.q6_k, kernel: { unsafe ck_q6_k_encoder($0) }) { values, importance, bytes in
    var block = SuperBlock(groupSize: 16)
    for start in stride(from: 0, to: values.count, by: SuperBlock.count) {
      let x = values.extracting(start..<start + SuperBlock.count)
      let importance = importance?.span.extracting(start..<start + SuperBlock.count)
      for index in x.indices { block.weights[index] = importance?[index] ?? (x[index] * x[index]) }
      for group in block.groups {
        let scale = SignedScale(
          fitting: x.extracting(block.range(group)), weights: block.weights.span.extracting(block.range(group)), levels: 32
        ).scale
        block.scales[group] = scale
      }
      let extreme = Levels.extreme(block.scales.span)
      let inverse = extreme.largest >= Levels.smallest ? -128 / extreme.value : 0
      let scale = Levels.stored(extreme.largest >= Levels.smallest ? 1 / inverse : 0)
      let offset = start / SuperBlock.count * 210
      for group in block.groups {
        let level = Levels.nearest(inverse * block.scales[group], -128, 127)
        bytes.store(UInt8(bitPattern: Int8(level)), at: offset + 192 + group)
        block.quantize(x, group: group, scale: scale.value * level, minimum: 0, lowest: -32, highest: 31)
      }
      for half in 0..<2 {
        for index in 0..<32 {
          let codes = (0..<4).map { block.codes[128 * half + 32 * $0 + index] }
          bytes.store(codes[0] & 15 | codes[2] << 4, at: offset + 64 * half + index)
          bytes.store(codes[1] & 15 | codes[3] << 4, at: offset + 64 * half + 32 + index)
          let high = (0..<4).reduce(UInt8(0)) { $0 | (codes[$1] >> 4) << (2 * $1) }
          bytes.store(high, at: offset + 128 + 32 * half + index)
        }
      }
      bytes.store(scale.bits, at: offset + 208)
    }
  }
}
