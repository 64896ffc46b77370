#if os(Linux)
  // The standard library normalises strings itself; Foundation would only wrap it.
  @_spi(_Unicode) internal import Swift
#else
  internal import Foundation
#endif

extension String {
  /// The text in Unicode's canonical composed form (NFC).
  var canonicallyComposed: String {
    #if os(Linux)
      var (source, result) = (String.UnicodeScalarView(), String.UnicodeScalarView())
      for scalar in unicodeScalars {
        // Three Tibetan vowels are two marks each, which the library reorders only where they are spelled out.
        switch scalar {
        case "\u{F73}": source.append(contentsOf: ["\u{F71}", "\u{F72}"])
        case "\u{F75}": source.append(contentsOf: ["\u{F71}", "\u{F74}"])
        case "\u{F81}": source.append(contentsOf: ["\u{F71}", "\u{F80}"])
        default: source.append(scalar)
        }
      }
      result.append(contentsOf: String(source)._nfc)
      return String(result)
    #else
      return precomposedStringWithCanonicalMapping
    #endif
  }
}
