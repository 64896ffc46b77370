internal import CKernels
public import Tensors

extension RowDecoder {
  /// The decoders of plain numbers: one line a type. Block types are in `Quantization`.
  private static let floats: [ElementType: RowDecoder] = [.f64: f64, .f32: f32, .f16: f16, .bf16: bf16]

  /// The decoder of a plain float type; nil for every other type.
  public static func float(_ type: ElementType) -> RowDecoder? { floats[type] }

  /// IEEE double, rounded to the nearest float.
  static let f64 = RowDecoder(.f64) { bytes, values in
    for index in values.indices { values[index] = Float(Double(bitPattern: bytes.littleEndian(index, as: UInt64.self))) }
  }

  /// IEEE single, as it is.
  static let f32 = unsafe RowDecoder(.f32, kernels: { unsafe ck_f32_kernels($0) }) { bytes, values in
    for index in values.indices { values[index] = Float(bitPattern: bytes.littleEndian(index, as: UInt32.self)) }
  }

  /// IEEE half; every value is exact in a float.
  static let f16 = unsafe RowDecoder(.f16, kernels: { unsafe ck_f16_kernels($0) }) { bytes, values in
    for index in values.indices { values[index] = Float(halfBits: bytes.littleEndian(index, as: UInt16.self)) }
  }

  /// The upper half of a float.
  static let bf16 = unsafe RowDecoder(.bf16, kernels: { unsafe ck_bf16_kernels($0) }) { bytes, values in
    for index in values.indices {
      values[index] = Float(bitPattern: UInt32(bytes.littleEndian(index, as: UInt16.self)) << 16)
    }
  }
}

extension RawSpan {
  /// The `index`-th integer of a packed little-endian sequence.
  fileprivate func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ index: Int, as type: Value.Type) -> Value {
    // Sound: the load is bounds-checked, and every bit pattern is an integer.
    unsafe Value(littleEndian: unsafeLoadUnaligned(fromByteOffset: index * MemoryLayout<Value>.size, as: type))
  }
}
