import ArgumentParser
import Bundles
import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Verification

struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the draft tree with which a pair decodes fastest on this machine.",
    usage: "griffin tune <bundle> [<options>]",
    discussion: """
      Passes of target and draft are timed by the tokens that go through them, acceptance is measured on prompts, and from \
      both follows the tree with the best speed-up over plain decoding, which is then measured. What is decoded does not \
      depend on the tree. Leave the machine alone meanwhile.

      EXAMPLES:
        griffin tune pair.griffin
        griffin tune pair.griffin --save pair.griffin.tree.json
        griffin generate pair.griffin --tree auto \\
            --prompt "Tell me a story about a fox."
        griffin tune pair.griffin --prompts question.jsonl --max-new-tokens 128 \\
            --threads 8 --json
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: .long, help: ArgumentHelp("Write the chosen tree to this file, for --tree.", valueName: "file"))
  var save: String?

  @Flag(name: .long, help: "Replace what --save names.")
  var force = false

  @Option(name: .long, help: ArgumentHelp("New tokens per prompt.", valueName: "n"))
  var maxNewTokens = 48

  @OptionGroup var prompting: PromptOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    var settings = DecodeSettings(maxNewTokens: maxNewTokens)
    try settings.validate()
    let given = prompting.isEmpty || prompting.usesBuiltin ? nil : try prompting.given()
    let bundle = try ModelBundle.open(path: bundle)
    guard let target = try bundle.targetModel(), let draft = try bundle.draftModel() else {
      throw GriffinError(.usage, file: self.bundle, "the bundle holds one half of a pair; a tree is found for both")
    }
    _ = try ModelPair.ifBoth(target, draft, file: self.bundle)
    let processing = TextProcessing(try bundle.textFiles(), format: prompting.format, file: self.bundle)
    let prompts = given ?? BuiltinPrompts.all(processing, target.configuration)
    var warnings = target.warnings + draft.warnings
    if prompts.contains(where: \.isText) {
      _ = try processing.encoder()
      warnings += processing.warnings
    }
    let output = try save.map { try OutputFile(path: $0, force: force) }
    for warning in warnings { Console.warning(warning) }
    settings.stopTokens = target.stopTokens(processing)

    let result = try tune(target, draft, prompts, processing, settings)
    try OpenFiles.checkUnchanged()
    if let output {
      let file = TreeFile(
        shape: result.chosen.shape, digest: bundle.digest.hexadecimal, measuredSpeedup: result.measuredSpeedup, costs: result.costs)
      let text = file.document.encoded(pretty: true) + "\n"
      try output.write(whole: text)
    }
    if common.json {
      Console.document(result.document(warnings: warnings))
    } else {
      Console.output(TuningText(result, threads: common.threadCount).text)
    }
  }

  private func tune(
    _ target: TargetModel, _ draft: DraftModel, _ prompts: [VerificationRequest.Prompt], _ processing: TextProcessing, _ settings: DecodeSettings
  ) throws -> TuningResult {
    let display = ProgressDisplay("decoding") { "\(Int($0)) tokens" }
    defer { display.finish() }
    // Each prompt is decoded plainly and speculatively, once to choose and then in every round.
    let total = prompts.reduce(0) { $0 + $1.turnCount } * settings.maxNewTokens * 2 * (1 + TreeTuner.rounds)
    var done = 0
    let decoder = try PairDecoder(target: target, draft: draft, compute: Compute(threads: common.threadCount))
    var tuner = TreeTuner(decoder, settings: settings, cancellation: Interruption.cancellation) { count in
      done += count
      display.update(done: Double(min(done, total)), total: Double(total))
    }
    for prompt in prompts {
      try prompt.forEachTurn(encoder: processing.encoder) { _, ids in try tuner.observe(ids) }
    }
    return try tuner.result()
  }
}
