import ByteStorage
import Patterns
import Testing

/// What an expression may cost, and what is refused before it costs anything.
struct BudgetTests {
  private func matches(_ expression: String, _ text: String) throws -> Int {
    let pattern = try TextPattern(expression)
    let bytes = Array(text.utf8)
    var budget = WorkBudget(byteCount: bytes.count)
    var count = 0
    try pattern.forEachMatch(in: bytes.span, 0..<bytes.count, &budget) { (_) throws(GriffinError) in count += 1 }
    return count
  }

  @Test(arguments: [
    "(a+)+$!", "(a|a)*!", "(?:a|aa)+!", "(?=(?:a*)*!)a", "(.*)(.*)(.*)(.*)(.*)(.*)!", "((a*)*)*!", "(?<!x)(?:a*a*)*!",
  ])
  func catastrophicPatternsEnd(expression: String) throws {
    let error = #expect(throws: GriffinError.self) { try matches(expression, String(repeating: "a", count: 3000)) }
    #expect(error?.kind == .unsafe && error?.message.contains("steps for each byte") == true)
  }

  /// What many published expressions do on a run of spaces takes work in proportion to it.
  @Test func longRunsAreWithinTheBudget() throws {
    let expression = #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#
    #expect(try matches(expression, String(repeating: " ", count: 200_000) + "x") > 1)
    #expect(try matches(expression, String(repeating: "word ", count: 40_000)) >= 40_000)
    #expect(try matches(expression, String(repeating: "\n", count: 200_000)) > 0)
  }

  @Test(arguments: [
    (#"(?<=a+)b"#, GriffinError.Kind.unsupported, "look-behind"), (#"\X"#, .unsupported, #"\X"#), (#"(a)\1"#, .unsupported, #"\1"#),
    (#"(?~a)"#, .unsupported, "(?~"), (#"\k<a>"#, .unsupported, #"\k"#), (#"\p{Klingon}"#, .unsupported, "Klingon"),
    (#"(?i)ß"#, .unsupported, "any case"), (#"(?i:pass)"#, .unsupported, "\"ss\""), (#"(?x)a"#, .unsupported, "(?x"),
    (#"a(?i)b"#, .unsupported, "option"), (#"(?:a?){3}"#, .unsupported, "may be empty"), (#"\xFF"#, .unsupported, "byte"),
    (#"a**"#, .unsupported, "repetition of a repetition"), (#"^*"#, .unsupported, "takes no text"), ("(a", .malformed, "without its `)`"),
    ("a)", .malformed, "closes nothing"), ("[a", .malformed, "without its `]`"), ("*a", .malformed, "repeats nothing"),
    (#"a\"#, .malformed, "at the end"), ("((a{500}){500}){500}", .unsafe, "instructions"),
    (String(repeating: "(", count: 40) + String(repeating: ")", count: 40), .unsafe, "32 deep"),
    (String(repeating: "[", count: 40) + "a" + String(repeating: "]", count: 40), .unsafe, "32 deep"),
    (String(repeating: "a", count: 20_000), .unsafe, "16384"),
  ])
  func refuses(expression: String, kind: GriffinError.Kind, words: String) throws {
    let error = #expect(throws: GriffinError.self) { _ = try TextPattern(expression) }
    #expect(error?.kind == kind && error?.message.contains(words) == true, "\(error.map(String.init(describing:)) ?? "nothing")")
  }
}
