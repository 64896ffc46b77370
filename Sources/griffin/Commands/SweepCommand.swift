import ArgumentParser
import Bundles
import ByteStorage
import Conversion
import Remote
import Reports
import SpeculativeDecoding
import Verification

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert and verify many pairs and recipes, and show them side by side.",
    usage: "griffin sweep <list> -o <folder> [<options>]",
    discussion: """
      LIST has a row for each bundle: tab-separated columns with their names in the first line, or JSON lines. Columns are the flags of \
      griffin convert without their dashes, and name. Each bundle is held against its source on the same prompts and text.

      A row that was done is not done again, and a row that fails does not stop the others. Rows are divided by --shard, else as the \
      scheduler says (SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX); the table shows what all workers of the folder have done.

      EXAMPLES:
        griffin sweep list.tsv -o swept --html swept.html
        griffin sweep list.jsonl -o swept --text book.txt --shard 0/4
        griffin sweep list.tsv -o swept --report

        name       target             draft                    quantize
        copy       vicuna-7b-v1.5     GRIFFIN-Vicuna-7B-v1.5
        q4         vicuna-7b-v1.5     GRIFFIN-Vicuna-7B-v1.5   q4_k_m
      """)

  @Argument(help: "The rows.")
  var list: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The folder of bundles and records; it is made where it is not there.", valueName: "folder"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("Do every n-th row, from this one on: 0/4 to 3/4.", valueName: "i/n"))
  var shard: String?

  @Flag(name: .long, help: "Do nothing, show what was done.")
  var report = false

  @Flag(name: .long, help: "Convert only.")
  var noVerify = false

  @Option(name: .long, help: ArgumentHelp("Measure on this text, beside the built-in prompts.", valueName: "file"))
  var text: String?

  @Option(name: .long, help: ArgumentHelp("Tokens that each prompt is answered with (default: 128).", valueName: "n"))
  var maxNewTokens: Int?

  @Option(name: .long, help: ArgumentHelp("Draw the table as one page for browsers.", valueName: "file"))
  var html: String?

  @Flag(name: .long, help: "Do rows again that were done, and replace bundles of other flags.")
  var force = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if report, shard != nil || force { throw ValidationError("--report does nothing; it goes with neither --shard nor --force") }
  }

  func run() throws {
    let list = try SweepList(path: list)
    let given = try shard.map { text throws(GriffinError) in try Share(parsing: text, flag: "--shard") }
    let page = try html.map { try OutputFile(path: $0, force: true) }
    // All flags are looked at before the first row is done.
    let commands = try list.rows.map(command)
    if !report {
      try FileSystem.makeFolder(output, parents: true)
      let mine = try given ?? PlanPlaces.scheduledShard()
      for (index, row) in list.rows.enumerated() where mine?.contains(index) ?? true {
        try work(row, commands[index])
      }
    }
    let results = try list.rows.map { row throws(GriffinError) in try SweepResult.recorded(row, at: record(row)) ?? SweepResult(row) }
    let document = SweepTable.document(results, verifying: !noVerify)
    if let page { try page.write(whole: SweepPage(list: self.list, sweep: document).html) }
    if common.json { Console.document(document) } else { Console.output(SweepTable.text(results, verifying: !noVerify)) }
    guard results.allSatisfy({ $0.error == nil && $0.verification?["ok"]?.bool != false }) else { throw ExitStatus.mismatch }
  }

  private func bundle(_ row: SweepList.Row) -> String { FileSystem.path(output, row.name + ".griffin") }
  private func record(_ row: SweepList.Row) -> String { FileSystem.path(output, row.name + ".json") }

  /// The row as `convert` takes it.
  private func command(_ row: SweepList.Row) throws(GriffinError) -> Convert {
    let command: Convert
    do {
      command = try Convert.parse(row.arguments + ["-o", bundle(row)])
    } catch {
      throw GriffinError(.usage, file: list, "line \(row.line): \(Convert.message(for: error))")
    }
    // Before hours of converting, not after.
    if !noVerify, let far = [command.target, command.draft].compactMap(\.self).first(where: Remote.recognizes) {
      throw GriffinError(
        .usage, file: list, "line \(row.line): a bundle is held against its source, which is read again and again, and \(far.prefix { $0 != "?" }) is on another machine",
        hints: ["--no-verify converts only"])
    }
    return command
  }

  /// Does what is not done of a row. What goes wrong is recorded, but for what stops everything.
  private func work(_ row: SweepList.Row, _ command: Convert) throws {
    var known = try SweepResult.recorded(row, at: record(row))
    if known?.digest != nil, (try? ModelBundle.open(path: bundle(row)))?.digest.hexadecimal != known?.digest { known = nil }
    if let known, known.isDone(verifying: !noVerify), !force { return }
    Console.note("\(row.name):")
    var result = force ? SweepResult(row) : known ?? SweepResult(row)
    result.error = nil
    do {
      if result.digest == nil {
        // Whose bundle it is stands beside it before it is there.
        let isOurs = force || FileSystem.kind(of: record(row)) == .file
        guard isOurs || FileSystem.entry(at: bundle(row)) == nil else {
          throw GriffinError(.exists, file: bundle(row), "the file is there, and no record says that a sweep made it", hints: ["--force replaces it"])
        }
        try save(result)
        try convert(command, to: &result)
        try save(result)
      }
      if !noVerify { result.verification = try verify(row, command) }
    } catch let error as GriffinError where ![.interrupted, .space].contains(error.kind) {
      Console.warning("\(row.name): \(error)")
      result.error = "\(error)"
    }
    try save(result)
  }

  private func save(_ result: SweepResult) throws {
    try OutputFile(path: record(result.row), force: true).write(whole: result.document.encoded(pretty: true) + "\n")
  }

  private func convert(_ command: Convert, to result: inout SweepResult) throws {
    let start = ContinuousClock.now
    let sources = try command.sources()
    for warning in sources.warnings { Console.warning(warning) }
    let inputs = try sources.inputs(metadata: try command.writing.metadata.map { try ConversionInputs.remark($0) })
    let displays = ConversionProgress()
    defer { displays.finish() }
    let made = try ConversionRun(
      inputs, output: bundle(result.row), force: true, resume: true, threads: common.threadCount,
      memoryByteCount: command.quantization.memoryByteCount(), cancellation: Interruption.cancellation,
      progress: { displays.update($0, done: $1, total: $2) }
    ).run().0
    (result.byteCount, result.digest, result.conversionSeconds) = (made.byteCount, made.digest.hexadecimal, start.secondsSince)
  }

  /// Holds a bundle against what it was made of, where that holds a target.
  private func verify(_ row: SweepList.Row, _ command: Convert) throws -> JSONValue {
    var request = VerificationRequest()
    request.usesDefaultDepth = true
    if let maxNewTokens { request.settings.maxNewTokens = maxNewTokens }
    try request.settings.validate()
    if let text { request.plainTexts = [try PlainText.read(path: text)] }
    request.against = try command.target.map { try ModelSource.pair(path: $0, draft: command.draft, options: SourcePlaces.options()) }
    let decoding = ProgressDisplay("verifying") { "\(Int($0)) tokens" }
    defer { decoding.finish() }
    let verifier = Verifier(try ModelBundle.open(path: bundle(row)), threads: common.threadCount, cancellation: Interruption.cancellation) {
      if case .decoding(let tokens, let total, let left) = $0 { decoding.update(done: Double(tokens), total: Double(total), secondsLeft: left) }
    }
    return try verifier.run(request).document
  }
}

