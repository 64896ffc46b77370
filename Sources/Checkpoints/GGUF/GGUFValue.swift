/// The type of a metadata value, by its number in the file.
///
/// - Source: ggml `docs/gguf.md`, `gguf_metadata_value_type`.
package enum GGUFValueType: UInt32 {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// Bytes of one value; nil where they vary.
  var byteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }

  /// The fewest bytes that one value takes.
  var leastByteCount: Int {
    switch self {
    case .string: 8
    case .array: 12
    default: byteCount ?? 1
    }
  }

  /// What a message calls it.
  var name: String { "\(self)" }
}

/// Where a metadata value is in its file. Nothing is decoded before somebody asks.
struct GGUFValue {
  /// The elements of an array: their type and their number.
  struct Elements {
    var type: GGUFValueType
    var count: Int
  }

  let type: GGUFValueType
  /// Where the value starts: a scalar itself, the length of a string, the first element of an array.
  let offset: Int
  /// What an array holds; nil for everything else.
  var elements: Elements?

  /// What a message calls the value's type.
  var description: String { elements.map { "an array of \($0.type.name)" } ?? type.name }
}
