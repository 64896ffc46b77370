internal import ByteStorage

/// Turns token ids into text one by one, as they are generated: bytes that are not yet a character wait for their rest.
///
/// ```swift
/// var decoder = TextDecoder(tokenizer)
/// for id in ids { print(decoder.append(id), terminator: "") }
/// print(decoder.finish())
/// ```
///
/// What comes out is what `Tokenizer.decode` gives. Only byte pieces that are not UTF-8 can differ: here every character
/// that is complete stands, there (as in Hugging Face's tokenizers) a run of byte pieces is text as a whole or not at all.
public struct TextDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private let isWhole: Bool
  /// Bytes that wait.
  private var pending: [UInt8] = []
  private var isFirst = true
  private var spacesToStrip: Int

  /// - Parameter skipsSpecialTokens: Whether tokens such as the end token are left out.
  public init(_ tokenizer: Tokenizer, skipsSpecialTokens: Bool = true) {
    self.init(tokenizer, skipsSpecialTokens: skipsSpecialTokens, isWhole: false)
  }

  /// - Parameter isWhole: Whether byte pieces wait for the end of their run.
  init(_ tokenizer: Tokenizer, skipsSpecialTokens: Bool, isWhole: Bool) {
    (self.tokenizer, self.skipsSpecialTokens, self.isWhole) = (tokenizer, skipsSpecialTokens, isWhole)
    spacesToStrip = tokenizer.parts.decoding.strippedSpaces
  }

  /// The text that a token completes; ids without a piece add nothing.
  public mutating func append(_ id: Int) -> String {
    guard let piece = tokenizer.piece(id), !(skipsSpecialTokens && tokenizer.isSpecial(id)) else { return "" }
    let decoding = tokenizer.parts.decoding
    let content = tokenizer.normalizedContents[id] ?? piece.bytes
    guard let mark = decoding.spaceMark else {
      pending += content
      return takeCharacters()
    }
    if decoding.decodesBytes, let byte = PieceVocabulary.byte(of: content) {
      isFirst = false
      pending.append(byte)
      return isWhole ? "" : strip(takeFallbackCharacters(isOver: false))
    }
    var text = takeFallbackCharacters(isOver: true)
    var bytes = content
    if isFirst, decoding.dropsFirstMarks { bytes = NormalizerStep.replace(mark, [], in: bytes) }
    isFirst = false
    text += String(decoding: NormalizerStep.replace(mark, [UInt8(ascii: " ")], in: bytes), as: UTF8.self)
    return strip(text)
  }

  /// What still waits when there are no more tokens.
  public mutating func finish() -> String {
    guard tokenizer.parts.decoding.spaceMark == nil else { return strip(takeFallbackCharacters(isOver: true)) }
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// All pending bytes but those of a character that may go on.
  private mutating func takeCharacters() -> String {
    let kept = TextDecoder.incompleteTail(pending)
    let text = String(decoding: pending.dropLast(kept), as: UTF8.self)
    pending = pending.suffix(kept)
    return text
  }

  /// The characters that byte pieces spell; U+FFFD for every byte that belongs to none.
  private mutating func takeFallbackCharacters(isOver: Bool) -> String {
    guard !pending.isEmpty else { return "" }
    if isWhole {
      defer { pending = [] }
      return pending.rawBytes.utf8Text ?? String(repeating: "\u{FFFD}", count: pending.count)
    }
    let kept = isOver ? 0 : TextDecoder.incompleteTail(pending)
    var text = ""
    var position = 0
    while position < pending.count - kept {
      let count = TextDecoder.characterByteCount(pending[position])
      let end = position + max(1, count)
      if count > 0, end <= pending.count, let character = Array(pending[position..<end]).rawBytes.utf8Text {
        text += character
        position = end
      } else {
        text += "\u{FFFD}"
        position += 1
      }
    }
    pending = pending.suffix(kept)
    return text
  }

  private mutating func strip(_ text: String) -> String {
    guard spacesToStrip > 0, !text.isEmpty else { return text }
    var scalars = text.unicodeScalars[...]
    while spacesToStrip > 0, scalars.first == " " {
      scalars.removeFirst()
      spacesToStrip -= 1
    }
    if !scalars.isEmpty { spacesToStrip = 0 }
    return String(scalars)
  }

  /// Bytes that a character has by its first byte; 0 where no character begins so.
  private static func characterByteCount(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0xC2..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0..<0xF5: 4
    default: 0
    }
  }

  /// Bytes at the end that are the beginning of a character and may become one.
  private static func incompleteTail(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let first = bytes[bytes.count - count]
      if first & 0xC0 == 0x80 { continue }
      guard characterByteCount(first) > count else { return 0 }
      guard count > 1 else { return count }
      // The second byte decides whether the beginning is one.
      let second = bytes[bytes.count - count + 1]
      switch first {
      case 0xE0: return second >= 0xA0 ? count : 0
      case 0xED: return second < 0xA0 ? count : 0
      case 0xF0: return second >= 0x90 ? count : 0
      case 0xF4: return second < 0x90 ? count : 0
      default: return count
      }
    }
    return 0
  }
}

extension Tokenizer {
  /// The text of token ids, exactly; ids without a piece add nothing.
  /// - Parameter skipsSpecialTokens: Whether tokens such as the end token are left out.
  public func decode(_ ids: [Int], skipsSpecialTokens: Bool = false) -> String {
    guard parts.decoding.spaceMark != nil else {
      let pieces = ids.compactMap { id in
        skipsSpecialTokens && isSpecial(id) ? nil : normalizedContents[id] ?? piece(id)?.bytes
      }
      return String(decoding: pieces.joined(), as: UTF8.self)
    }
    var decoder = TextDecoder(self, skipsSpecialTokens: skipsSpecialTokens, isWhole: true)
    var text = ""
    for id in ids { text += decoder.append(id) }
    return text + decoder.finish()
  }
}
