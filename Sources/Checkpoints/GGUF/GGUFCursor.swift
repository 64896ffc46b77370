internal import ByteStorage

/// Reads a GGUF file front to back; every length is held against what is left before anything is made of it.
struct GGUFCursor {
  let file: InputFile
  private(set) var offset: Int

  init(_ file: InputFile, at offset: Int = 0) { (self.file, self.offset) = (file, offset) }

  /// Bytes after the cursor.
  var remaining: Int { file.byteCount - offset }

  func error(_ kind: GriffinError.Kind, at offset: Int? = nil, _ message: String) -> GriffinError {
    GriffinError(kind, file: file.path, offset: offset ?? self.offset, message)
  }

  private func truncated(_ what: String, bytes: Int) -> GriffinError {
    error(.malformed, "expected \(bytes) bytes of \(what), found the end of the file after \(remaining); it may be truncated")
  }

  /// The next integer.
  mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ what: @autoclosure () -> String
  ) throws(GriffinError) -> Value {
    let file = file
    try file.require(offset..<offset + MemoryLayout<Value>.size)
    guard let value = file.bytes.littleEndian(type, at: offset) else {
      throw truncated(what(), bytes: MemoryLayout<Value>.size)
    }
    offset += MemoryLayout<Value>.size
    return value
  }

  /// The next 64-bit count, of things that take at least `leastByteCount` bytes each and so must fit what is left.
  mutating func readCount(
    _ what: @autoclosure () -> String, leastByteCount: Int, limit: Int = .max
  ) throws(GriffinError) -> Int {
    let start = offset
    let count = try read(UInt64.self, what())
    guard let exact = Int(exactly: count), exact <= remaining / leastByteCount else {
      throw error(.malformed, at: start, "\(what()) is \(count), more than the \(remaining) bytes that follow can hold")
    }
    guard exact <= limit else { throw error(.unsafe, at: start, "\(what()) is \(count); at most \(limit) are read") }
    return exact
  }

  /// Passes over bytes.
  mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(GriffinError) {
    guard count <= remaining else { throw truncated(what(), bytes: count) }
    offset += count
  }

  /// The next string: its length and its bytes, which must be UTF-8.
  mutating func readString(_ what: @autoclosure () -> String, limit: Int) throws(GriffinError) -> String {
    let start = offset
    let count = try readCount("the length of \(what())", leastByteCount: 1, limit: limit)
    let file = file
    try file.require(offset..<offset + count)
    guard let text = file.bytes.extracting(offset..<offset + count).utf8Text else {
      throw error(.malformed, at: start, "\(what()) is not UTF-8")
    }
    offset += count
    return text
  }

  /// Passes over a string.
  mutating func skipString(_ what: @autoclosure () -> String) throws(GriffinError) {
    offset += try readCount("the length of \(what())", leastByteCount: 1)
  }
}
