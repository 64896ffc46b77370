internal import ByteStorage

/// Values by key; nil where the key is not there, an error where the value is of another type.
extension GGUFMetadata {
  /// A whole number, of whatever width and sign the writer chose.
  func integer(_ key: String) throws(GriffinError) -> Int? {
    guard let value = self[key] else { return nil }
    guard let integer = try integer(of: value.type, at: value.offset) else { throw mistyped(key, "an integer", value) }
    return integer
  }

  /// A whole number within bounds.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(GriffinError) -> Int? {
    guard let integer = try integer(key) else { return nil }
    guard range.contains(integer) else {
      throw GriffinError(
        .malformed, file: file.path, offset: self[key]?.offset,
        "\(key) is \(integer); expected \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  /// A number; a float32 becomes the shortest decimal that reads back as the same float32, which is what its writer had.
  func number(_ key: String) throws(GriffinError) -> Double? {
    guard let value = self[key] else { return nil }
    var cursor = GGUFCursor(file, at: value.offset)
    switch value.type {
    case .float32:
      let float = Float(bitPattern: try cursor.read(UInt32.self, key))
      guard float.isFinite else { throw mistyped(key, "a finite number", value) }
      return float.shortestDecimal
    case .float64:
      let double = Double(bitPattern: try cursor.read(UInt64.self, key))
      guard double.isFinite else { throw mistyped(key, "a finite number", value) }
      return double
    default:
      guard let integer = try integer(of: value.type, at: value.offset) else { throw mistyped(key, "a number", value) }
      return Double(integer)
    }
  }

  func bool(_ key: String) throws(GriffinError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard value.type == .bool else { throw mistyped(key, "a bool", value) }
    var cursor = GGUFCursor(file, at: value.offset)
    return try cursor.read(UInt8.self, key) != 0
  }

  func string(_ key: String) throws(GriffinError) -> String? {
    guard let value = self[key] else { return nil }
    guard value.type == .string else { throw mistyped(key, "a string", value) }
    var cursor = GGUFCursor(file, at: value.offset)
    return try cursor.readString(key, limit: CheckpointLimits.ggufTextBytes)
  }

  /// The elements of an array of strings.
  func strings(_ key: String) throws(GriffinError) -> [String]? {
    guard let (value, elements) = try array(key) else { return nil }
    guard elements.type == .string else { throw mistyped(key, "an array of string", value) }
    var cursor = GGUFCursor(file, at: value.offset)
    var strings: [String] = []
    strings.reserveCapacity(elements.count)
    for _ in 0..<elements.count { strings.append(try cursor.readString(key, limit: CheckpointLimits.ggufKeyBytes)) }
    return strings
  }

  /// The elements of an array of float32.
  func floats(_ key: String) throws(GriffinError) -> [Float]? {
    guard let (value, elements) = try array(key) else { return nil }
    guard elements.type == .float32 else { throw mistyped(key, "an array of float32", value) }
    var cursor = GGUFCursor(file, at: value.offset)
    var floats: [Float] = []
    floats.reserveCapacity(elements.count)
    for _ in 0..<elements.count { floats.append(Float(bitPattern: try cursor.read(UInt32.self, key))) }
    return floats
  }

  /// The elements of an array of whole numbers.
  func integers(_ key: String) throws(GriffinError) -> [Int]? {
    guard let (value, elements) = try array(key) else { return nil }
    guard let width = elements.type.byteCount else { throw mistyped(key, "an array of integers", value) }
    var integers: [Int] = []
    integers.reserveCapacity(elements.count)
    for index in 0..<elements.count {
      guard let integer = try integer(of: elements.type, at: value.offset + index * width) else {
        throw mistyped(key, "an array of integers", value)
      }
      integers.append(integer)
    }
    return integers
  }

  /// A whole number that some writers repeat for every layer; all layers must agree.
  func uniformInteger(_ key: String, in range: ClosedRange<Int>) throws(GriffinError) -> Int? {
    guard self[key]?.type == .array else { return try integer(key, in: range) }
    let integers = try integers(key) ?? []
    guard let first = integers.first, integers.allSatisfy({ $0 == first }) else {
      throw GriffinError(
        .unsupported, file: file.path, offset: self[key]?.offset, "\(key) differs from layer to layer; only models of equal layers are read")
    }
    guard range.contains(first) else {
      throw GriffinError(
        .malformed, file: file.path, offset: self[key]?.offset,
        "\(key) is \(first); expected \(range.lowerBound) to \(range.upperBound)")
    }
    return first
  }

  private func array(_ key: String) throws(GriffinError) -> (GGUFValue, GGUFValue.Elements)? {
    guard let value = self[key] else { return nil }
    guard let elements = value.elements else { throw mistyped(key, "an array", value) }
    guard elements.count <= CheckpointLimits.ggufArrayElements else {
      throw GriffinError(
        .unsafe, file: file.path, offset: value.offset,
        "\(key) has \(elements.count) elements; at most \(CheckpointLimits.ggufArrayElements) are read")
    }
    return (value, elements)
  }

  /// The integer at `offset`; nil where the type is none, or where it exceeds an `Int`.
  private func integer(of type: GGUFValueType, at offset: Int) throws(GriffinError) -> Int? {
    var cursor = GGUFCursor(file, at: offset)
    switch type {
    case .uint8: return Int(try cursor.read(UInt8.self, "an integer"))
    case .int8: return Int(try cursor.read(Int8.self, "an integer"))
    case .uint16: return Int(try cursor.read(UInt16.self, "an integer"))
    case .int16: return Int(try cursor.read(Int16.self, "an integer"))
    case .uint32: return Int(try cursor.read(UInt32.self, "an integer"))
    case .int32: return Int(try cursor.read(Int32.self, "an integer"))
    case .uint64: return Int(exactly: try cursor.read(UInt64.self, "an integer"))
    case .int64: return Int(try cursor.read(Int64.self, "an integer"))
    default: return nil
    }
  }

  func mistyped(_ key: String, _ expected: String, _ found: GGUFValue) -> GriffinError {
    GriffinError(
      .malformed, file: file.path, offset: found.offset, "\(key): expected \(expected), found \(found.description)")
  }
}

extension Float {
  /// The double whose decimal digits are the shortest that read back as this float.
  var shortestDecimal: Double { Double(description) ?? Double(self) }
}
