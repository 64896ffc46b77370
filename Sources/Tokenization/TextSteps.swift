internal import ByteStorage

/// What a normalizer does to a text before it is split, step by step.
public enum NormalizerStep: Sendable, Hashable {
  /// Puts a text before every text that is not empty.
  case prepend([UInt8])
  /// Replaces every occurrence of one text by another.
  case replace([UInt8], with: [UInt8])
  /// Runs of spaces become one; those at the ends go.
  case collapseSpaces
  /// Canonical composition (NFC).
  case compose

  func apply(to text: [UInt8]) -> [UInt8] {
    guard !text.isEmpty else { return text }
    switch self {
    case .prepend(let prefix): return prefix + text
    case .replace(let pattern, let content): return NormalizerStep.replace(pattern, content, in: text)
    case .collapseSpaces:
      return Array(text.split(separator: UInt8(ascii: " ")).joined(separator: [UInt8(ascii: " ")]))
    case .compose:
      // Below U+0300 every scalar is its own composition.
      guard text.contains(where: { $0 >= 0xCC }) else { return text }
      return Array(String(decoding: text, as: UTF8.self).canonicallyComposed.utf8)
    }
  }

  static func replace(_ pattern: [UInt8], _ content: [UInt8], in text: [UInt8]) -> [UInt8] {
    guard let first = pattern.first else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 4)
    var position = 0
    while position < text.count {
      if text[position] == first, text[position...].starts(with: pattern) {
        result += content
        position += pattern.count
      } else {
        result.append(text[position])
        position += 1
      }
    }
    return result
  }
}

/// How a text is cut into the words that are encoded one by one, step by step.
public enum PreTokenizerStep: Sendable, Hashable {
  public enum PrefixScheme: Sendable, Hashable { case always, first, never }

  /// Spaces become the mark (`▁`), which is also put before a text; `splits` starts a word at every mark.
  case spaceMarks(mark: [UInt8], prefix: PrefixScheme, splits: Bool)
  /// One of the published patterns.
  case words(WordPattern)
  /// Puts a space before a text that does not begin with one.
  case prependSpace
}
