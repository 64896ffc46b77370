/// A listing as object stores give it, in XML: all that is looked for are the texts of some elements.
struct ListingText {
  private let text: String

  init(_ text: String) { self.text = text }

  /// The texts of all elements of a name.
  func all(_ name: String) -> [String] {
    var found: [String] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "<\(name)>") {
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "</\(name)>") else { break }
      found.append(ListingText.decoded(rest[..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return found
  }

  func first(_ name: String) -> String? { all(name).first }

  private static func decoded(_ text: Substring) -> String {
    guard text.contains("&") else { return String(text) }
    var result = String(text)
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
      result = result.replacing(entity, with: character)
    }
    return result
  }
}
