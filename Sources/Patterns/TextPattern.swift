public import ByteStorage

/// A regular expression as Hugging Face's tokenizers write them (Oniguruma's syntax), found in UTF-8 within counted work.
///
/// ```swift
/// let pattern = try TextPattern(#"\p{N}{1,3}"#)
/// var budget = WorkBudget(byteCount: text.count)
/// try pattern.forEachMatch(in: text.span, 0..<text.count, &budget) { match in … }
/// ```
///
/// What is not known of the syntax is refused by its name; nothing is read in another sense than Oniguruma's.
public struct TextPattern: Sendable, Hashable {
  public let expression: String
  let program: [Instruction]
  /// Loops whose rounds may take nothing.
  let slotCount: Int

  /// - Throws: `malformed` where the expression is none, `unsupported` for what is not read, `unsafe` beyond a limit.
  public init(_ expression: String) throws(GriffinError) {
    self.expression = expression
    var parser = try PatternParser(expression)
    let compiler = try PatternCompiler(parser.parse(), quoted: TextPattern.quoted(expression))
    (program, slotCount) = (compiler.program, compiler.slotCount)
  }

  /// The text with every match replaced.
  /// - Throws: `unsafe` where the budget is spent.
  public func replacing(
    in text: [UInt8], with content: [UInt8], _ budget: inout WorkBudget
  ) throws(GriffinError) -> [UInt8] {
    var (result, done): ([UInt8], Int) = ([], 0)
    try forEachMatch(in: text.span, 0..<text.count, &budget) { (match) throws(GriffinError) in
      result += text[done..<match.lowerBound]
      result += content
      done = match.upperBound
    }
    return done == 0 && result.isEmpty ? text : result + text[done...]
  }

  /// Hands out the matches of a text in order, as Oniguruma's Rust crate finds them: an empty one is passed over where the one
  /// before it ended.
  /// - Parameter range: The text among the bytes, valid UTF-8; nothing outside is looked at.
  /// - Throws: `unsafe` where the budget is spent; and what `body` throws.
  public func forEachMatch(
    in text: Span<UInt8>, _ range: Range<Int>, _ budget: inout WorkBudget,
    _ body: (Range<Int>) throws(GriffinError) -> Void
  ) throws(GriffinError) {
    var matcher = PatternMatcher(self, range)
    var (position, lastEnd) = (range.lowerBound, -1)
    while position <= range.upperBound, let match = try matcher.search(text, from: position, &budget) {
      if match.isEmpty, match.lowerBound == lastEnd {
        guard position < range.upperBound else { return }
        position += text.scalar(at: position).byteCount
        continue
      }
      (position, lastEnd) = (match.upperBound, match.upperBound)
      try body(match)
    }
  }

  var quoted: String { TextPattern.quoted(expression) }

  static func quoted(_ expression: String) -> String { "\"\(expression.shortened(to: 200))\"".printable }
}
