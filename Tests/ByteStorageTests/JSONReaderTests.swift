import ByteStorage
import TestSupport
import Testing

/// The strict reader: what it accepts, what it refuses, and where it says so.
@Suite struct JSONReaderTests {
  private func parse(_ text: String, limits: JSONLimits = .config) throws(GriffinError) -> JSONValue {
    try parse(Array(text.utf8), limits: limits)
  }

  private func parse(_ bytes: [UInt8], limits: JSONLimits = .config) throws(GriffinError) -> JSONValue {
    try JSONValue.parse(bytes.rawBytes, limits: limits, file: "a.json")
  }

  private func events(_ text: String) throws -> [JSONReader.Event] {
    let bytes = Array(text.utf8)
    var reader = JSONReader(bytes.rawBytes, limits: .config)
    var events: [JSONReader.Event] = []
    while true {
      let event = try reader.next()
      if event == .endOfDocument { return events }
      events.append(event)
    }
  }

  @Test func eventsComeInDocumentOrder() throws {
    #expect(
      try events(" {\"a\": [1, -2.5, \"x\"], \"b\": {}, \"c\": [], \"d\": [true, false, null]}\r\n\t ")
        == [
          .beginObject, .key("a"), .beginArray, .integer(1), .number(-2.5), .string("x"), .endArray, .key("b"), .beginObject,
          .endObject, .key("c"), .beginArray, .endArray, .key("d"), .beginArray, .bool(true), .bool(false), .null, .endArray,
          .endObject,
        ])
  }

  /// Texts are lent where they stand, or without their escapes, whatever word of memory they end in.
  @Test func tokensLendTheirText() throws {
    for length in 0..<40 {
      let plain = String(repeating: "é", count: length / 3) + String(repeating: "x", count: length - length / 3)
      let bytes = Array("{\"\(plain)\":[\"\(plain)\\n\",\"\\u0041\(plain)\",\"\(plain)\"]}".utf8)
      var reader = JSONReader(bytes.rawBytes, limits: .config)
      try reader.beginObject("it")
      #expect(try reader.goesOnWithKey())
      #expect(reader.text.utf8Text == plain)
      try reader.beginArray("list")
      for expected in [plain + "\n", "A" + plain, plain] {
        #expect(try reader.hasNextElement())
        #expect(try reader.nextToken() == .string)
        #expect(reader.text.utf8Text == expected)
      }
      #expect(try !reader.hasNextElement())
      #expect(try !reader.goesOnWithKey())
      try reader.finish()
    }
  }

  /// What ends a string, or may not stand in one, is found at every place of a word.
  @Test func everyByteOfAStringIsLookedAt() throws {
    for length in 0..<24 {
      let text = String(repeating: "a", count: length)
      for after in ["", "bcdefghijklmnop"] {
        #expect(try parse("[\"\(text)\"\(after.isEmpty ? "" : ",\"\(after)\"")]").array?.first?.string == text)
        for (byte, offset) in [(UInt8(0x1F), length + 1), (0x00, length + 1), (0x80, 0), (0xFF, 0)] {
          let bytes = Array("\"\(text)".utf8) + [byte] + Array("\(after)\"".utf8)
          let error = #expect(throws: GriffinError.self) { try parse(bytes) }
          #expect(error?.kind == .malformed && error?.offset == offset, "\(length) \(byte)")
        }
        #expect(throws: GriffinError.self) { try parse("\"\(text)\(after)") }
      }
    }
  }

  /// Strings are held to be UTF-8 by words; the standard library goes by bytes.
  @Test func textIsWhatTheStandardLibraryHoldsForText() throws {
    var numbers = SeededNumbers(seed: 11)
    /// First bytes of sequences of every length, seconds, and what is neither, or ASCII.
    let bytes: [UInt8] = [0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xC4, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF]
    var accepted = 0
    for round in 0..<20_000 {
      // Mostly of characters of two bytes, some of them broken off.
      let text = (0..<Int(numbers.next() % 12)).flatMap { _ -> [UInt8] in
        let (kind, byte) = (numbers.next() % 16, bytes[Int(numbers.next() % 16)])
        return kind == 0 ? [byte] : kind < 6 ? [0x61] : [0xC4, 0xA0]
      }
      let document = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
      let found = try? parse(document).string
      #expect(found == String(validating: text, as: UTF8.self), "\(round): \(text)")
      accepted += found == nil ? 0 : 1
    }
    #expect((5000..<19_000).contains(accepted))
  }

  @Test func aByteThatIsThereOnceIsFound() {
    var numbers = SeededNumbers(seed: 12)
    for length in 0..<40 {
      for count in 0..<4 where count <= length {
        var text = numbers.bytes(length).map { $0 == 0x20 ? 0x21 : $0 }
        let places = Set(text.indices.shuffled(using: &numbers).prefix(count))
        for place in places { text[place] = 0x20 }
        let found = text.rawBytes.onlyPlace(of: 0x20)
        #expect(found == (count == 1 ? places.first : nil), "\(text)")
      }
    }
  }

  @Test func offsetsAreThoseOfTheFile() throws {
    let bytes = Array("  {\"k\" : 17}".utf8)
    var reader = JSONReader(bytes.rawBytes, limits: .config, baseOffset: 8)
    _ = try reader.next()
    #expect(reader.offset == 10)
    _ = try reader.next()
    #expect(reader.offset == 11)
    _ = try reader.next()
    #expect(reader.offset == 17)
  }

  @Test(arguments: [
    ("0", JSONValue.integer(0)), ("-0", .number(-0.0)), ("-0.0", .number(-0.0)), ("9223372036854775807", .integer(.max)),
    ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(9223372036854775808)),
    ("1e3", .number(1000)), ("1E+3", .number(1000)), ("25e-1", .number(2.5)), ("5e-324", .number(.leastNonzeroMagnitude)),
    ("1e-400", .number(0)), ("0.1", .number(0.1)), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("\"\"", ""), ("\"\\u0041\\n\\/\\\"\\\\\\b\\f\\r\\t\"", "A\n/\"\\\u{08}\u{0C}\r\t"), ("\"\\ud83d\\ude00\"", "😀"),
    ("\"\\uD834\\uDD1E x\"", "𝄞 x"), ("\"é😀\"", "é😀"), ("\"\\u0000\"", "\u{00}"), ("\"\u{7F}\"", "\u{7F}"),
    (" null ", nil), ("true", true), ("false", false), ("[]", []), ("{}", [:]), ("[[],[[]]]", [[], [[]]]),
  ] as [(String, JSONValue)])
  func accepts(_ text: String, _ value: JSONValue) throws {
    #expect(try parse(text) == value)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"", "\"a", "tru", "nul", "truex", "-",
    "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{\"a\":}", "{a:1}", "{1:2}", "{'a':1}", "]", "}", "[}", "{]",
    "[1}", "{\"a\":1]", "01", "-01", "00", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "nan",
    "1e400", "-1e400", "// c\n1", "/* c */1", "1 // c", "# c\n1", "1 2", "{}{}", "[]]", "{}\u{00}", "\u{FEFF}{}", "\u{A0}1",
    "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u１234\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
    "\"\\ud800\\ud800\"", "\"\\udc00\\ud800\"", "\"a\nb\"", "\"a\tb\"", "\"\u{1F}\"", "\"\\", "\"\\u", "True", "None", "undefined",
    "\u{0C}1", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":1}", "{\"x\":{\"a\":[],\"b\":0,\"a\":{}}}",
  ])
  func refuses(_ text: String) {
    let error = #expect(throws: GriffinError.self) { try parse(text) }
    #expect(error?.kind == .malformed)
    #expect(error?.file == "a.json")
    #expect(error?.offset != nil)
  }

  @Test(arguments: [
    [0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xE2, 0x82],
  ] as [[UInt8]])
  func refusesTextThatIsNotUTF8(_ sequence: [UInt8]) {
    for bytes in [[0x22] + sequence + [0x22], [0x22, 0x5C, 0x6E] + sequence + [0x22]] {
      let error = #expect(throws: GriffinError.self) { try parse(bytes) }
      #expect(error?.kind == .malformed)
    }
    #expect(throws: GriffinError.self) { try parse(sequence) }
  }

  @Test func saysWhereAndWhat() {
    let duplicate = #expect(throws: GriffinError.self) { try parse("{\"abc\": 1, \"abc\": 2}") }
    #expect(duplicate?.offset == 11)
    #expect(duplicate?.message == "duplicate key \"abc\"; the first is at byte 1")
    let trailing = #expect(throws: GriffinError.self) { try parse("[1, 2,]") }
    #expect(trailing?.offset == 6)
    #expect(trailing?.message == "expected a JSON value, found ']'")
    let end = #expect(throws: GriffinError.self) { try parse("[1, 2") }
    #expect(end?.message == "expected ',' or ']' after an element, found the end of the text")
  }

  /// Unicode calls both keys the same text; JSON does not, and vocabularies hold both.
  @Test func keysAreComparedByTheirBytes() throws {
    let value = try parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
  }

  @Test func duplicatesAreFoundAmongManyKeys() throws {
    for count in [15, 16, 17, 18, 63, 64, 65, 5000] {
      let members = (0..<count).map { "\"key\($0)\": {\"a\": 0, \"b\": 0}" }
      #expect(try parse("{" + members.joined(separator: ",") + "}").object?.count == count)
      let first = #expect(throws: GriffinError.self) { try parse("{" + (members + ["\"key0\":1"]).joined(separator: ",") + "}") }
      #expect(first?.message.hasPrefix("duplicate key \"key0\"") == true)
      #expect(throws: GriffinError.self) {
        try parse("{" + (members + ["\"key\(count - 1)\":1"]).joined(separator: ",") + "}")
      }
    }
  }

  @Test func limitsAreExact() throws {
    func limits(bytes: Int = 1000, depth: Int = 10, values: Int = 100, stringBytes: Int = 100) -> JSONLimits {
      JSONLimits(bytes: bytes, depth: depth, values: values, stringBytes: stringBytes)
    }
    let cases: [(String, JSONLimits, JSONLimits)] = [
      ("[1,2]", limits(bytes: 5), limits(bytes: 4)),
      ("[[[]]]", limits(depth: 3), limits(depth: 2)),
      ("[{\"a\":{}}]", limits(depth: 3), limits(depth: 2)),
      ("[1,2,{\"a\":3}]", limits(values: 6), limits(values: 5)),
      ("\"abcd\"", limits(stringBytes: 4), limits(stringBytes: 3)),
      ("\"\\nbcd\"", limits(stringBytes: 5), limits(stringBytes: 4)),
      ("{\"abcd\":1}", limits(stringBytes: 4), limits(stringBytes: 3)),
    ]
    for (text, enough, tooLittle) in cases {
      _ = try parse(text, limits: enough)
      let error = #expect(throws: GriffinError.self) { try parse(text, limits: tooLittle) }
      #expect(error?.kind == .unsafe, "\(text)")
    }
  }

  @Test func bombsAreRefusedQuickly() {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(throws: GriffinError.self) { try parse(deep) }
    let digits = #expect(throws: GriffinError.self) { try parse(String(repeating: "9", count: 1_000_000)) }
    #expect(digits?.kind == .unsafe)
  }

  @Test func pullingKnownDocuments() throws {
    let bytes = Array("{\"name\": \"x\", \"skip\": [{\"a\": [1]}, 2], \"n\": 3, \"list\": [4, 5], \"none\": [], \"f\": 1, \"b\": true}".utf8)
    var reader = JSONReader(bytes.rawBytes, limits: .config)
    var seen: [String] = []
    try reader.beginObject("the document")
    while let key = try reader.nextKey() {
      seen.append(key)
      switch key {
      case "name": #expect(try reader.readString(key) == "x")
      case "n": #expect(try reader.readInteger(key) == 3)
      case "f": #expect(try reader.readNumber(key) == 1)
      case "b": #expect(try reader.readBool(key) == true)
      case "list", "none":
        try reader.beginArray(key)
        var elements: [Int] = []
        while try reader.hasNextElement() { elements.append(try reader.readInteger(key)) }
        #expect(elements == (key == "list" ? [4, 5] : []))
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    #expect(seen == ["name", "skip", "n", "list", "none", "f", "b"])
  }

  @Test(arguments: ["[1,]", "[,]", "[1 2]", "[1"])
  func pullingArraysIsStrictToo(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: GriffinError.self) {
      var reader = JSONReader(bytes.rawBytes, limits: .config)
      try reader.beginArray("the list")
      while try reader.hasNextElement() { _ = try reader.readInteger("an element") }
      try reader.finish()
    }
  }

  @Test func aValueOfTheWrongKindIsNamed() {
    let bytes = Array("{\"hidden_size\": \"big\"}".utf8)
    let error = #expect(throws: GriffinError.self) {
      var reader = JSONReader(bytes.rawBytes, limits: .config, file: "config.json")
      try reader.beginObject("the configuration")
      while let key = try reader.nextKey() { _ = try reader.readInteger(key) }
    }
    #expect(error?.description == "config.json: byte 16: hidden_size: expected an integer, found the string \"big\"")
  }

  /// What is text is what the standard library takes for it, whatever characters lie around a damaged one.
  @Test func textIsUTF8OrRefused() throws {
    let parts: [[UInt8]] = [
      Array("a".utf8), Array("Ġ".utf8), Array("é".utf8), Array("€".utf8), Array("𝄞".utf8), [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41],
      [0xDF, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBF, 0xBF], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF],
    ]
    for one in parts {
      for other in parts {
        for third in parts {
          let text = one + other + third
          let expected = String(validating: text, as: UTF8.self)
          let found = try? JSONValue.parse(([0x22] + text + [0x22]).rawBytes, limits: .config)
          #expect(found?.string == expected, "\(text)")
        }
      }
    }
  }
}
