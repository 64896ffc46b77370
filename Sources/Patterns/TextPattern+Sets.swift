public import ByteStorage

extension TextPattern {
  /// A text that stands for itself.
  /// - Throws: `unsafe` for a text that is too long.
  public init(literal text: String) throws(GriffinError) {
    guard text.utf8.count <= PatternLimits.bytes else {
      throw GriffinError(.unsafe, "a text that is split at has \(text.utf8.count) bytes; at most \(PatternLimits.bytes) are read")
    }
    self.init(name: text, program: text.unicodeScalars.map { .scalar(ScalarSet($0.value)) } + [.accept])
  }

  /// White space, as Rust's `char::is_whitespace` has it.
  public static let whiteSpace = TextPattern(name: #"\s"#, program: [.scalar(PatternProperty.space), .accept])
  /// A number of any kind, as Rust's `char::is_numeric` has it.
  public static let number = TextPattern(
    name: #"\p{N}"#, program: [.scalar(ScalarSet(.categories(GeneralCategory.mask("n")))), .accept])

  /// ASCII's signs, and punctuation as of Unicode 8, where Hugging Face's `Punctuation` has stayed.
  public static let punctuation = TextPattern(
    name: "[[:punct:]]",
    program: [
      .scalar(
        ScalarSet(
          .union([
            .ranges([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
            .both(.categories(GeneralCategory.mask("p")), .assigned(by: 8)),
          ]))), .accept,
    ])

  /// `\w+|[^\w\s]+` as Rust's regular expressions have it, the joiners being of a word.
  public static let wordsAndSigns: TextPattern = {
    let word = ScalarSet(.union([PatternProperty.word.content, .ranges([0x200C...0x200D])]))
    let signs = ScalarSet(.not(.union([word.content, PatternProperty.space.content])))
    return TextPattern(
      name: #"\w+|[^\w\s]+"#,
      program: [
        .either(first: 1, second: 3), .run(word, minimum: 1, maximum: .max, .greedy), .accept,
        .run(signs, minimum: 1, maximum: .max, .greedy), .accept,
      ])
  }()

  private init(name: String, program: [Instruction]) { (expression, self.program, slotCount) = (name, program, 0) }
}
