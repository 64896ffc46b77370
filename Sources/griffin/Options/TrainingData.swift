import ArgumentParser
import ByteStorage
import Models
import Tokenization
import Training
import Verification

/// What a draft learns from.
struct TrainingData: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Learn from this text as it is, instead of from the target's answers; - is standard input.", valueName: "file"))
  var text: String?

  @OptionGroup var prompting: PromptOptions

  func validate() throws {
    if text != nil, !prompting.isEmpty { throw ValidationError("--text and prompts are two ways to learn; give one of them") }
  }

  var kind: AlignmentData.Kind { text == nil ? .prompts : .texts }

  /// Tokens of a text that are learned together.
  private static let windowTokens = 256

  /// Prompts, or a text in windows, as ids.
  func items(_ processing: TextProcessing, _ configuration: TransformerConfiguration, file: String) throws -> [[Int]] {
    let items: [[Int]]
    if let text {
      let ids = try processing.encoder().tokenizer.encode(try PlainText.read(path: text))
      items = stride(from: 0, to: ids.count, by: TrainingData.windowTokens).map {
        Array(configuration.beginTokens.prefix(1)) + ids[$0..<min($0 + TrainingData.windowTokens, ids.count)]
      }.filter { $0.count > 32 }
    } else if prompting.isEmpty || prompting.usesBuiltin {
      items = try BuiltinPrompts.all(processing, configuration).map { try first($0, processing) } + BuiltinPrompts.openings(processing, configuration)
    } else {
      items = try prompting.given().map { try first($0, processing) }
    }
    for id in items.joined() where id < 0 || id >= configuration.vocabularySize {
      throw GriffinError(.usage, file: file, "prompt id \(id) is outside the vocabulary of \(configuration.vocabularySize)")
    }
    guard items.count >= AlignmentData.minimum else {
      throw GriffinError(
        .usage, "there are \(items.count) \(kind == .texts ? "stretches of text" : "prompts"), some of which are held out to measure on; "
          + "expected at least \(AlignmentData.minimum)", hints: ["give more of them"])
    }
    return items
  }

  /// The ids of a prompt; of several turns the first.
  private func first(_ prompt: VerificationRequest.Prompt, _ processing: TextProcessing) throws -> [Int] {
    switch prompt.content {
    case .ids(let ids): return ids
    case .turns(let turns):
      var ids: [Int] = []
      try VerificationRequest.Prompt(name: prompt.name, turns: Array(turns.prefix(1))).forEachTurn(encoder: processing.encoder) { _, found in
        ids = found
        return []
      }
      return ids
    }
  }
}
