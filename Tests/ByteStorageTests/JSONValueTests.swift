import ByteStorage
import Testing

/// The tree: access, building, and writing it again.
@Suite struct JSONValueTests {
  private let document: JSONValue = [
    "b": 1, "a": [nil, true, 2.5, "x"], "nested": ["k": [:], "l": []], "n": -7,
  ]

  @Test func membersKeepTheirOrder() throws {
    #expect(document.object?.keys == ["b", "a", "nested", "n"])
    #expect(document.encoded() == "{\"b\":1,\"a\":[null,true,2.5,\"x\"],\"nested\":{\"k\":{},\"l\":[]},\"n\":-7}")
  }

  @Test func prettyText() {
    #expect(
      document.encoded(pretty: true) == """
        {
          "b": 1,
          "a": [
            null,
            true,
            2.5,
            "x"
          ],
          "nested": {
            "k": {},
            "l": []
          },
          "n": -7
        }
        """)
  }

  @Test func accessors() {
    #expect(document["b"]?.integer == 1)
    #expect(document["b"]?.double == 1)
    #expect(document["a"]?.array?.count == 4)
    #expect(document["a"]?.array?[1].bool == true)
    #expect(document["a"]?.array?[2].double == 2.5)
    #expect(document["a"]?.array?[2].integer == nil)
    #expect(document["a"]?.array?[3].string == "x")
    #expect(document["nested"]?["k"]?.object?.isEmpty == true)
    #expect(document["missing"] == nil)
    #expect(document["b"]?["c"] == nil)
    #expect(JSONValue.number(4096).integer == 4096)
    #expect(JSONValue.number(1e300).integer == nil)
    #expect(JSONValue.null.isNull)
  }

  @Test func whatIsWrittenReadsBack() throws {
    let numbers: [Double] = [
      0.1, 1.0 / 3, 1e-5, 1e-7, .leastNonzeroMagnitude, 2.2250738585072014e-308, 1e16, 1e22, 1e23, 123456789.123, 0.000001, 1.7976931348623157e308,
      -0.0, 10000.0, 6.02214076e23,
    ]
    let value = JSONValue.array(numbers.map { .number($0) })
    let text = Array(value.encoded().utf8)
    let back = try JSONValue.parse(text.rawBytes, limits: .config)
    #expect(back.array?.compactMap(\.double).map(\.bitPattern) == numbers.map(\.bitPattern))
    #expect(back == value)
  }

  @Test func stringsAreEscapedMinimally() throws {
    let text = "\"\\/\u{08}\u{0C}\n\r\t\u{01}\u{1F}\u{7F}é😀"
    let value: JSONValue = .string(text)
    #expect(value.encoded() == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u{7F}é😀\"")
    let bytes = Array(value.encoded().utf8)
    #expect(try JSONValue.parse(bytes.rawBytes, limits: .config) == value)
  }

  @Test func numbersThatJSONLacksBecomeNull() {
    #expect(JSONValue.array([.number(.nan), .number(.infinity), .number(-.infinity)]).encoded() == "[null,null,null]")
  }

  @Test func editingObjects() {
    var object: JSONObject = ["a": 1, "b": 2, "a": 3]
    #expect(object.members.map(\.value) == [3, 2])
    object["b"] = "x"
    object["c"] = .null
    object["a"] = .none
    #expect(JSONValue.object(object).encoded() == "{\"b\":\"x\",\"c\":null}")
    for index in 0..<40 { object["key\(index)"] = .integer(index) }
    #expect(object["key0"] == 0)
    #expect(object["key39"] == 39)
    object["key20"] = .none
    #expect(object["key20"] == nil)
    #expect(object["key39"] == 39)
    for index in 0..<39 { object["key\(index)"] = .none }
    #expect(object.keys == ["b", "c", "key39"])
    #expect(object["key39"] == 39)
  }
}
