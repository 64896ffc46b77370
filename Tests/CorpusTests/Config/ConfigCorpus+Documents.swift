import ByteStorage

extension ConfigCorpus {
  private static let json = "one JSON object in UTF-8"
  private static let limits = "at most 16 MiB, nesting 64, 1048576 values, strings of 4 MiB"
  private static let numbers = "Numbers are those of JSON"

  static let documents: [HostileCase] = [
    text("not-json", json, .malformed, "byte 0") { _ in Array("hidden_size = 16".utf8) },
    text("a-list", json, .malformed, "object") { text in Array("[\(text)]".utf8) },
    text("a-string", json, .malformed, "object") { _ in Array(#""llama""#.utf8) },
    text("null", json, .malformed, "object") { _ in Array("null".utf8) },
    text("only-white-space", json, .malformed, "end of the text") { _ in Array(" \n\t ".utf8) },
    text("cut-off", json, .malformed, "byte") { Array($0.utf8.dropLast(20)) },
    text("and-more", json, .malformed, "after the end") { Array(($0 + "{}").utf8) },
    text("and-nul-bytes", json, .malformed, "after the end") { Array($0.utf8) + [0, 0] },
    text("byte-order-mark", json, .malformed, "byte 0") { [0xEF, 0xBB, 0xBF] + Array($0.utf8) },
    text("utf-16", json, .malformed, "byte 0") { $0.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } },
    text("latin-1", json, .malformed, "UTF-8") {
      Array($0.utf8.dropLast(1)) + Array(#","author":"M"#.utf8) + [0xFC] + Array(#"ller"}"#.utf8)
    },
    text("overlong-utf-8", json, .malformed, "UTF-8") {
      Array($0.utf8.dropLast(1)) + Array(#","a":""#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8)
    },
    text("half-a-surrogate", json, .malformed, "surrogate", adding(#""a":"\ud800""#)),
    text("line-feed-in-a-string", json, .malformed, "control character", adding("\"a\":\"b\nc\"")),
    text("comment", json, .malformed, "byte", adding("\n// not JSON\n\"a\":1")),
    text("single-quotes", json, .malformed, "quoted key", adding("'a':1")),
    text("comma-at-the-end", json, .malformed, "quoted key", adding(#""a":1,"#)),
    text("key-twice", "no member twice", .malformed, "duplicate key \"hidden_size\"", adding(#""hidden_size":16"#)),
    text(
      "key-twice-by-escape", "no member twice", .malformed, "duplicate key \"hidden_size\"", adding(#""hidden\u005fsize":32"#)),
    text("key-twice-deep-down", "no member twice", .malformed, "duplicate key", adding(#""a":{"b":[{"c":1,"c":1}]}"#)),
    text("not-a-number", numbers, .malformed, "byte", adding(#""a":NaN"#)),
    text("infinity", numbers, .malformed, "byte", adding(#""a":-Infinity"#)),
    text("hexadecimal", numbers, .malformed, "byte", adding(#""a":0x10"#)),
    text("leading-zero", numbers, .malformed, "superfluous 0", adding(#""a":012"#)),
    text("plus-sign", numbers, .malformed, "byte", adding(#""a":+1"#)),
    text("beyond-64-bit-floats", numbers, .malformed, "floating point", adding(#""a":1e400"#)),
    text(
      "number-of-2000-digits", "numbers of 1024 bytes", .unsafe, "1024", adding("\"a\":" + String(repeating: "9", count: 2000))),
    text("nested-too-deep", limits, .unsafe, "nested deeper than 64", adding("\"a\":" + String(repeating: "[", count: 64))),
    text(
      "nesting-bomb", limits, .unsafe, "nested deeper than 64", adding("\"a\":" + String(repeating: #"{"a":["#, count: 500_000))),
    text("value-bomb", limits, .unsafe, "values") {
      Array("{\"a\":[\(String(repeating: "0,", count: 1 << 20))0],".utf8) + $0.utf8.dropFirst()
    },
    text("string-bomb", limits, .unsafe, "string") {
      Array("{\"a\":\"\(String(repeating: "a", count: (4 << 20) + 1))\",".utf8) + $0.utf8.dropFirst()
    },
    text("key-bomb", limits, .unsafe, "values") { text in
      Array("{\((0..<530_000).map { "\"\($0)\":0," }.joined())".utf8) + text.utf8.dropFirst()
    },
    text("larger-than-its-limit", limits, .unsafe, "16777216") { Array($0.utf8) + [UInt8](repeating: 0x20, count: 16 << 20) },
  ]
}
