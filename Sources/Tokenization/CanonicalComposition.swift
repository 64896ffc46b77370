#if os(Linux)
  // The standard library normalises strings itself; Foundation would only wrap it.
  @_spi(_Unicode) internal import Swift
#else
  internal import Foundation
#endif

extension String {
  /// The text in canonical composed form (NFC), as of Unicode 9.
  ///
  /// That is the version that Hugging Face's normalizers have stayed at, and tokenizers were trained with: characters that are
  /// newer neither compose nor change places.
  var canonicallyComposed: String {
    var result = String.UnicodeScalarView()
    var run = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      // Nothing below is newer.
      if scalar.value >= 0x370, !(scalar.properties.age.map { $0.major <= 9 } ?? false) {
        result.append(contentsOf: String(run).composed)
        result.append(scalar)
        run.removeAll(keepingCapacity: true)
        continue
      }
      // Three Tibetan vowels are two marks each, which the library reorders only where they are spelled out.
      switch scalar {
      case "\u{F73}": run.append(contentsOf: ["\u{F71}", "\u{F72}"])
      case "\u{F75}": run.append(contentsOf: ["\u{F71}", "\u{F74}"])
      case "\u{F81}": run.append(contentsOf: ["\u{F71}", "\u{F80}"])
      default: run.append(scalar)
      }
    }
    result.append(contentsOf: String(run).composed)
    return String(result)
  }

  /// The text's composed form, as of the library's own version of Unicode.
  private var composed: String.UnicodeScalarView {
    #if os(Linux)
      var view = String.UnicodeScalarView()
      view.append(contentsOf: _nfc)
      return view
    #else
      return precomposedStringWithCanonicalMapping.unicodeScalars
    #endif
  }
}