/// The results of a sweep, side by side.
enum SweepTable {
  static func document(_ results: [SweepResult], verifying: Bool) -> JSONValue {
    .object([
      "rows": .array(results.map(\.summary)), "done": .integer(results.count { $0.isDone(verifying: verifying) }),
      "left": .array(results.filter { !$0.isDone(verifying: verifying) }.map { .string($0.row.name) }),
      "ok": .bool(results.allSatisfy(\.isOK)), "warnings": .array([]),
    ])
  }

  static func text(_ results: [SweepResult], verifying: Bool) -> String {
    func fixed(_ value: Double?) -> String { value.map { Formatting.fixed($0, 2) } ?? "-" }
    var rows = [["name", "size", "digest", "mean KL", "accepted", "verdict"]]
    for result in results {
      let verdict = result.error != nil ? "error" : result.digest == nil ? "not done" : result.verification?["ok"]?.bool == false ? "fails" : result.verdict ?? "-"
      rows.append([
        result.row.name, result.byteCount.map(Formatting.bytes) ?? "-", result.digest.map { String($0.prefix(8)) } ?? "-",
        result.meanDivergence.map(Formatting.scientific) ?? "-",
        fixed(result.acceptanceLength) + (result.sourceAcceptanceLength.map { " of \(fixed($0))" } ?? ""), verdict,
      ])
    }
    let errors = results.compactMap { result in result.error.map { "error: \(result.row.name): \($0)" } }
    return ([Formatting.table(rows, rightAligned: [1, 3])] + errors).joined(separator: "\n")
  }
}
