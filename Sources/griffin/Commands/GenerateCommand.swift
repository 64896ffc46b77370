import ArgumentParser
import Bundles
import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tokenization
import Verification

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode from a prompt with the reference decoder.",
    usage: "griffin generate <bundle> [<options>]",
    discussion: """
      Prints text as it is accepted, or token ids where the bundle has no tokenizer. On a terminal, what the draft proposed is \
      green.

      EXAMPLES:
        griffin generate pair.griffin --prompt "Tell me a story about a fox."
        griffin generate pair.griffin --prompt "def fib(n):" --chat-template none \\
            --max-new-tokens 100 --no-draft
        griffin generate pair.griffin --prompt-file question.txt
        griffin generate pair.griffin --prompts question.jsonl --json
        griffin generate pair.griffin --prompt-ids 1,450 --temperature 0.8 \\
            --top-p 0.95 --seed 7
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @OptionGroup var prompting: PromptOptions

  @Flag(name: .long, help: "Decode a token a pass, without the draft.")
  var noDraft = false

  @Flag(name: .long, help: "Do not colour drafted tokens (NO_COLOR works too).")
  var noColor = false

  @OptionGroup var decoding: DecodeOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    let files = [prompting.prompts, prompting.promptFile].count { $0 != nil }
    if prompting.prompt.count + prompting.promptIDs.count + files != 1 {
      throw ValidationError("give one of --prompt, --prompt-file, --prompt-ids and --prompts")
    }
  }

  func run() throws {
    var settings = decoding.settings
    settings.sampling = decoding.sampling
    try settings.validate()
    let prompts = try prompting.usesBuiltin ? BuiltinPrompts.texts : prompting.given()
    let bundle = try ModelBundle.open(path: bundle)
    guard let target = try bundle.targetModel() else {
      throw GriffinError(.usage, file: self.bundle, "the bundle holds a draft alone; decoding needs its target")
    }
    let draft = noDraft ? nil : try bundle.draftModel()
    _ = try ModelPair.ifBoth(target, draft, file: self.bundle)
    let text = try bundle.textFiles()
    let processing = TextProcessing(text, format: prompting.format, file: self.bundle)
    let hasText = prompts.contains(where: \.isText)
    // Said before the weights are read, not after.
    if hasText { _ = try processing.encoder() }
    let tuned = try decoding.tunedTree(for: bundle)
    let warnings =
      target.warnings + (draft?.warnings ?? []) + text.warnings + (hasText ? processing.warnings : []) + [tuned?.warning].compactMap(\.self)
    for warning in warnings { Console.warning(warning) }
    if decoding.depth == nil, let draft { settings.depth = draft.kind.defaultDepth }
    if let tuned { settings.tree = tuned.shape }
    try settings.validate()
    settings.stopTokens = target.stopTokens(processing)

    if hasText, !common.json { Console.note("prompts written as: \(processing.format)") }
    let decoder = try PairDecoder(target: target, draft: draft, compute: Compute(threads: common.threadCount))
    var generations: [Generation] = []
    for prompt in prompts {
      try prompt.forEachTurn(encoder: processing.encoder) { name, ids in
        if prompts.count > 1 || prompt.turnCount > 1, !common.json { Console.note("\(name.printable):") }
        let generation = try generate(ids, decoder, settings, text.tokenizer)
        if !common.json { Console.note(generation.line) }
        generations.append(generation)
        return generation.ids
      }
    }
    try OpenFiles.checkUnchanged()
    guard common.json else { return }
    let documents = generations.map { $0.document(text.tokenizer, format: hasText ? processing.format : nil, warnings: warnings) }
    Console.document(prompting.prompts == nil ? documents[0] : .array(documents))
  }

  private func generate(
    _ prompt: [Int], _ decoder: PairDecoder, _ settings: DecodeSettings, _ tokenizer: Tokenizer?
  ) throws -> Generation {
    try decoder.prepare(prompt: prompt, cancellation: Interruption.cancellation)
    let isTerminal = Console.isTerminal(STDOUT_FILENO)
    var stream = TokenStream(
      settings: settings, tokenizer: tokenizer, isSilent: common.json,
      colours: isTerminal && !noColor && Console.environment("NO_COLOR") == nil, isTerminal: isTerminal)
    defer { stream.end() }
    if decoder.canSpeculate {
      let run = try decoder.decodeSpeculatively(settings, cancellation: Interruption.cancellation) { cycle in
        stream.show(cycle.emitted, drafted: 1)
      }
      return Generation(
        prompt: prompt, ids: run.ids, cycles: run.cycles, seconds: run.seconds,
        phases: PhaseSeconds(prompt: decoder.promptSeconds, run))
    }
    let run = try decoder.decodePlainly(settings, cancellation: Interruption.cancellation) { stream.show([$0], drafted: 1) }
    return Generation(
      prompt: prompt, ids: run.ids, cycles: [], seconds: run.seconds, phases: PhaseSeconds(prompt: decoder.promptSeconds, plain: run))
  }
}

/// What one prompt gave.
private struct Generation {
  let prompt: [Int]
  let ids: [Int]
  let cycles: [CycleRecord]
  let seconds: Double
  let phases: PhaseSeconds

  private var acceptanceLength: Double? {
    cycles.isEmpty ? nil : DecodeTrace.acceptanceLength(of: cycles.map(\.accepted))
  }

  /// The line under a generation.
  var line: String {
    var line = "\(ids.count) tokens"
    if let acceptanceLength {
      line += ", \(cycles.count) cycles, acceptance length \(Formatting.fixed(acceptanceLength, 2))"
    }
    return line + ", \(Formatting.fixed(Double(ids.count) / max(seconds, 1e-9), 1)) tokens/s"
  }

  /// The contract's JSON document.
  func document(_ tokenizer: Tokenizer?, format: PromptFormat?, warnings: [String]) -> JSONValue {
    .object([
      "prompt_ids": .array(prompt.map { .integer($0) }),
      "ids": .array(ids.map { .integer($0) }),
      "text": tokenizer.map { .string($0.decode(ids, skipsSpecialTokens: true)) } ?? .null,
      "cycles": .integer(cycles.count),
      "acceptance_length": acceptanceLength.map { .number($0) } ?? .null,
      "seconds": .number(seconds),
      "phase_seconds": phases.document,
      "prompt_format": format?.document ?? .null,
      "warnings": .array(warnings.map { .string($0) }),
    ])
  }
}
