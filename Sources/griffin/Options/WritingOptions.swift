import ArgumentParser
import Bundles
import ByteStorage
import Conversion

/// Where a bundle is written and what is said of it; shared by `convert` and `quantize`.
struct WritingOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "out.griffin"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write the plan to this file instead, for any number of machines to carry out (griffin work).", valueName: "plan"))
  var planOut: String?

  @Option(name: .long, help: ArgumentHelp("With --plan-out: about how much of the source is a unit of work (default: 256MiB).", valueName: "size"))
  var unitSize: String?

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
    guard (output == nil) != (planOut == nil) else { throw ValidationError("give -o OUT, or --plan-out PLAN") }
    if planOut != nil, dryRun || resume { throw ValidationError("--plan-out writes a plan; it goes with neither --dry-run nor --resume") }
    if unitSize != nil, planOut == nil { throw ValidationError("--unit-size goes with --plan-out") }
  }

  /// Carries a conversion out, or shows its plan.
  /// - Parameter start: When the command began, before the sources were looked at.
  func write(
    _ sources: ConversionSources, from places: PlanFile.Sources, _ quantization: QuantizationOptions, start: ContinuousClock.Instant,
    common: CommonOptions
  ) throws {
    let inputs = try sources.inputs(metadata: try metadata.map { try ConversionInputs.remark($0) })
    if !common.json { for warning in sources.warnings { Console.warning(warning) } }
    guard let output else { return try plan(inputs, sources, places, quantization, start: start, common) }
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
    report(plan, sources, quantization, result: result, seconds: start.secondsSince, common)
  }

  /// Writes the plan as a file.
  private func plan(
    _ inputs: ConversionInputs, _ sources: ConversionSources, _ places: PlanFile.Sources, _ quantization: QuantizationOptions,
    start: ContinuousClock.Instant, _ common: CommonOptions
  ) throws {
    guard let path = planOut else { preconditionFailure("validated") }
    try inputs.checkOutput(path: path)
    let output = try OutputFile(path: path, force: force)
    var unitBytes = WorkUnit.usualByteCount
    if let unitSize {
      guard let bytes = ByteSize.parse(unitSize), bytes >= 1 << 16 else {
        throw GriffinError(.usage, "--unit-size \(unitSize.shortened(to: 40)): expected a size of at least 64KiB")
      }
      unitBytes = bytes
    }
    let displays = ConversionProgress()
    defer { displays.finish() }
    let sharing = try Sharing(
      comparing: inputs, threads: common.threadCount, cancellation: Interruption.cancellation,
      progress: { displays.update(.comparing, done: $0, total: $1) })
    let plan = try ConversionPlan(inputs, sharing: sharing, measuresErrors: quantization.stats)
    let file = try PlanFile(plan, sources: places, unitByteCount: unitBytes)
    try output.write(whole: file.document.encoded())
    displays.finish()
    let warnings = sources.warnings + sharing.warnings
    for warning in sharing.warnings { Console.warning(warning) }
    let bytes = file.units.reduce(0) { $0 + $1.byteCount }
    guard common.json else {
      return Console.output(
        "\(path): plan \(file.id.hexadecimal.prefix(16)), \(file.units.count) units of \(Formatting.bytes(bytes)), a bundle of \(Formatting.bytes(plan.bundle.fileByteCount))")
    }
    Console.document(
      .object([
        "output": .string(path), "plan": .string(file.id.hexadecimal), "units": .integer(file.units.count), "source_bytes": .integer(bytes),
        "bytes": .integer(plan.bundle.fileByteCount), "seconds": .number(start.secondsSince),
        "warnings": .array(warnings.map { .string($0) }),
      ]))
  }

  private func report(
    _ plan: ConversionPlan, _ sources: ConversionSources, _ quantization: QuantizationOptions, result: ConversionResult?,
    seconds: Double, _ common: CommonOptions
  ) {
    let summary = ConversionSummary(
      plan, result: result, output: output ?? "", seconds: seconds, warnings: sources.warnings, showsErrors: quantization.stats)
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
final class ConversionProgress: Sendable {
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
