import ArgumentParser
import ByteStorage
import Conversion

/// Where a bundle is written and what is said of it; shared by `convert` and `quantize`.
struct WritingOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "out.griffin"))
  var output: String

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A remark that travels in the bundle; may be given again.", valueName: "key=value"))
  var metadata: [String] = []

  @Flag(name: .long, help: "Plan only: read no payload, write nothing.")
  var dryRun = false

  @Flag(name: .long, help: "Replace what is there under the output's name, and start again where a run did not finish.")
  var force = false

  @Flag(
    name: .long,
    help: "Continue a run of the same command that did not finish. With --force, start again where it cannot be continued.")
  var resume = false

  func validate() throws {
    if resume && dryRun { throw ValidationError("--resume continues a file, and --dry-run writes none; give one of them") }
  }

  /// Carries a conversion out, or shows its plan.
  /// - Parameter start: When the command began, before the sources were looked at.
  func write(
    _ sources: ConversionSources, _ quantization: QuantizationOptions, start: ContinuousClock.Instant, common: CommonOptions
  ) throws {
    let inputs = try sources.inputs(metadata: try metadata.map { try ConversionInputs.remark($0) })
    if !common.json { for warning in sources.warnings { Console.warning(warning) } }
    if dryRun {
      try inputs.checkOutput(path: output)
      let plan = try ConversionPlan(inputs, sharing: Sharing(unread: inputs))
      report(plan, sources, quantization, result: nil, seconds: 0, common)
      return
    }
    let displays = ConversionProgress()
    defer { displays.finish() }
    let run = try ConversionRun(
      inputs, output: output, force: force, resume: resume, threads: common.threadCount, memoryByteCount: quantization.memoryByteCount(),
      measuresErrors: quantization.stats, cancellation: Interruption.cancellation, progress: { displays.update($0, done: $1, total: $2) })
    let (result, plan) = try run.run()
    displays.finish()
    if case .restarted(let reason) = result.resumption { Console.warning("\(reason); started again") }
    report(plan, sources, quantization, result: result, seconds: ProgressDisplay.seconds(start.duration(to: .now)), common)
  }

  private func report(
    _ plan: ConversionPlan, _ sources: ConversionSources, _ quantization: QuantizationOptions, result: ConversionResult?,
    seconds: Double, _ common: CommonOptions
  ) {
    let summary = ConversionSummary(
      plan, result: result, output: output, seconds: seconds, warnings: sources.warnings, showsErrors: quantization.stats)
    for warning in plan.sharing.warnings { Console.warning(warning) }
    if common.json {
      Console.document(summary.document)
    } else if result == nil {
      Console.output(ConversionText(plan, summary).planTable)
    } else {
      Console.output(ConversionText(plan, summary).outcome)
    }
  }
}

/// Progress of a conversion, a bar a phase.
private final class ConversionProgress: Sendable {
  private let comparing = ProgressDisplay("comparing embeddings") { Formatting.bytes($0) }
  private let converting = ProgressDisplay("converting") { Formatting.bytes($0) }

  func update(_ phase: ConversionRun.Phase, done: Int, total: Int) {
    switch phase {
    case .comparing: comparing.update(done: Double(done), total: Double(total))
    case .converting:
      comparing.finish()
      converting.update(done: Double(done), total: Double(total))
    case .finishing: converting.finish()
    }
  }

  func finish() {
    comparing.finish()
    converting.finish()
  }
}
