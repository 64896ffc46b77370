public import ByteStorage
public import Checkpoints
internal import Models
internal import Tokenization
public import Verification

/// A text to calibrate with, as a model's ids.
public struct CalibrationText: Sendable {
  /// Its name and digest, for the matrix.
  public let text: ImportanceSums.Text
  public let ids: [Int]
  /// What every part begins with; nil where the model expects nothing before a text.
  public let beginToken: Int?

  public init(text: ImportanceSums.Text, ids: [Int], beginToken: Int?) { (self.text, self.ids, self.beginToken) = (text, ids, beginToken) }

  /// A text that a user gave.
  /// - Parameter name: A file's plain name.
  /// - Throws: `usage` where the model has no tokenizer, and what encoding throws.
  public init(_ contents: String, name: String, processing: TextProcessing) throws(GriffinError) {
    let tokenizer = try processing.encoder().tokenizer
    self.init(
      text: ImportanceSums.Text(name: name, digest: SHA256Digest(of: contents.rawBytes)), ids: try tokenizer.encode(contents),
      beginToken: tokenizer.beginToken)
  }

  /// The text that comes with the program: prompts, written as the model's conversations are, then plain text of several kinds.
  /// - Throws: `usage` where the model has no tokenizer, and what encoding throws.
  public init(builtinFor processing: TextProcessing) throws(GriffinError) {
    let encoder = try processing.encoder()
    var (hasher, ids): (SHA256Hasher, [Int]) = (SHA256Hasher(), [])
    for prompt in BuiltinPrompts.texts {
      guard case .turns(let turns) = prompt.content else { continue }
      for turn in turns {
        hasher.update(turn.rawBytes)
        ids += try encoder.encode(turn)
      }
    }
    for text in BuiltinTexts.all {
      hasher.update(text.rawBytes)
      ids += try encoder.tokenizer.encode(text)
    }
    self.init(
      text: ImportanceSums.Text(name: "built-in", digest: hasher.finalize()), ids: ids, beginToken: encoder.tokenizer.beginToken)
  }

  /// The text cut as llama-imatrix cuts it: parts of `size` tokens, the begin token in place of each one's first; what is left at the
  /// end is no part, unless there is no other.
  public func chunks(of size: Int) -> [[Int]] {
    let count = max(ids.count / size, 1)
    return (0..<count).compactMap { index in
      var chunk = Array(ids[index * size..<min((index + 1) * size, ids.count)])
      guard chunk.count > 1 else { return nil }
      if let beginToken { chunk[0] = beginToken }
      return chunk
    }
  }
}
