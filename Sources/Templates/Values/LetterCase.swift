/// Python's upper and lower case.
enum LetterCase {
  static func upper(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { $0 += $1.properties.uppercaseMapping }
  }

  static func lower(_ text: String) -> String { lower(Array(text.unicodeScalars)) }

  /// The first letter in title case, all others in lower case.
  static func capitalized(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.first else { return "" }
    return first.properties.titlecaseMapping + lower(scalars, from: 1)
  }

  /// `str.title`: every letter that follows none in title case.
  static func titled(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    var isInside = false
    for index in scalars.indices {
      result += isInside ? lowered(scalars, index) : scalars[index].properties.titlecaseMapping
      isInside = scalars[index].properties.isCased
    }
    return result
  }

  static func swapped(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    return scalars.indices.reduce(into: "") { result, index in
      let properties = scalars[index].properties
      result +=
        properties.isUppercase
        ? lowered(scalars, index) : properties.isLowercase ? properties.uppercaseMapping : String(scalars[index])
    }
  }

  static func lower(_ scalars: [Unicode.Scalar], from start: Int = 0) -> String {
    scalars.indices.dropFirst(start).reduce(into: "") { $0 += lowered(scalars, $1) }
  }

  private static func lowered(_ scalars: [Unicode.Scalar], _ index: Int) -> String {
    guard scalars[index] == "\u{3A3}" else { return scalars[index].properties.lowercaseMapping }
    // A sigma that ends a word has a form of its own.
    let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
    let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    return before?.properties.isCased == true && after?.properties.isCased != true ? "\u{3C2}" : "\u{3C3}"
  }

  /// Whether there are cased letters, and all of them are in the given case.
  static func isAll(_ text: String, upper: Bool) -> Bool {
    var found = false
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      if upper ? properties.isLowercase : properties.isUppercase { return false }
      if properties.generalCategory == .titlecaseLetter { return false }
      if upper ? properties.isUppercase : properties.isLowercase { found = true }
    }
    return found
  }
}
