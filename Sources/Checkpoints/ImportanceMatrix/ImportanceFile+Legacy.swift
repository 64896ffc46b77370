internal import ByteStorage

extension ImportanceFile {
  /// The form before GGUF: the number of entries, then of each its name, how often it was called, and its values times
  /// that; perhaps the number of chunks and the calibration text's name at the end. All numbers have 32 bits.
  static func readLegacy(_ file: InputFile) throws(GriffinError) -> Contents {
    guard file.byteCount >= 4 else {
      throw GriffinError(.malformed, file: file.path, offset: 0, "expected an importance matrix, found \(file.byteCount) bytes")
    }
    var cursor = GGUFCursor(file)
    // An entry takes at least a name of a byte, three numbers and one value.
    let count = try readCount(&cursor, "the number of entries", leastByteCount: 17, range: 1...CheckpointLimits.ggufTensors)
    var contents = Contents()
    for _ in 0..<count {
      let name = try readText(&cursor, "a tensor's name", range: 1...CheckpointLimits.nameBytes)
      let calls = Int32(bitPattern: try cursor.read(UInt32.self, "the number of calls"))
      guard calls >= 0 else {
        throw cursor.error(.malformed, at: cursor.offset - 4, "the number of calls is \(calls); expected 0 or more")
      }
      let valueCount = try readCount(&cursor, "the number of values", leastByteCount: 4, range: 1...Int(Int32.max))
      let values = try cursor.readFloats(valueCount, "the importance of \(name.shortened())")
      contents.entries.append((name, ImportanceSums.Entry(sums: values, counts: [Float(calls)])))
    }
    if cursor.remaining > 0 {
      contents.chunkCount = Int(try cursor.read(UInt32.self, "the number of chunks"))
      if cursor.remaining > 0 {
        let name = try readText(&cursor, "the calibration text's name", range: 0...CheckpointLimits.ggufKeyBytes)
        if !name.isEmpty { contents.texts.append(ImportanceSums.Text(name: name, digest: nil)) }
      }
    }
    guard cursor.remaining == 0 else {
      throw cursor.error(.malformed, "\(cursor.remaining) bytes follow what should be the end of the file")
    }
    return contents
  }

  private static func readCount(
    _ cursor: inout GGUFCursor, _ what: String, leastByteCount: Int, range: ClosedRange<Int>
  ) throws(GriffinError) -> Int {
    let start = cursor.offset
    let count = Int(Int32(bitPattern: try cursor.read(UInt32.self, what)))
    guard range.contains(count), count <= cursor.remaining / leastByteCount else {
      throw cursor.error(
        .malformed, at: start,
        "\(what) is \(count), which \(cursor.remaining) bytes cannot hold; the file is no importance matrix, or truncated")
    }
    return count
  }

  private static func readText(
    _ cursor: inout GGUFCursor, _ what: String, range: ClosedRange<Int>
  ) throws(GriffinError) -> String {
    let start = cursor.offset
    let count = try readCount(&cursor, "the length of \(what)", leastByteCount: 1, range: range)
    let file = cursor.file
    guard let text = file.bytes.extracting(cursor.offset..<cursor.offset + count).utf8Text else {
      throw cursor.error(.malformed, at: start, "\(what) is not UTF-8")
    }
    try cursor.skip(count, what)
    return text
  }
}
