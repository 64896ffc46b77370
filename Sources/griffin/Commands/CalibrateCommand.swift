import ArgumentParser
import ByteStorage
import Calibration
import Checkpoints
import Conversion
import Tokenization
import Verification

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure which columns of a pair's matrices count, for --imatrix.",
    usage: "griffin calibrate <bundle|src> -o <imatrix> [<options>]",
    discussion: """
      The target reads a text, and the draft reads it as if it had been decoded, trees included. The mean squares of what \
      every matrix is multiplied with are written as llama.cpp's importance matrix, both halves in one file. Calibrate with \
      the weights as they were released, on text of the kind that the pair will decode.

      EXAMPLES:
        griffin calibrate pair.griffin -o pair.imatrix.gguf
        griffin calibrate pair.griffin --text calibration.txt -o pair.imatrix.gguf
        griffin calibrate Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B \\
            --text calibration.txt --chunks 100 -o pair.imatrix.gguf
        griffin calibrate pair.griffin --text more.txt \\
            --merge pair.imatrix.gguf -o both.imatrix.gguf
        griffin quantize pair.griffin --recipe q4_k_m \\
            --imatrix pair.imatrix.gguf -o small.griffin
      """)

  @Argument(help: "The pair: a bundle, or the target's checkpoint.")
  var source: String

  @Option(name: .long, help: ArgumentHelp("The draft's checkpoint, where the pair is no bundle.", valueName: "src"))
  var draft: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The text to read; - is standard input (default: griffin's own prompts and texts).", valueName: "file"))
  var text: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The importance matrix to write.", valueName: "imatrix"))
  var output: String

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Add what another importance matrix of the same model has seen; may be given again.", valueName: "imatrix"))
  var merge: [String] = []

  @Option(name: .long, help: ArgumentHelp("Read so many parts of 512 tokens at most.", valueName: "n"))
  var chunks: Int?

  @Flag(name: .long, help: "Replace what is there under the output's name, and start again where a run did not finish.")
  var force = false

  @Flag(
    name: .long,
    help: "Continue a run of the same command that did not finish. With --force, start again where it cannot be continued.")
  var resume = false

  @OptionGroup var dating: DateOption
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let chunks, chunks < 1 { throw ValidationError("--chunks is \(chunks); expected 1 or more") }
  }

  func run() throws {
    try InputGuard.check(output: output, inputs: [source, draft, text] + merge)
    let contents = try text.map { try PlainText.read(path: $0) }
    let pair = try ModelSource.pair(path: source, draft: draft, options: SourcePlaces.options(output: output))
    let processing = TextProcessing(
      try pair.textFiles(), format: PromptFormat.Request(name: nil, day: dating.day, isToday: dating.date == nil), file: source)
    let calibrationText = try contents.map { try CalibrationText($0, name: name, processing: processing) } ?? CalibrationText(builtinFor: processing)
    let merged = try merge.map { try ImportanceFile(path: $0) }
    var warnings = pair.warnings + (text == nil ? processing.warnings : []) + merged.flatMap(\.warnings)
    if pair.draft == nil { warnings.append("there is no draft; the matrix says nothing of one") }
    for warning in warnings { Console.warning(warning) }

    let display = ProgressDisplay("calibrating") { "\(Int($0)) tokens" }
    defer { display.finish() }
    var run = CalibrationRun(target: pair.target, draft: pair.draft, text: calibrationText)
    run.chunkLimit = chunks
    run.merged = merged
    (run.force, run.resume) = (force, resume)
    run.threads = common.threadCount
    run.cancellation = Interruption.cancellation
    run.progress = { display.update(done: Double($0), total: Double($1)) }
    let result = try run.run(to: output)
    display.finish()
    for warning in result.warnings { Console.warning(warning) }
    if common.json {
      Console.document(result.document(warnings: warnings))
    } else {
      Console.output(CalibrationText.outcome(result))
    }
  }

  /// The text's name in the matrix, without its folder.
  private var name: String {
    guard let text, text != PlainText.standardInput else { return "standard input" }
    return FileSystem.split(text).name
  }
}

extension CalibrationText {
  /// What is said of a calibration.
  fileprivate static func outcome(_ result: CalibrationResult) -> String {
    let trees = result.draft == nil ? "" : ", \(result.trees) trees"
    return """
      wrote \(result.output)
        digest   \(result.digest.hexadecimal)
        text     \(result.text.text.name), \(result.tokens) tokens in \(result.chunks) parts\(trees)
        tensors  \(result.tensorCount)
        seconds  \(Formatting.fixed(result.seconds, 1))
      """
  }
}
