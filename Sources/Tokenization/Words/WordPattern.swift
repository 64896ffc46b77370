/// How a text is split into words before they are encoded: one of the published regular expressions, scanned by hand.
///
/// The patterns differ in a few places only, which are the fields here. Other expressions are run as such (`TextPattern`).
/// - Source: the `pre_tokenizer` of the tokenizer.json of GPT-2, LLaMA 3, Qwen2 and Mistral Nemo.
public struct WordPattern: Sendable, Hashable {
  enum Contractions: Sendable, Hashable { case none, lowercase, anyCase }

  enum Words: Sendable, Hashable {
    /// ` ?\p{L}+`
    case afterSpace
    /// `[^\r\n\p{L}\p{N}]?\p{L}+`
    case afterAny
    /// The same with `[\p{L}\p{M}]+`, marks being no signs then.
    case withMarks
    /// Words end where a lowercase letter meets an uppercase one.
    case byCase
  }

  var contractions: Contractions
  var words: Words
  /// Digits that stay together; 0 for all, with the space before them.
  var digits: Int
  /// Whether signs take the line ends after them along, and slashes too.
  var signsTakeLineEnds: Bool
  var signsTakeSlashes = false
  /// Whether white space ends after its last line end.
  var splitsAfterLineEnds: Bool

  /// GPT-2's, which is also that of a `ByteLevel` pre-tokenizer with `use_regex`.
  public static let gpt2 = WordPattern(
    contractions: .lowercase, words: .afterSpace, digits: 0, signsTakeLineEnds: false, splitsAfterLineEnds: false)
  /// LLaMA 3's.
  public static let llama3 = words(digits: 3)
  /// That of Qwen2, Qwen2.5 and Qwen3.
  public static let qwen2 = words(digits: 1)
  /// Mistral Nemo's.
  public static let tekken = WordPattern(
    contractions: .none, words: .byCase, digits: 1, signsTakeLineEnds: true, signsTakeSlashes: true, splitsAfterLineEnds: true)

  private static func words(digits: Int) -> WordPattern {
    WordPattern(
      contractions: .anyCase, words: .afterAny, digits: digits, signsTakeLineEnds: true, splitsAfterLineEnds: true)
  }

  /// The pattern that a regular expression spells, or nil where it is none of the known ones.
  init?(expression: String) {
    guard let known = WordPattern.spellings.first(where: { $0.expression == expression }) else { return nil }
    self = known.pattern
  }

  private init(
    contractions: Contractions, words: Words, digits: Int, signsTakeLineEnds: Bool, signsTakeSlashes: Bool = false,
    splitsAfterLineEnds: Bool
  ) {
    (self.contractions, self.words, self.digits) = (contractions, words, digits)
    (self.signsTakeLineEnds, self.signsTakeSlashes) = (signsTakeLineEnds, signsTakeSlashes)
    self.splitsAfterLineEnds = splitsAfterLineEnds
  }

  /// Every spelling that is known. A new one is a line here, and a field above where it differs in a new place.
  private static let spellings: [(expression: String, pattern: WordPattern)] = {
    let anyCase = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
    let spelledOut = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|"
    let end = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    let gpt2Start = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#
    var all: [(String, WordPattern)] = [(gpt2Start, .gpt2), (gpt2Start + #"|\s+"#, .gpt2)]
    for (digits, spelling) in [(1, #"\p{N}"#), (3, #"\p{N}{1,3}"#)] {
      for contractions in [anyCase, spelledOut] {
        all.append((contractions + #"[^\r\n\p{L}\p{N}]?\p{L}+|"# + spelling + end, words(digits: digits)))
      }
    }
    var marks = words(digits: 1)
    marks.words = .withMarks
    all.append(
      (anyCase + #"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#, marks))
    let tekken =
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
      + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"#
      + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return all + [(tekken, .tekken)]
  }()
}

extension WordPattern {
  /// Hands out the words of a text in order; together they are the text.
  func forEachWord<Failure>(
    in text: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = WordScanner(pattern: self, end: range.upperBound).wordEnd(in: text, from: start)
      try body(start..<end)
      start = end
    }
  }
}
