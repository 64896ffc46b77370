/// Changes that keep a JSON text mostly JSON: libFuzzer's own break its brackets more often than not.
enum JSONText {
  private static let atoms = [
    "0", "1", "2", "3", "7", "8", "-1", "16", "255", "256", "4096", "16384", "65536", "2147483647", "2147483648", "4294967296",
    "1099511627776", "4611686018427387904", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0.5", "-0.0",
    "1e-3",
    "1e308", "1e999", "true", "false", "null", "\"\"", "\"a\"", "[]", "{}", "[[]]", "[0]", "[1,1,1,1,1,1,1,1,1]", "{\"a\":0}",
    "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"e\\u0301\"", "\"../a\"",
  ].map { Array($0.utf8) }

  /// Changes one to three values, or lets libFuzzer change the text.
  static func change(_ text: inout [UInt8], limit: Int, _ mutator: inout Mutator) {
    guard mutator.number(below: 2) == 0 else { return mutator.change(&text, limit: limit) }
    for _ in 0...mutator.number(below: 3) {
      let values = values(in: text)
      guard !values.isEmpty else { return mutator.change(&text, limit: limit) }
      let value = values[mutator.number(below: values.count)]
      var changed = text
      switch mutator.number(below: 6) {
      case 0, 1: changed.replaceSubrange(value, with: atoms[mutator.number(below: atoms.count)])
      case 2: changed.replaceSubrange(value, with: text[values[mutator.number(below: values.count)]])
      case 3: changed.replaceSubrange(value, with: Array("[".utf8) + text[value] + Array("]".utf8))
      case 4: changed.replaceSubrange(value, with: text[value] + Array(",".utf8) + text[value])
      default:
        // The value alone, through libFuzzer and its dictionary.
        var part = Array(text[value])
        mutator.change(&part, limit: part.count + 64)
        changed.replaceSubrange(value, with: part)
      }
      if changed.count <= limit { text = changed }
    }
  }

  /// Where values, keys and members are, from the innermost out.
  private static func values(in text: [UInt8]) -> [Range<Int>] {
    var (values, open) = ([Range<Int>](), [Int]())
    var offset = 0
    while offset < text.count {
      let start = offset
      offset += 1
      switch text[start] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(start)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let begin = open.popLast() { values.append(begin..<offset) }
      case UInt8(ascii: "\""):
        while offset < text.count, text[offset] != UInt8(ascii: "\"") { offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1 }
        offset = min(offset + 1, text.count)
        values.append(start..<offset)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"):
        while offset < text.count, !Array(",]}: \n".utf8).contains(text[offset]) { offset += 1 }
        values.append(start..<offset)
      default: break
      }
    }
    return values
  }
}
