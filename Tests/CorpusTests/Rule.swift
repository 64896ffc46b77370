import Foundation

/// A rule that a case is about: a page of `formats/` and words that stand on it.
struct Rule: Sendable, Hashable {
  let page: String
  let words: String

  /// - Parameters:
  ///   - page: `safetensors.md`.
  ///   - words: A rule's name with its first words, or a phrase; spaces and line ends are the same.
  init(_ page: String, _ words: String) { (self.page, self.words) = (page, words) }

  /// Whether the words stand on the page.
  var isStated: Bool {
    guard let text = try? String(contentsOf: Rule.folder.appending(path: page), encoding: .utf8) else { return false }
    return Rule.words(text).contains(Rule.words(words))
  }

  private static func words(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "formats")
}
