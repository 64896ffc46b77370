import SpeculativeDecoding
import Tokenization

/// A generation on standard output as it comes, cut where the generation is: text, or ids where there is no tokenizer.
struct TokenStream {
  private let settings: DecodeSettings
  private let isSilent: Bool
  private let colours: Bool
  private let isTerminal: Bool
  private var decoder: TextDecoder?
  private var all: [Int] = []
  private var shown = 0

  /// - Parameters:
  ///   - isSilent: Whether nothing is shown.
  ///   - colours: Whether what the draft proposed is green.
  ///   - isTerminal: Whether characters that steer a terminal are left out.
  init(settings: DecodeSettings, tokenizer: Tokenizer?, isSilent: Bool, colours: Bool, isTerminal: Bool) {
    (self.settings, self.isSilent, self.colours, self.isTerminal) = (settings, isSilent, colours, isTerminal)
    decoder = tokenizer.map { TextDecoder($0) }
  }

  /// - Parameter drafted: The index of the first of `ids` that the draft proposed.
  mutating func show(_ ids: [Int], drafted: Int) {
    let first = all.count
    all += ids
    guard !isSilent else { return }
    let kept = settings.cut(all)
    var text = ""
    for index in shown..<max(shown, kept.count) {
      let part = decoder?.append(kept[index]) ?? (index == 0 ? "" : " ") + "\(kept[index])"
      text += styled(part, isDrafted: index - first >= drafted)
    }
    shown = max(shown, kept.count)
    if !text.isEmpty { Console.outputPart(text) }
  }

  mutating func end() {
    guard !isSilent else { return }
    Console.outputPart(styled(decoder?.finish() ?? "", isDrafted: false) + "\n")
  }

  private func styled(_ text: String, isDrafted: Bool) -> String {
    var text = text
    if isTerminal {
      text.unicodeScalars.removeAll { scalar in
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      }
    }
    return colours && isDrafted && !text.isEmpty ? "\u{1B}[32m\(text)\u{1B}[0m" : text
  }
}
