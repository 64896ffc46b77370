internal import ByteStorage

/// The key-value pairs of a GGUF file: checked as a whole, decoded one by one when asked for.
struct GGUFMetadata {
  let file: InputFile
  private var values: [ExactString: GGUFValue] = [:]

  /// Reads `count` pairs.
  /// - Throws: `malformed` for unknown types, duplicate keys and lengths beyond the file; `unsafe` for absurd sizes.
  init(_ cursor: inout GGUFCursor, count: Int) throws(GriffinError) {
    file = cursor.file
    for _ in 0..<count {
      let start = cursor.offset
      let key = try cursor.readString("a metadata key", limit: CheckpointLimits.ggufKeyBytes)
      guard !key.isEmpty else { throw cursor.error(.malformed, at: start, "a metadata key is empty") }
      let type = try GGUFMetadata.readType(&cursor, key)
      let value = try GGUFMetadata.readValue(of: type, &cursor, key, depth: 0)
      guard values.updateValue(value, forKey: ExactString(key)) == nil else {
        throw cursor.error(.malformed, at: start, "the metadata key \(key.shortened()) is there twice")
      }
    }
  }

  subscript(key: String) -> GGUFValue? { values[ExactString(key)] }

  private static func readType(_ cursor: inout GGUFCursor, _ key: String) throws(GriffinError) -> GGUFValueType {
    let start = cursor.offset
    let number = try cursor.read(UInt32.self, "the type of \(key.shortened())")
    guard let type = GGUFValueType(rawValue: number) else {
      throw cursor.error(.malformed, at: start, "\(key.shortened()) has the value type \(number); known types are 0 to 12")
    }
    return type
  }

  /// Passes over a value and remembers where it is.
  private static func readValue(
    of type: GGUFValueType, _ cursor: inout GGUFCursor, _ key: String, depth: Int
  ) throws(GriffinError) -> GGUFValue {
    let start = cursor.offset
    switch type {
    case .string:
      try cursor.skipString(key.shortened())
    case .bool:
      let byte = try cursor.read(UInt8.self, key.shortened())
      guard byte <= 1 else { throw cursor.error(.malformed, at: start, "\(key.shortened()) is a bool of value \(byte)") }
    case .array:
      guard depth < CheckpointLimits.ggufArrayDepth else {
        throw cursor.error(.unsafe, at: start, "\(key.shortened()): arrays are nested deeper than \(CheckpointLimits.ggufArrayDepth)")
      }
      let elementType = try readType(&cursor, key)
      let count = try cursor.readCount("the length of \(key.shortened())", leastByteCount: elementType.leastByteCount)
      let value = GGUFValue(type: type, offset: cursor.offset, elements: GGUFValue.Elements(type: elementType, count: count))
      if let bytes = elementType.byteCount {
        // The count was held against what is left, so the product fits.
        try cursor.skip(count * bytes, key.shortened())
      } else {
        for _ in 0..<count {
          if elementType == .string {
            try cursor.skipString(key.shortened())
          } else {
            _ = try readValue(of: elementType, &cursor, key, depth: depth + 1)
          }
        }
      }
      return value
    default:
      try cursor.skip(type.byteCount ?? 0, key.shortened())
    }
    return GGUFValue(type: type, offset: start)
  }
}
