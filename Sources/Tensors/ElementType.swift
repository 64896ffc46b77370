/// How the elements of a tensor are stored: a plain number format, or one of GGUF's block formats.
///
/// This is geometry only: how many elements share how many bytes. What the bits of a block mean
/// is the business of `Quantization`. The raw value is the name used in bundles, in `--tensor-type`
/// and in reports.
///
/// - Source: safetensors `Dtype` (0.7), ggml `ggml_type` and `type_traits` (GGUF v3).
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  // Floating point.
  case f64, f32, f16, bf16
  case f8_e4m3, f8_e5m2, f8_e8m0, f8_e4m3fnuz, f8_e5m2fnuz
  case f6_e2m3, f6_e3m2, f4
  case c64
  // Integers and booleans.
  case i64, i32, i16, i8, u64, u32, u16, u8, bool
  // GGUF block formats.
  case q4_0, q4_1, q5_0, q5_1, q8_0, q8_1
  case q2_k, q3_k, q4_k, q5_k, q6_k, q8_k
  case iq1_s, iq1_m, iq2_xxs, iq2_xs, iq2_s, iq3_xxs, iq3_s, iq4_nl, iq4_xs
  case tq1_0, tq2_0, mxfp4
}

extension ElementType {
  /// What a type is for; decides which recipes and decoders may touch it.
  public enum Category: Sendable, Hashable {
    case float, integer, block
  }

  /// The one table of storage geometry: a row per type.
  private var row: (category: Category, elements: Int, bytes: Int, ggml: UInt32?) {
    switch self {
    case .f64: (.float, 1, 8, 28)
    case .f32: (.float, 1, 4, 0)
    case .f16: (.float, 1, 2, 1)
    case .bf16: (.float, 1, 2, 30)
    case .f8_e4m3: (.float, 1, 1, nil)
    case .f8_e5m2: (.float, 1, 1, nil)
    case .f8_e8m0: (.float, 1, 1, nil)
    case .f8_e4m3fnuz: (.float, 1, 1, nil)
    case .f8_e5m2fnuz: (.float, 1, 1, nil)
    case .f6_e2m3: (.float, 4, 3, nil)
    case .f6_e3m2: (.float, 4, 3, nil)
    case .f4: (.float, 2, 1, nil)
    case .c64: (.float, 1, 8, nil)
    case .i64: (.integer, 1, 8, 27)
    case .i32: (.integer, 1, 4, 26)
    case .i16: (.integer, 1, 2, 25)
    case .i8: (.integer, 1, 1, 24)
    case .u64: (.integer, 1, 8, nil)
    case .u32: (.integer, 1, 4, nil)
    case .u16: (.integer, 1, 2, nil)
    case .u8: (.integer, 1, 1, nil)
    case .bool: (.integer, 1, 1, nil)
    case .q4_0: (.block, 32, 18, 2)
    case .q4_1: (.block, 32, 20, 3)
    case .q5_0: (.block, 32, 22, 6)
    case .q5_1: (.block, 32, 24, 7)
    case .q8_0: (.block, 32, 34, 8)
    case .q8_1: (.block, 32, 36, 9)
    case .q2_k: (.block, 256, 84, 10)
    case .q3_k: (.block, 256, 110, 11)
    case .q4_k: (.block, 256, 144, 12)
    case .q5_k: (.block, 256, 176, 13)
    case .q6_k: (.block, 256, 210, 14)
    case .q8_k: (.block, 256, 292, 15)
    case .iq2_xxs: (.block, 256, 66, 16)
    case .iq2_xs: (.block, 256, 74, 17)
    case .iq3_xxs: (.block, 256, 98, 18)
    case .iq1_s: (.block, 256, 50, 19)
    case .iq4_nl: (.block, 32, 18, 20)
    case .iq3_s: (.block, 256, 110, 21)
    case .iq2_s: (.block, 256, 82, 22)
    case .iq4_xs: (.block, 256, 136, 23)
    case .iq1_m: (.block, 256, 56, 29)
    case .tq1_0: (.block, 256, 54, 34)
    case .tq2_0: (.block, 256, 66, 35)
    case .mxfp4: (.block, 32, 17, 39)
    }
  }

  /// What the type is for.
  public var category: Category { row.category }
  /// Elements that share one block; 1 for plain numbers.
  public var elementsPerBlock: Int { row.elements }
  /// Bytes of one block.
  public var bytesPerBlock: Int { row.bytes }
  /// The `ggml_type` number, where GGUF can hold the type.
  public var ggmlIdentifier: UInt32? { row.ggml }

  /// The type of a `ggml_type` number; nil where the number is unknown or was retired.
  public init?(ggmlIdentifier: UInt32) {
    guard let type = ElementType.allCases.first(where: { $0.ggmlIdentifier == ggmlIdentifier }) else { return nil }
    self = type
  }

  /// Bytes of one contiguous run of `elements`.
  /// - Throws: `TensorError.partialBlock` where the run is not a whole number of blocks,
  ///   `TensorError.byteCountOverflow` where the product does not fit.
  public func byteCount(elements: Int) throws(TensorError) -> Int {
    let (blocks, remainder) = elements.quotientAndRemainder(dividingBy: elementsPerBlock)
    guard remainder == 0 else { throw .partialBlock(self, elements: elements) }
    let (bytes, overflow) = blocks.multipliedReportingOverflow(by: bytesPerBlock)
    guard !overflow else { throw .byteCountOverflow(self, elements: elements) }
    return bytes
  }
}

extension ElementType: CustomStringConvertible {
  public var description: String { rawValue }
}
