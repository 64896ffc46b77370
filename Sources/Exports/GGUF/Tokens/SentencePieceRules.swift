internal import ByteStorage
internal import Tokenization

/// What surrounds a SentencePiece vocabulary, in the terms that llama.cpp has for it.
struct SentencePieceRules {
  /// `tokenizer.ggml.add_space_prefix`.
  let addsSpacePrefix: Bool
  private(set) var warnings: [String] = []

  private static let mark = Array("▁".utf8)
  private static let space = [UInt8(ascii: " ")]

  /// - Throws: `unsupported` for steps that llama.cpp takes in no way.
  init(_ parts: TokenizerParts, file: String) throws(GriffinError) {
    var normalizer = parts.normalizer
    let collapses = normalizer.first == .collapseSpaces
    if collapses { normalizer.removeFirst() }
    let marks = NormalizerStep.replace(SentencePieceRules.space, with: SentencePieceRules.mark)
    let prefix = NormalizerStep.prepend(SentencePieceRules.mark)
    var isLegacy = true
    if parts.preTokenizer.isEmpty, [[prefix, marks], [marks, prefix], [marks]].contains(normalizer) {
      addsSpacePrefix = normalizer.count == 2
    } else if normalizer.isEmpty, parts.preTokenizer.count == 1,
      case .spaceMarks(SentencePieceRules.mark, prefix: let scheme, splits: false) = parts.preTokenizer[0]
    {
      (addsSpacePrefix, isLegacy) = (scheme != .never, scheme != .first)
    } else {
      throw GriffinError(
        .unsupported, file: file, "the tokenizer's normalizer or pre-tokenizer does more than mark spaces, which is all that llama.cpp does",
        hints: [GGUFTarget.instead])
    }
    func warn(_ message: String) { warnings.append("\(file): \(message)".printable) }
    if !isLegacy { warn("llama.cpp puts a space before the text after a special token, and the tokenizer (legacy false) does not") }
    if collapses { warn("the tokenizer makes runs of spaces one and llama.cpp does not; such text has other ids there") }
    if !parts.fallsBackToBytes { warn("the vocabulary has no piece for each byte; llama.cpp fails at characters without a piece") }
  }
}
