import ArgumentParser
import Bundles
import ByteStorage
import Exports
import Tensors

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a bundle as what other runtimes load.",
    usage: "griffin export <bundle> --format <format> -o <out> [<options>]",
    discussion: """
      OUT is a folder with target and draft in it (safetensors, vllm, sglang), or a file (gguf), beside which a draft gets the \
      name OUT-draft.gguf. Weights in floating point go out byte for byte; of quantized ones gguf keeps the blocks, and the \
      other formats get values of --dtype. What is written is read back as the runtime reads it, and a loss that would pass in \
      silence there is an error here.

      EXAMPLES:
        griffin export pair.griffin --format safetensors -o pair
        griffin export pair.griffin --format vllm -o pair-vllm --component draft
        griffin export pair-q4_k_m.griffin --format gguf -o pair-q4_k_m.gguf
        griffin export pair.griffin --format safetensors -o pair \\
            --split-max-size 2GB --dry-run
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(
    name: .long,
    help: ArgumentHelp("What to write: \(ExportFormat.all.map(\.name).joined(separator: ", ")).", valueName: "format"))
  var format: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The folder or file to write.", valueName: "out"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("Only the target, or only the draft.", valueName: "target|draft"))
  var component: String?

  @Option(
    name: .long,
    help: ArgumentHelp("What quantized weights become where the format has no blocks (default: as the configuration says, else f16).", valueName: "f32|f16|bf16"))
  var dtype: String?

  @Option(name: .long, help: ArgumentHelp("The most bytes of a file of weights, such as 2GB (default: 5 GB; gguf: one file).", valueName: "size"))
  var splitMaxSize: String?

  @Flag(name: .long, help: "Do not read back what was written.")
  var noCheck = false

  @Flag(name: .long, help: "Plan only: write nothing.")
  var dryRun = false

  @Flag(name: .long, help: "Replace what an earlier export wrote under the output's name.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    guard let format = ExportFormat.named(format) else {
      throw GriffinError(
        .usage, "unknown format \(self.format.shortened(to: 40).printable); known formats: \(ExportFormat.all.map(\.name).joined(separator: ", "))")
    }
    let bundle = try ModelBundle.open(path: bundle)
    let request = try ExportRequest(
      bundle, component: try parsedComponent(), dtype: try parsedType(), splitByteCount: try parsedSplit())
    let plan = try format.plan(request)
    for warning in plan.warnings where !common.json { Console.warning(warning) }
    report(plan, try dryRun ? nil : write(plan, request, format))
  }

  /// - Returns: What reading it back showed; nil where it was not.
  private func write(_ plan: ExportPlan, _ request: ExportRequest, _ format: ExportFormat) throws -> ExportCheck? {
    let (writing, checking) = (ProgressDisplay("exporting") { Formatting.bytes($0) }, ProgressDisplay("reading back") { Formatting.fixed($0, 0) + " prompts" })
    defer {
      writing.finish()
      checking.finish()
    }
    var check: ExportCheck?
    try plan.write(
      to: output, force: force, threads: common.threadCount, cancellation: Interruption.cancellation,
      progress: { writing.update(done: Double($0), total: Double($1)) }
    ) { (path) throws(GriffinError) in
      writing.finish()
      guard !noCheck else { return }
      check = try ExportCheck.run(
        request, format, plan, at: path, threads: common.threadCount, cancellation: Interruption.cancellation,
        progress: { checking.update(done: Double($0), total: Double($1)) })
    }
    return check
  }

  private func report(_ plan: ExportPlan, _ check: ExportCheck?) {
    let files = plan.files.map { (path: plan.path(of: $0, output: output), file: $0) }
    if common.json {
      Console.document(
        .object([
          "output": .string(output), "format": .string(format),
          "files": .array(files.map { ["name": .string($0.path), "bytes": .integer($0.file.byteCount), "tensors": .integer($0.file.tensors.count)] }),
          "bytes": .integer(plan.byteCount), "check": check?.document ?? .null, "warnings": .array(plan.warnings.map { .string($0) }),
        ]))
    } else {
      var text = Formatting.table(
        files.map { [$0.path.printable, Formatting.bytes($0.file.byteCount), $0.file.tensors.isEmpty ? "" : "\($0.file.tensors.count) tensors"] })
      if dryRun { text += "\nnothing was written" }
      if let check { text += "\n" + summary(check) }
      Console.output(text)
    }
  }

  private func summary(_ check: ExportCheck) -> String {
    let noted = check.findings.map { "\n  " + "\($0.subject): \($0.text)".printable }.joined()
    guard let isEqual = check.idsAreEqual, let difference = check.largestDifference else { return "read back without a target to decode with" + noted }
    return "read back: the ids are \(isEqual ? "those of the bundle" : "not all those of the bundle"), logits differ by \(Formatting.scientific(difference)) at most" + noted
  }

  private func parsedComponent() throws -> Component? {
    guard let component else { return nil }
    guard let known = Component(rawValue: component) else {
      throw GriffinError(.usage, "--component is \(component.shortened(to: 40).printable); expected target or draft")
    }
    return known
  }

  private func parsedSplit() throws -> Int? {
    guard let splitMaxSize else { return nil }
    guard let bytes = ByteSize.parse(splitMaxSize), bytes >= 1 << 16 else {
      throw GriffinError(
        .usage, "--split-max-size \(splitMaxSize.shortened(to: 40).printable): expected a size of at least 64KiB, such as 2GB or 500MiB")
    }
    return bytes
  }

  private func parsedType() throws -> ElementType? {
    guard let dtype else { return nil }
    guard let type = ElementType(rawValue: dtype), ExportRequest.dtypes.contains(type) else {
      throw GriffinError(.usage, "--dtype is \(dtype.shortened(to: 40).printable); expected \(ExportRequest.dtypes.map(\.rawValue).joined(separator: ", "))")
    }
    return type
  }
}
