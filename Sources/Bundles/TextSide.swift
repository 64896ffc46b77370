public import ByteStorage
public import Tokenization

/// The text side of a target: its tokenizer and its own chat template, out of the files that came with it.
///
/// A model without a tokenizer is whole without text. One whose tokenizer is damaged or of a kind that is not read
/// can still be decoded by ids, which is why the error is kept and not thrown.
public struct TextSide: Sendable {
  /// nil where there is none, or none that can be used.
  public let tokenizer: Tokenizer?
  /// Why the tokenizer that is there cannot be used.
  public let problem: GriffinError?
  /// Inert text; nil where there is none.
  public let template: String?
  /// What the user should know and no error says.
  public let warnings: [String]

  private let label: String

  /// - Parameters:
  ///   - label: Where the files are, for messages.
  ///   - contents: A target's file by its plain name; nil where there is none.
  /// - Throws: What `contents` throws.
  public init(label: String, contents: (_ name: String) throws(GriffinError) -> [UInt8]?) throws(GriffinError) {
    self.label = label
    template = try ChatTemplateText.find(contents)
    let remark = try ChatTemplateText.remark(contents, template: template).map { ["\(label): \($0)".printable] } ?? []
    // Each file is read here, so that what goes wrong below is the tokenizer's own fault.
    var files: [String: [UInt8]] = [:]
    for name in Tokenizer.fileNames { files[name] = try contents(name) }
    do throws(GriffinError) {
      let all = files
      let loaded = try Tokenizer.load(label: label) { (name) throws(GriffinError) in all[name] }
      (tokenizer, problem, warnings) = (loaded?.tokenizer, nil, (loaded?.warnings ?? []) + remark)
    } catch {
      (tokenizer, problem, warnings) = (nil, error, ["\(error)"] + remark)
    }
  }

  /// What prompts as text need.
  /// - Parameter chatTemplate: The format that the user asks for; nil for the one that the model's template spells.
  /// - Throws: `usage` where there is no tokenizer or the format does not go with it; the problem where there is one.
  public func encoder(chatTemplate: String?) throws(GriffinError) -> PromptEncoder {
    if let problem { throw problem }
    guard let tokenizer else { throw TextSide.missing(file: label) }
    return PromptEncoder(
      tokenizer: tokenizer,
      format: try ChatFormat.chosen(name: chatTemplate, template: template, tokenizer: tokenizer))
  }

  /// Text without a tokenizer.
  public static func missing(file: String) -> GriffinError {
    GriffinError(
      .usage, file: file, "there is no tokenizer; a prompt as text needs one",
      hints: ["give the prompt's token ids with --prompt-ids"])
  }

  /// How many ids of a model's vocabulary have no piece, and decode to nothing.
  public func idsWithoutPiece(vocabularySize: Int) -> Int {
    tokenizer.map { max(0, vocabularySize - $0.vocabularySize) } ?? vocabularySize
  }

  /// What `inspect` says of the tokenizer; null where there is none.
  public func document(vocabularySize: Int) -> JSONValue {
    guard let tokenizer else { return .null }
    return .object([
      "kind": .string(tokenizer.kind.rawValue), "vocab_size": .integer(tokenizer.vocabularySize),
      "ids_without_piece": .integer(idsWithoutPiece(vocabularySize: vocabularySize)),
    ])
  }
}

extension ModelBundle {
  /// The text side of the packed target.
  /// - Throws: Where an attachment that the manifest promises cannot be read.
  public func textSide() throws(GriffinError) -> TextSide {
    try TextSide(label: file.path) { (name) throws(GriffinError) in
      try attachment(named: Component.target.prefix + name)
    }
  }
}
