import Allocation
import ArgumentParser
import ByteStorage
import Checkpoints
import Conversion
import Quantization
import Tensors
import Tokenization
import Verification

struct Allocate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Choose a type for each matrix of a pair by what it costs.",
    usage: "griffin allocate <bundle|src> --size <size> -o <recipe.json> [<options>]",
    discussion: """
      Each matrix is stored alone as each type, and the pair is run over a sample of text: what it loses is measured. From that \
      follows the best choice for a size, or the smallest that keeps enough; it is then measured as a whole. The result is a recipe \
      file for --quantize.

      EXAMPLES:
        griffin allocate pair.griffin --size 4GB -o recipe.json
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B \\
            --quantize recipe.json -o pair-4GB.griffin
        griffin allocate pair.griffin --keep-acceptance 0.98 -o recipe.json
        griffin allocate pair.griffin --max-kl 0.02 --imatrix pair.imatrix.gguf \\
            -o recipe.json
        griffin allocate pair.griffin --size 4GB -o recipe.json --resume
      """)

  @Argument(help: "A bundle, or a checkpoint.")
  var source: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The recipe file to write.", valueName: "recipe.json"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("The least loss in a bundle of at most this size, such as 4GB.", valueName: "size"))
  var size: String?

  @Option(name: .long, help: ArgumentHelp("The smallest bundle that keeps this part of the acceptance length.", valueName: "x"))
  var keepAcceptance: Double?

  @Option(name: .customLong("max-kl"), help: ArgumentHelp("The smallest bundle whose target's mean KL is at most this.", valueName: "x"))
  var maximumDivergence: Double?

  @Option(name: .long, help: ArgumentHelp("The draft that goes with a checkpoint.", valueName: "src"))
  var draft: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Types to choose from, with commas (default: \(Allocate.usualTypes.map(\.rawValue).joined(separator: ",")); with --imatrix also \(Allocate.weighedTypes.map(\.rawValue).joined(separator: ","))).", valueName: "list"))
  var types: String?

  @Option(name: .long, help: ArgumentHelp("An importance matrix (GGUF or .dat), which then goes with the recipe.", valueName: "file"))
  var imatrix: String?

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Measure on this text instead of the built-in one; may be given again.", valueName: "file"))
  var text: [String] = []

  @Option(name: .long, help: ArgumentHelp("Tokens to measure on.", valueName: "n"))
  var tokens = AllocationRequest.usualTokens

  @Flag(name: .long, help: "Choose for weights that are quantized already, at the cost of a second rounding.")
  var allowRequantize = false

  @Flag(name: .long, help: "Replace what is there under the output's name, and start again where a run did not finish.")
  var force = false

  @Flag(name: .long, help: "Continue a run that did not finish, with what it measured.")
  var resume = false

  @OptionGroup var page: PageOption
  @OptionGroup var common: CommonOptions

  /// Every type that loses less with more bits, one for each size.
  static let usualTypes: [ElementType] = [.q2_k, .q3_k, .iq4_xs, .q4_k, .q5_k, .q6_k, .q8_0]
  /// Types of codebooks, which need to know how much columns count.
  static let weighedTypes: [ElementType] = [.iq2_xs, .iq2_s, .iq3_xxs, .iq3_s]

  func validate() throws {
    guard [size != nil, keepAcceptance != nil, maximumDivergence != nil].count(where: \.self) == 1 else {
      throw ValidationError("give one of --size, --keep-acceptance and --max-kl")
    }
    if let keepAcceptance, !(0...1).contains(keepAcceptance) { throw ValidationError("--keep-acceptance is \(keepAcceptance); expected 0 to 1") }
    if let maximumDivergence, !(maximumDivergence >= 0) { throw ValidationError("--max-kl is \(maximumDivergence); expected 0 or more") }
    guard (16...1 << 20).contains(tokens) else { throw ValidationError("--tokens is \(tokens); expected 16 to \(1 << 20)") }
  }

  func run() throws {
    let start = ContinuousClock.now
    let goal = try goal()
    let chosen = try types.map(parsed) ?? (imatrix == nil ? [] : Allocate.weighedTypes) + Allocate.usualTypes
    var importance: ImportanceMatrix?
    var warnings: [String] = []
    if let imatrix {
      let file = try ImportanceFile(path: imatrix)
      warnings += file.warnings
      importance = try file.matrix
    }
    try InputGuard.check(output: self.output, inputs: [source, draft, imatrix] + text)
    let html = try page.output(force: force, inputs: [source, draft, self.output])
    let output = try OutputFile(path: output, force: force, leftover: resume ? .resume : force ? .replace : .refuseResumable)
    do {
      let source = try AllocationSource(path: source, draft: draft, options: SourcePlaces.options(output: self.output))
      try source.checkOutput(path: self.output)
      warnings += source.warnings
      for warning in warnings { Console.warning(warning) }
      let given = try text.map { try PlainText.read(path: $0) }
      let processing = TextProcessing(try source.textFiles(), format: PromptFormat.Request(), file: self.source)
      let sample = try SampleText.ids(
        source, given: given, processing: processing, tokens: tokens, threads: common.threadCount, cancellation: Interruption.cancellation)
      let request = AllocationRequest(
        goal: goal, types: chosen, importance: importance, allowsRequantizing: allowRequantize, texts: sample)
      let result = try allocate(source, request, output)
      try OpenFiles.checkUnchanged()
      try output.write(whole: result.recipe.document.encoded(pretty: true) + "\n")
      let document = document(result, seconds: start.secondsSince, warnings)
      if let html { try PageOption.write(to: html, path: self.source, allocation: document) }
      if common.json { Console.document(document) } else { Console.output(AllocationText(result, output: self.output).text) }
    } catch let error as GriffinError {
      throw left(output, after: error)
    }
  }

  private func goal() throws(GriffinError) -> AllocationRequest.Goal {
    if let keepAcceptance { return .acceptance(keepAcceptance) }
    if let maximumDivergence { return .divergence(maximumDivergence) }
    guard let bytes = ByteSize.parse(size ?? ""), bytes > 0 else {
      throw GriffinError(.usage, "--size \((size ?? "").shortened(to: 40)): expected a size such as 4GB or 3500MiB")
    }
    return .size(bytes)
  }

  private func parsed(_ list: String) throws(GriffinError) -> [ElementType] {
    var found: [ElementType] = []
    for name in list.split(separator: ",") {
      let type = try TypeSelection.type(named: name.filter { $0 != " " }, flag: "--types")
      if !found.contains(type) { found.append(type) }
    }
    guard !found.isEmpty else { throw GriffinError(.usage, "--types names no type") }
    return found
  }

  private func allocate(_ source: AllocationSource, _ request: AllocationRequest, _ output: OutputFile) throws -> AllocationResult {
    let display = ProgressDisplay("measuring") { "\(Int($0)) types" }
    defer { display.finish() }
    let allocator = try Allocator(
      source, request, output: output, threads: common.threadCount, cancellation: Interruption.cancellation
    ) { progress in
      switch progress {
      case .forecast(let seconds): if seconds > 5 { Console.note("measuring will take \(ProgressDisplay.about(seconds))") }
      case .measuring(let done, let total): display.update(done: Double(done), total: Double(total))
      case .choosing: break
      }
    }
    return try allocator.run()
  }

  /// What was measured stays where the run can be continued.
  private func left(_ output: OutputFile, after error: GriffinError) -> GriffinError {
    guard error.kind == .interrupted || output.isResumed, output.isReserved || output.isResumed else {
      output.discard()
      return error
    }
    output.keep()
    var error = error
    if error.kind == .interrupted { error.hints.append("\(output.partialPath) is kept; the same command with --resume continues it") }
    return error
  }

  private func document(_ result: AllocationResult, seconds: Double, _ warnings: [String]) -> JSONValue {
    var document: JSONObject = ["output": .string(output)]
    for member in result.document.members { document[member.key] = member.value }
    document["seconds"] = .number(seconds)
    document["warnings"] = .array(warnings.map { .string($0) })
    return .object(document)
  }
}
