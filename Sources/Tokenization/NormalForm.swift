#if os(Linux)
  // The standard library normalises strings itself; Foundation would only wrap it.
  @_spi(_Unicode) internal import Swift
#else
  internal import Foundation
#endif

/// Unicode's normal forms, by their names in a tokenizer.json.
///
/// Text is as of Unicode 9: that is the version that Hugging Face's normalizers have stayed at, and tokenizers were trained with.
/// Characters that are newer are neither changed nor moved.
public enum NormalForm: String, Sendable, Hashable {
  case composed = "NFC"
  case decomposed = "NFD"
  case compatibilityComposed = "NFKC"
  case compatibilityDecomposed = "NFKD"

  /// Text whose bytes are all below this is in the form already.
  var firstByte: UInt8 {
    // NFC changes nothing below U+0300, the others nothing below U+00A0.
    self == .composed ? 0xCC : 0xC2
  }

  /// How many times longer a text may become.
  var lengthening: Int {
    switch self {
    case .composed: 1
    case .decomposed: 3
    // An Arabic ligature of three bytes is a sentence.
    case .compatibilityComposed, .compatibilityDecomposed: 11
    }
  }

  fileprivate var isCompatibility: Bool { self == .compatibilityComposed || self == .compatibilityDecomposed }
  fileprivate var composes: Bool { self == .composed || self == .compatibilityComposed }
}

extension String {
  /// The text in a normal form, as of Unicode 9.
  func normalized(_ form: NormalForm) -> String {
    var result = String.UnicodeScalarView()
    var run = String.UnicodeScalarView()
    func flush() {
      result.append(contentsOf: form.composes ? String(run).composed : String(run).decomposed)
      run.removeAll(keepingCapacity: true)
    }
    for scalar in unicodeScalars {
      // Nothing below is newer.
      if scalar.value >= 0x370, !(scalar.properties.age.map { $0.major <= 9 } ?? false) {
        flush()
        result.append(scalar)
        continue
      }
      if form.isCompatibility, let spelled = CompatibilityTable.decomposition(of: scalar) {
        run.append(contentsOf: spelled)
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
    flush()
    return String(result)
  }

  /// The composed form as of the library's own version of Unicode.
  private var composed: String.UnicodeScalarView {
    #if os(Linux)
      var view = String.UnicodeScalarView()
      view.append(contentsOf: _nfc)
      return view
    #else
      return precomposedStringWithCanonicalMapping.unicodeScalars
    #endif
  }

  /// The decomposed form as of the library's own version of Unicode.
  private var decomposed: String.UnicodeScalarView {
    #if os(Linux)
      var view = String.UnicodeScalarView()
      view.append(contentsOf: _nfd)
      return view
    #else
      return decomposedStringWithCanonicalMapping.unicodeScalars
    #endif
  }
}
