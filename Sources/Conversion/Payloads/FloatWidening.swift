internal import ByteStorage
internal import Tensors

/// Exact widening of plain floats, for telling whether two types hold the same values.
///
/// Values are equal where their widened bits are: signs of zero count, and a NaN equals only itself.
enum FloatWidening {
  case f16, bf16, f32, f64

  init?(_ type: ElementType) {
    switch type {
    case .f16: self = .f16
    case .bf16: self = .bf16
    case .f32: self = .f32
    case .f64: self = .f64
    default: return nil
    }
  }

  private var byteCount: Int {
    switch self {
    case .f16, .bf16: 2
    case .f32: 4
    case .f64: 8
    }
  }

  /// Whether two runs of equally many elements hold the same values.
  func equal(_ bytes: RawSpan, _ other: FloatWidening, _ otherBytes: RawSpan) -> Bool {
    let count = bytes.byteCount / byteCount
    precondition(otherBytes.byteCount == count * other.byteCount, "runs of different lengths")
    if self == .f64 || other == .f64 {
      return (0..<count).allSatisfy { doubleBits(bytes, $0) == other.doubleBits(otherBytes, $0) }
    }
    // The order of operands does not matter, so half of the combinations serve all.
    switch (self, other) {
    case (.f16, .f32): return equalFloats(bytes, FloatWidening.widenF16, otherBytes)
    case (.bf16, .f32): return equalFloats(bytes, { UInt32($0) << 16 }, otherBytes)
    case (.f32, _): return other.equal(otherBytes, self, bytes)
    default: return (0..<count).allSatisfy { floatBits(bytes, $0) == other.floatBits(otherBytes, $0) }
    }
  }

  /// Whether two runs of equally many elements are the same but for rounding and small changes: they differ by less than half
  /// of what they are.
  func isNear(_ bytes: RawSpan, _ other: FloatWidening, _ otherBytes: RawSpan) -> Bool {
    let count = bytes.byteCount / byteCount
    precondition(otherBytes.byteCount == count * other.byteCount, "runs of different lengths")
    var (difference, size) = (0.0, 0.0)
    for index in 0..<count {
      let (one, two) = (Double(bitPattern: doubleBits(bytes, index)), Double(bitPattern: other.doubleBits(otherBytes, index)))
      difference += (one - two) * (one - two)
      size += one * one
    }
    return difference <= size / 4
  }

  /// The common case, a 32-bit copy of a 16-bit tensor, as one loop without branches.
  @inline(__always)
  private func equalFloats(_ halves: RawSpan, _ widen: (UInt16) -> UInt32, _ floats: RawSpan) -> Bool {
    let count = halves.byteCount / 2
    // Sound: the caller checked that `floats` holds as many elements, and integers have no invalid bits.
    return unsafe halves.withUnsafeBytes { halves in
      unsafe floats.withUnsafeBytes { floats in
        var difference: UInt32 = 0
        for index in 0..<count {
          let half = UInt16(littleEndian: unsafe halves.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          let float = UInt32(littleEndian: unsafe floats.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
          difference |= widen(half) ^ float
        }
        return difference == 0
      }
    }
  }

  private func floatBits(_ bytes: RawSpan, _ index: Int) -> UInt32 {
    switch self {
    case .f16: FloatWidening.widenF16(bytes.littleEndian(UInt16.self, at: 2 * index) ?? 0)
    case .bf16: UInt32(bytes.littleEndian(UInt16.self, at: 2 * index) ?? 0) << 16
    case .f32, .f64: bytes.littleEndian(UInt32.self, at: 4 * index) ?? 0
    }
  }

  private func doubleBits(_ bytes: RawSpan, _ index: Int) -> UInt64 {
    if self == .f64 { return bytes.littleEndian(UInt64.self, at: 8 * index) ?? 0 }
    return Double(Float(bitPattern: floatBits(bytes, index))).bitPattern
  }

  /// The bits of the `Float` with the value of an IEEE 754 half. Integer arithmetic, but for subnormals, whose
  /// subtraction is exact; selects instead of branches, so that a loop of it becomes vector code.
  @inline(__always)
  private static func widenF16(_ half: UInt16) -> UInt32 {
    let sign = UInt32(half & 0x8000) << 16
    let magnitude = UInt32(half & 0x7FFF) << 13
    let normal = magnitude &+ (112 << 23)
    let special = magnitude | 0x7F80_0000
    let subnormal = (Float(bitPattern: magnitude &+ (113 << 23)) - Float(bitPattern: 113 << 23)).bitPattern
    let exponent = half & 0x7C00
    return sign | (exponent == 0x7C00 ? special : exponent == 0 ? subnormal : normal)
  }
}
