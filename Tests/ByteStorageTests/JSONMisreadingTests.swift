import ByteStorage
import Testing

/// What is nearly JSON is told by name.
struct JSONMisreadingTests {
  private static func error(_ bytes: [UInt8]) throws -> GriffinError {
    try #require(#expect(throws: GriffinError.self) { try JSONValue.parse(bytes.rawBytes, limits: .config, file: "config.json") })
  }

  private static let text = #"{"hidden_size": 16}"#

  @Test func otherEncodingsAreNamed() throws {
    let little = JSONMisreadingTests.text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big = JSONMisreadingTests.text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    for (bytes, words) in [
      ([0xEF, 0xBB, 0xBF] + Array(JSONMisreadingTests.text.utf8), "a byte order mark before it"),
      ([0xFF, 0xFE] + little, "a byte order mark of UTF-16"), ([0xFE, 0xFF] + big, "a byte order mark of UTF-16"),
      (little, "two bytes for each letter"), (big, "two bytes for each letter"),
    ] {
      let error = try JSONMisreadingTests.error(bytes)
      #expect(error.kind == .malformed && error.offset == 0 && error.message.contains(words), "\(error)")
      #expect(error.hints == ["save the file as UTF-8 without a byte order mark"])
    }
  }

  @Test(arguments: ["NaN", "Infinity", "-Infinity", "nan", "inf"]) func numbersThatJSONLacksAreNamedWithTheirKey(word: String) throws {
    for (text, place) in [
      (#"{"a": 1, "rms_norm_eps": \#(word)}"#, #"the value of "rms_norm_eps""#), (#"{"rope_theta":\#(word)}"#, #"the value of "rope_theta""#),
      (#"{"a": [1, \#(word)]}"#, "a value"),
    ] {
      let error = try JSONMisreadingTests.error(Array(text.utf8))
      #expect(error.kind == .malformed && error.message == "\(place) is \(word), a number that JSON does not have", "\(error)")
      #expect(error.offset == text.utf8.count - word.utf8.count - (text.hasSuffix("]}") ? 2 : 1))
    }
  }

  @Test func otherMistakesAreWhatTheyWere() throws {
    #expect(try JSONMisreadingTests.error(Array("{\"a\": No}".utf8)).message == "expected a JSON value, found 'N'")
    #expect(try JSONMisreadingTests.error(Array("{\"a\": nul}".utf8)).message == "expected null")
    #expect(try JSONMisreadingTests.error(Array("{\"a\": -x}".utf8)).message == "a number has no digits")
    #expect(try JSONMisreadingTests.error(Array("x".utf8)).message == "expected a JSON value, found 'x'")
    #expect(try JSONMisreadingTests.error(Array("\"".utf8)).offset == 0)
  }
}
