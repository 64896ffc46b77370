public import ByteStorage
public import Templates
public import Tokenization

/// The text side of a target: its tokenizer and its own chat template, out of the files that came with it.
///
/// A model without a tokenizer is whole without text. One whose tokenizer is damaged or of a kind that is not read
/// can still be decoded by ids, which is why the error is kept and not thrown.
public struct TextFiles: Sendable {
  /// nil where there is none, or none that can be used.
  public let tokenizer: Tokenizer?
  /// Why the tokenizer that is there cannot be used.
  public let problem: GriffinError?
  /// The model's own chat template; nil where there is none.
  public let template: ChatTemplateText?
  /// What the user should know and no error says.
  public let warnings: [String]

  private let label: String
  /// The template, ready to write; nil where there is none, or none that can be rendered.
  private let ownTemplate: ModelTemplate?

  /// - Parameters:
  ///   - label: Where the files are, for messages.
  ///   - contents: A target's file by its plain name; nil where there is none.
  /// - Throws: What `contents` throws.
  public init(label: String, contents: (_ name: String) throws(GriffinError) -> [UInt8]?) throws(GriffinError) {
    self.label = label
    template = try ChatTemplateText.find(contents)
    let objection: String?
    (ownTemplate, objection) = TextFiles.readied(template)
    let remark = [try ChatTemplateText.remark(contents, template: template), objection].compactMap(\.self).map { "\(label): \($0)".printable }
    // Each file is read here, so that what goes wrong below is the tokenizer's own fault; and given away, so that its memory is free
    // again while the tokenizer's tables are made.
    var files: [String: [UInt8]] = [:]
    for name in Tokenizer.fileNames { files[name] = try contents(name) }
    do throws(GriffinError) {
      let loaded = try Tokenizer.load(label: label) { (name) throws(GriffinError) in files.removeValue(forKey: name) }
      (tokenizer, problem, warnings) = (loaded?.tokenizer, nil, (loaded?.warnings ?? []) + remark)
    } catch {
      (tokenizer, problem, warnings) = (nil, error, ["\(error)"] + remark)
    }
  }

  /// What prompts as text need.
  /// - Parameter request: What the user asks for.
  /// - Throws: `usage` where there is no tokenizer or a named format does not go with it; the problem where there is one.
  public func encoder(_ request: PromptFormat.Request) throws(GriffinError) -> PromptEncoder {
    if let problem { throw problem }
    guard let tokenizer else { throw TextFiles.missing(file: label) }
    if let name = request.name {
      let isNone = name.lowercased() == ChatFormat.noneName
      return PromptEncoder(tokenizer: tokenizer, format: isNone ? .none : .named(try ChatFormat.named(name, for: tokenizer)))
    }
    let (format, warning) = ownFormat(request)
    return PromptEncoder(tokenizer: tokenizer, format: format, warnings: warning.map { ["\(label): \($0)".printable] } ?? [])
  }

  /// A template that is ready to write, or why it cannot be rendered, whatever it is told. No other takes its place: prompts then
  /// go as they are, with this as a warning.
  private static func readied(_ template: ChatTemplateText?) -> (template: ModelTemplate?, objection: String?) {
    guard let template else { return (nil, nil) }
    do throws(GriffinError) {
      let own = try ModelTemplate(
        template.text, file: template.file, specialTokens: template.specialTokens, day: Day(daysSinceEpoch: 0))
      return (own, nil)
    } catch {
      return (nil, "the model's chat template (\(template.file)) cannot be rendered, so prompts go as they are: \(error.message)")
    }
  }

  /// How the model's own template writes prompts, and what there is to say of it; none where it cannot be rendered.
  public func ownFormat(_ request: PromptFormat.Request) -> (format: PromptFormat, warning: String?) {
    // A template may refuse to write on no day.
    guard let own = try? ownTemplate?.on(request.day) else { return (.none, nil) }
    let today =
      request.isToday
      ? own.writtenDay.map { "the model's template writes the day, here today's, \($0); --date gives another" } : nil
    return (.template(own), today)
  }

  /// The contract's `prompt_format`, of prompts for which nothing else is asked.
  public func formatDocument(day: Day?) -> JSONValue {
    tokenizer == nil ? PromptFormat.none.document : ownFormat(PromptFormat.Request(day: day)).format.document
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
  public func textFiles() throws(GriffinError) -> TextFiles {
    try TextFiles(label: file.path) { (name) throws(GriffinError) in
      try attachment(named: Component.target.prefix + name)
    }
  }
}
