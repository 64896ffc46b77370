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

  var isEmpty: Bool { prompt.isEmpty && promptIDs.isEmpty && prompts == nil }
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
    all += promptIDs.enumerated().map { VerificationRequest.Prompt(name: "prompt \(prompt.count + $0 + 1)", ids: $1.ids) }
    if let prompts, !usesBuiltin { all += try PromptFile.read(path: prompts) }
    return all
  }

  func apply(to request: inout VerificationRequest) throws(GriffinError) {
    request.promptFormat = format
    request.usesAllBuiltinPrompts = usesBuiltin
    if !isEmpty { request.prompts = try given() }
  }
}

/// A text file as a whole.
enum PlainText {
  private static let maximumBytes = 64 << 20

  /// - Throws: `missing`, `unreadable`, `unsafe` for a file that is too large, `malformed` where it is not UTF-8.
  static func read(path: String) throws(GriffinError) -> String {
    let file = try InputFile(path: path)
    guard file.byteCount <= maximumBytes else {
      throw GriffinError(.unsafe, file: path, "the file has \(file.byteCount) bytes; at most \(maximumBytes) are read")
    }
    guard let text = file.bytes.utf8Text else { throw GriffinError(.malformed, file: path, "the file is not valid UTF-8") }
    return text
  }
}
