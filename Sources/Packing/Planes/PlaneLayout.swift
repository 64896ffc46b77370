package import Tensors

/// How the bytes of a type are taken apart: the k-th plane holds the k-th part of every unit, one after the other
/// (section 4 of `formats/archive.md`).
package struct PlaneLayout: Sendable, Hashable {
  /// What is done to a unit before it is cut.
  package enum Turn: Sendable, Hashable {
    case none
    /// The unit is a little-endian number of the byte count; its highest bit, the sign, moves below the 8 bits of the exponent,
    /// and the number is cut from its highest byte on.
    case exponentFirst
    /// As `none`, and the unit is the zigzag form of a difference of ordered bit patterns.
    case difference
  }

  /// Bytes of a plane that a unit has, in the unit's order.
  package let widths: [Int]
  package let turn: Turn
  /// Bytes of a unit.
  package let unitByteCount: Int

  private init(_ widths: [Int], _ turn: Turn = .none) {
    (self.widths, self.turn, unitByteCount) = (widths, turn, widths.reduce(0, +))
  }

  /// Bytes as they are.
  package static let whole = PlaneLayout([1])

  /// The layout of a tensor's bytes.
  package init(_ type: ElementType) {
    switch type {
    case .bf16: self.init([1, 1], .exponentFirst)
    case .f32: self.init([1, 1, 1, 1], .exponentFirst)
    case .f16, .i16, .u16: self.init([1, 1])
    case .i32, .u32: self.init([1, 1, 1, 1])
    case .f64, .c64, .i64, .u64: self.init([1, 1, 1, 1, 1, 1, 1, 1])
    case .q4_0, .iq4_nl: self.init([1, 1, 16])
    case .q4_1: self.init([1, 1, 1, 1, 16])
    case .q5_0: self.init([1, 1, 4, 16])
    case .q5_1: self.init([1, 1, 1, 1, 4, 16])
    case .q8_0: self.init([1, 1, 32])
    case .q8_1: self.init([1, 1, 1, 1, 32])
    case .q2_k: self.init([16, 64, 1, 1, 1, 1])
    case .q3_k: self.init([32, 64, 12, 1, 1])
    case .q4_k: self.init([1, 1, 1, 1, 12, 128])
    case .q5_k: self.init([1, 1, 1, 1, 12, 32, 128])
    case .q6_k: self.init([128, 64, 16, 1, 1])
    case .q8_k: self.init([1, 1, 1, 1, 256, 32])
    case .iq4_xs: self.init([1, 1, 2, 4, 128])
    case .iq2_xxs: self.init([1, 1, 64])
    case .iq2_xs: self.init([1, 1, 64, 8])
    case .iq2_s: self.init([1, 1, 32, 32, 8, 8])
    case .iq3_xxs: self.init([1, 1, 64, 32])
    case .iq3_s: self.init([1, 1, 64, 8, 32, 4])
    case .iq1_s: self.init([1, 1, 32, 16])
    case .iq1_m: self.init([32, 16, 8])
    case .tq1_0: self.init([48, 4, 1, 1])
    case .tq2_0: self.init([64, 1, 1])
    case .mxfp4: self.init([1, 16])
    case .f8_e4m3, .f8_e5m2, .f8_e8m0, .f8_e4m3fnuz, .f8_e5m2fnuz, .f6_e2m3, .f6_e3m2, .f4, .i8, .u8, .bool: self = .whole
    }
  }

  /// The layout of the differences between two tensors of a type; nil where none are formed.
  package init?(differencesOf type: ElementType) {
    switch type {
    case .bf16, .f16: self.init([1, 1], .difference)
    case .f32: self.init([1, 1, 1, 1], .difference)
    default: return nil
    }
  }

  /// The most bytes of a payload that are packed together.
  static let blockLimit = 1 << 20

  /// Bytes of a payload that are packed together: whole units, and fewer at the payload's end.
  package var blockByteCount: Int { PlaneLayout.blockLimit / unitByteCount * unitByteCount }

  /// Bytes of the planes of a block.
  func planeByteCounts(ofBlock byteCount: Int) -> [Int] { widths.map { byteCount / unitByteCount * $0 } }

  /// The blocks of so many bytes: where they begin and how long they are.
  func blocks(of byteCount: Int) -> [Range<Int>] {
    stride(from: 0, to: byteCount, by: blockByteCount).map { $0..<min($0 + blockByteCount, byteCount) }
  }
}
