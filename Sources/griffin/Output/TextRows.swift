import Bundles
import Tokenization

extension Formatting {
  /// What `inspect` says of a tokenizer.
  static func rows(_ text: TextFiles, vocabularySize: Int) -> [[String]] {
    guard let tokenizer = text.tokenizer else {
      return text.problem == nil ? [] : [["tokenizer", "cannot be used"]]
    }
    var line = "\(tokenizer.kind.rawValue), \(tokenizer.vocabularySize) tokens"
    let missing = text.idsWithoutPiece(vocabularySize: vocabularySize)
    if missing > 0 { line += "; \(missing) ids of the model have none" }
    return [["tokenizer", line], ["prompts", "\(text.ownFormat(PromptFormat.Request(day: DateOption.today)).format)"]]
  }
}
