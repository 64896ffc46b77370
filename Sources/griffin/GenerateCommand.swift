import ArgumentParser
import Bundles
import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Verification

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decode from a prompt with the reference decoder.",
    discussion: """
      Prints token ids as they are accepted. On a terminal, ids that the draft proposed are green.

      EXAMPLES:
        griffin generate pair.griffin --prompt-ids 1,450,7483,310,3444,338
        griffin generate pair.griffin --prompt-ids 1,450 --max-new-tokens 100 --no-draft
        griffin generate pair.griffin --prompt-ids 1,450 --temperature 0.8 --top-p 0.95 --seed 7
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: .customLong("prompt-ids"), help: ArgumentHelp("The prompt as token ids.", valueName: "1,2,3"))
  var promptIDs: TokenList

  @Flag(name: .long, help: "Decode a token a pass, without the draft.")
  var noDraft = false

  @Flag(name: .long, help: "Do not colour drafted tokens (NO_COLOR works too).")
  var noColor = false

  @OptionGroup var decoding: DecodeOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    var settings = decoding.settings
    settings.sampling = decoding.sampling
    try settings.validate()
    let bundle = try ModelBundle.open(path: bundle)
    guard let target = try bundle.targetModel() else {
      throw GriffinError(.usage, file: self.bundle, "the bundle holds a draft alone; decoding needs its target")
    }
    let draft = noDraft ? nil : try bundle.draftModel()
    _ = try ModelPair.ifBoth(target, draft, file: self.bundle)
    for warning in target.warnings + (draft?.warnings ?? []) { Console.warning(warning) }
    if decoding.depth == nil, let draft { settings.depth = draft.kind.defaultDepth }
    settings.stopTokens = target.configuration.stopTokens

    let decoder = try PairDecoder(target: target, draft: draft, compute: Compute(threads: common.threadCount))
    try decoder.prepare(prompt: promptIDs.ids, cancellation: Interruption.cancellation)
    var stream = TokenStream(settings: settings, isSilent: common.json, colours: colours)
    var cycles: [CycleRecord] = []
    let (ids, seconds): ([Int], Double)
    if decoder.canSpeculate {
      let run = try decoder.decodeSpeculatively(settings, cancellation: Interruption.cancellation) { cycle in
        stream.show(cycle.emitted, drafted: 1)
      }
      (ids, cycles, seconds) = (run.ids, run.cycles, run.seconds)
    } else {
      let run = try decoder.decodePlainly(settings, cancellation: Interruption.cancellation) { stream.show([$0], drafted: 1) }
      (ids, seconds) = (run.ids, run.seconds)
    }
    stream.end()
    report(ids, cycles, seconds: seconds, warnings: target.warnings + (draft?.warnings ?? []))
  }

  private var colours: Bool {
    !noColor && Console.environment("NO_COLOR") == nil && Console.isTerminal(STDOUT_FILENO)
  }

  private func report(_ ids: [Int], _ cycles: [CycleRecord], seconds: Double, warnings: [String]) {
    let length = cycles.isEmpty ? nil : DecodeTrace.acceptanceLength(of: cycles.map(\.accepted))
    if common.json {
      Console.document(
        .object([
          "prompt_ids": .array(promptIDs.ids.map { .integer($0) }),
          "ids": .array(ids.map { .integer($0) }),
          "text": .null,
          "cycles": .integer(cycles.count),
          "acceptance_length": length.map { .number($0) } ?? .null,
          "seconds": .number(seconds),
          "warnings": .array(warnings.map { .string($0) }),
        ]))
      return
    }
    var line = "\(ids.count) tokens"
    if let length { line += ", \(cycles.count) cycles, acceptance length \(Formatting.fixed(length, 2))" }
    line += ", \(Formatting.fixed(Double(ids.count) / max(seconds, 1e-9), 1)) tokens/s"
    Console.note(line)
  }
}

/// Ids on standard output as they come, cut where the generation is.
private struct TokenStream {
  let settings: DecodeSettings
  let isSilent: Bool
  let colours: Bool
  private var all: [Int] = []
  private var shown = 0

  init(settings: DecodeSettings, isSilent: Bool, colours: Bool) {
    self.settings = settings
    self.isSilent = isSilent
    self.colours = colours
  }

  /// - Parameter drafted: The index of the first of `ids` that the draft proposed.
  mutating func show(_ ids: [Int], drafted: Int) {
    let first = all.count
    all += ids
    guard !isSilent else { return }
    let kept = settings.cut(all)
    var text = ""
    for index in shown..<max(shown, kept.count) {
      let isDrafted = index - first >= drafted
      text += (index == 0 ? "" : " ") + (colours && isDrafted ? "\u{1B}[32m\(kept[index])\u{1B}[0m" : "\(kept[index])")
    }
    shown = max(shown, kept.count)
    Console.outputPart(text)
  }

  func end() {
    if !isSilent { Console.outputPart("\n") }
  }
}
