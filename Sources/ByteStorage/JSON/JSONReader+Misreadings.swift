/// What is nearly JSON, told by name: texts in another encoding, and numbers that JSON does not have.
extension JSONReader {
  /// The error for a text that is not UTF-8 from its first bytes on; nil for one that may be.
  func foreignEncoding() -> GriffinError? {
    let start = bytes.extracting(0..<min(bytes.byteCount, 4)).copied
    let found: String
    if start.starts(with: [0xEF, 0xBB, 0xBF]) {
      found = "a byte order mark before it"
    } else if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
      found = "a byte order mark of UTF-16"
    } else if start.count == 4, (start[0] == 0) != (start[1] == 0), (start[2] == 0) != (start[3] == 0) {
      found = "two bytes for each letter, as UTF-16 has"
    } else {
      return nil
    }
    return GriffinError(
      .malformed, file: file, offset: baseOffset, "expected JSON in UTF-8, found \(found)",
      hints: ["save the file as UTF-8 without a byte order mark"])
  }

  /// The error for `NaN`, `Infinity` or `-Infinity` at `position`, with the key that it is the value of; nil for anything else.
  func bareNumber() -> GriffinError? {
    let rest = bytes.extracting(min(position, bytes.byteCount)..<min(position + 9, bytes.byteCount)).copied
    let words = ["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf", "-NaN"]
    guard let word = words.first(where: { rest.starts(with: $0.utf8) }) else { return nil }
    let place = keyBefore(position).map { "the value of \"\($0.shortened(to: 80))\"" } ?? "a value"
    return GriffinError(
      .malformed, file: file, offset: baseOffset + position, "\(place) is \(word), a number that JSON does not have",
      hints: ["write a finite number or null in its place"])
  }

  /// The key whose value begins at a place, as it is written; nil in an array, and for keys with escapes.
  private func keyBefore(_ place: Int) -> String? {
    var cursor = place - 1
    func skipSpace() { while cursor >= 0, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[cursor]) { cursor -= 1 } }
    skipSpace()
    guard cursor >= 0, bytes[cursor] == UInt8(ascii: ":") else { return nil }
    cursor -= 1
    skipSpace()
    let end = cursor
    guard end > 0, bytes[end] == UInt8(ascii: "\"") else { return nil }
    cursor -= 1
    while cursor >= 0, bytes[cursor] != UInt8(ascii: "\""), end - cursor < 256 { cursor -= 1 }
    guard cursor >= 0, bytes[cursor] == UInt8(ascii: "\"") else { return nil }
    return bytes.extracting(cursor + 1..<end).utf8Text
  }
}
