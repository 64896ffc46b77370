internal import CKernels
internal import LinearAlgebra
internal import Tensors

/// Plain numbers. Their decoders are in `LinearAlgebra`; encoders round to the nearest, ties to even.
extension StorageFormat {
  /// Read only: nothing gains from storing weights in it.
  static let f64 = StorageFormat(.plain(.f64))

  static let f32 = StorageFormat(
    .plain(.f32),
    encoder: RowEncoder(.f32) { values, _, bytes in
      for index in values.indices { bytes.store(values[index].bitPattern, at: 4 * index) }
    })

  /// What lies half a unit beyond the largest half would round to infinity.
  static let f16 = unsafe StorageFormat(
    .plain(.f16),
    encoder: RowEncoder(.f16, kernel: { unsafe ck_f16_encoder($0) }) { values, _, bytes in
      for index in values.indices { bytes.store(values[index].halfBits, at: 2 * index) }
    },
    largestMagnitude: Float(65520).nextDown)

  /// The same: beyond this a float rounds to bfloat16's infinity.
  static let bf16 = unsafe StorageFormat(
    .plain(.bf16),
    encoder: RowEncoder(.bf16, kernel: { unsafe ck_bf16_encoder($0) }) { values, _, bytes in
      for index in values.indices {
        let bits = values[index].bitPattern
        bytes.store(UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16), at: 2 * index)
      }
    },
    largestMagnitude: Float(bitPattern: 0x7F7F_7FFF))
}

extension RowDecoder {
  fileprivate static func plain(_ type: ElementType) -> RowDecoder {
    guard let decoder = RowDecoder.float(type) else { preconditionFailure("\(type) is a plain float") }
    return decoder
  }
}
