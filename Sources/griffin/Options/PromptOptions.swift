import ArgumentParser
import ByteStorage
import Tokenization
import Verification

/// What a model is given to go on with; shared by `verify` and `generate`.
struct PromptOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Decode this prompt, written as the model's conversations are.", valueName: "text"))
  var prompt: [String] = []

  @Option(
    name: .customLong("prompt-file"),
    help: ArgumentHelp("Decode the text of this file as one prompt, without a line end at its end; - is standard input.", valueName: "file"))
  var promptFile: String?

  @Option(
    name: .customLong("prompt-ids"), parsing: .singleValue,
    help: ArgumentHelp("Decode this prompt, given as token ids.", valueName: "1,2,3"))
  var promptIDs: [TokenList] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Decode the prompts of a file: JSON lines with prompt_ids, prompt, question or turns, or plain text, a prompt a line; builtin means griffin's own.",
      valueName: "file"))
  var prompts: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How conversations are written: \((ChatFormat.all.map(\.name) + [ChatFormat.noneName]).joined(separator: ", ")) (default: as the model's own template writes them).",
      valueName: "name"))
  var chatTemplate: String?

  @OptionGroup var dating: DateOption

  /// The word for the prompts that come with the program.
  static let builtin = "builtin"

  var isEmpty: Bool { prompt.isEmpty && promptFile == nil && promptIDs.isEmpty && prompts == nil }
  var usesBuiltin: Bool { prompts == PromptOptions.builtin }

  /// How the user wants conversations written.
  var format: PromptFormat.Request {
    PromptFormat.Request(name: chatTemplate, day: dating.day, isToday: dating.date == nil)
  }

  func validate() throws {
    if let chatTemplate, chatTemplate.lowercased() != ChatFormat.noneName {
      do { _ = try ChatFormat.named(chatTemplate) } catch { throw ValidationError(error.message) }
    }
  }

  /// Every prompt that was given but the built-in ones, in the order of the flags in the help.
  func given() throws(GriffinError) -> [VerificationRequest.Prompt] {
    var all = prompt.enumerated().map { VerificationRequest.Prompt(name: "prompt \($0 + 1)", turns: [$1]) }
    if let promptFile {
      all.append(VerificationRequest.Prompt(name: "prompt \(all.count + 1)", turns: [try PlainText.prompt(path: promptFile)]))
    }
    let texts = all.count
    all += promptIDs.enumerated().map { VerificationRequest.Prompt(name: "prompt \(texts + $0 + 1)", ids: $1.ids) }
    if let prompts, !usesBuiltin { all += try PromptFile.read(path: prompts) }
    return all
  }

  func apply(to request: inout VerificationRequest) throws(GriffinError) {
    request.promptFormat = format
    request.usesAllBuiltinPrompts = usesBuiltin
    if !isEmpty { request.prompts = try given() }
  }
}
