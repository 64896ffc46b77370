internal import ByteStorage
public import Patterns

/// What a normalizer does to a text before it is split, step by step.
public enum NormalizerStep: Sendable, Hashable {
  /// Puts a text before every text that is not empty.
  case prepend([UInt8])
  /// Replaces every occurrence of one text by another.
  case replace([UInt8], with: [UInt8])
  /// Replaces every match of a pattern by a text.
  case replaceMatches(TextPattern, with: [UInt8])
  /// Runs of spaces become one; those at the ends go.
  case collapseSpaces
  /// One of Unicode's normal forms.
  case normalize(NormalForm)
  /// Every character on its own, whatever stands around it.
  case lowercase
  /// White space at the ends goes.
  case strip(left: Bool, right: Bool)
  /// Combining marks go.
  case stripAccents

  /// Takes a text through all of a normalizer's steps.
  /// - Throws: `unsafe` where a pattern takes more work than the text allows.
  static func apply(_ steps: [NormalizerStep], to text: [UInt8]) throws(GriffinError) -> [UInt8] {
    var budget = WorkBudget(byteCount: text.count)
    return try apply(steps, to: text, &budget)
  }

  static func apply(
    _ steps: [NormalizerStep], to text: [UInt8], _ budget: inout WorkBudget
  ) throws(GriffinError) -> [UInt8] {
    var text = text
    for step in steps where !text.isEmpty { text = try step.apply(to: text, &budget) }
    return text
  }

  private func apply(to text: [UInt8], _ budget: inout WorkBudget) throws(GriffinError) -> [UInt8] {
    switch self {
    case .prepend(let prefix): return prefix + text
    case .replace(let pattern, let content): return NormalizerStep.replace(pattern, content, in: text)
    case .replaceMatches(let pattern, let content): return try pattern.replacing(in: text, with: content, &budget)
    case .collapseSpaces:
      return Array(text.split(separator: UInt8(ascii: " ")).joined(separator: [UInt8(ascii: " ")]))
    case .normalize(let form):
      guard text.contains(where: { $0 >= form.firstByte }) else { return text }
      return Array(String(decoding: text, as: UTF8.self).normalized(form).utf8)
    case .lowercase:
      return String(decoding: text, as: UTF8.self).unicodeScalars.flatMap { $0.properties.lowercaseMapping.utf8 }
    case .strip(let left, let right): return NormalizerStep.strip(text, left: left, right: right)
    case .stripAccents:
      var result = String.UnicodeScalarView()
      result.append(
        contentsOf: String(decoding: text, as: UTF8.self).unicodeScalars.filter { scalar in
          !(CharacterClass.of(scalar.value).contains(.mark) && (scalar.properties.age?.major ?? .max) <= 9)
        })
      return Array(String(result).utf8)
    }
  }

  private static func strip(_ text: [UInt8], left: Bool, right: Bool) -> [UInt8] {
    var (start, end) = (0, text.count)
    let span = text.span
    while left, start < end {
      let (value, count) = span.scalar(at: start)
      guard CharacterClass.of(value).contains(.space) else { break }
      start += count
    }
    while right, end > start {
      let last = span.scalarStart(before: end)
      guard CharacterClass.of(span.scalar(at: last).value).contains(.space) else { break }
      end = last
    }
    return Array(text[start..<end])
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
