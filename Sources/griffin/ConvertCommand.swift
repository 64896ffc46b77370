import ArgumentParser
import Bundles
import ByteStorage
import Checkpoints
import Conversion
import Models
import Tensors

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pack released checkpoints into one bundle.",
    discussion: """
      SRC is a Hugging Face folder, or a single .safetensors or .bin file with config.json beside it.

      EXAMPLES:
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B -o pair.griffin
        griffin convert --target vicuna-7b-v1.5 -o target.griffin
        griffin convert --target Llama-2-7b-chat-hf --draft GRIFFIN-llama2-chat-7B -o pair.griffin --dry-run
      """)

  @Option(name: .long, help: ArgumentHelp("The target model.", valueName: "src"))
  var target: String?

  @Option(name: .long, help: ArgumentHelp("The draft that speculates for it.", valueName: "src"))
  var draft: String?

  @Option(
    name: .long,
    help: ArgumentHelp("What the draft is, where its tensors do not tell: griffin, eagle or hass.", valueName: "kind"))
  var draftKind: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "out.griffin"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("How to store weights: copy keeps them as they are.", valueName: "recipe"))
  var quantize = ConversionComponent.copyRecipe

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A remark that travels in the bundle; may be given again.", valueName: "key=value"))
  var metadata: [String] = []

  @Flag(name: .long, help: "Plan only: read no payload, write nothing.")
  var dryRun = false

  @Flag(name: .long, help: "Replace what is there under the output's name.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    guard quantize.lowercased() == ConversionComponent.copyRecipe else {
      throw GriffinError(.usage, "--quantize \(quantize.shortened(to: 40)): unknown recipe; this version knows copy")
    }
    let sources = try ConversionSources(target: target, draft: draft, draftKind: draftKind)
    let inputs = try ConversionInputs(
      target: sources.target, draft: sources.draft, metadata: try metadata.map { try ConversionInputs.remark($0) })
    if !common.json { for warning in sources.warnings { Console.warning(warning) } }
    if dryRun {
      try inputs.checkOutput(path: output)
      let plan = try ConversionPlan(inputs, sharing: Sharing(unread: inputs))
      report(plan, sources: sources, result: nil, seconds: 0)
      return
    }
    let start = ContinuousClock.now
    let displays = ConversionProgress()
    defer { displays.finish() }
    let run = ConversionRun(
      inputs, output: output, force: force, threads: common.threadCount, cancellation: Interruption.cancellation,
      progress: { displays.update($0, done: $1, total: $2) })
    let (result, plan) = try run.run()
    displays.finish()
    report(plan, sources: sources, result: result, seconds: ProgressDisplay.seconds(start.duration(to: .now)))
  }

  private func report(_ plan: ConversionPlan, sources: ConversionSources, result: ConversionResult?, seconds: Double) {
    let summary = ConversionSummary(plan, result: result, output: output, seconds: seconds, warnings: sources.warnings)
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

/// A conversion as text for people.
private struct ConversionText {
  private let plan: ConversionPlan
  private let summary: ConversionSummary

  init(_ plan: ConversionPlan, _ summary: ConversionSummary) {
    self.plan = plan
    self.summary = summary
  }

  /// What was made, in a few lines.
  var outcome: String {
    var rows = [[summary.output.printable, "\(Formatting.bytes(summary.byteCount)) in \(Formatting.fixed(summary.seconds, 1)) s"]]
    rows.append(["digest", summary.digest ?? ""])
    rows += componentRows
    return Formatting.table(rows)
  }

  /// What would be made, tensor by tensor.
  var planTable: String {
    let tensors = plan.tensors.map { tensor in
      [
        tensor.name.printable, tensor.shape.description, tensor.sourceType.rawValue, tensor.type.rawValue,
        tensor.sharedWith.map { "as \($0)" } ?? Formatting.bytes(tensor.byteCount),
      ]
    }
    let table = Formatting.table([["tensor", "shape", "from", "to", "bytes"]] + tensors, rightAligned: [4])
    let rows = [["planned", "\(Formatting.bytes(summary.byteCount)); nothing was written"]] + componentRows
    return table + "\n\n" + Formatting.table(rows)
  }

  private var componentRows: [[String]] {
    var rows: [[String]] = []
    if let target = plan.inputs.target {
      rows.append(["target", "\(target.modelName), \(Formatting.parameters(target.parameterCount)) parameters"])
    }
    if let draft = plan.inputs.draft {
      rows.append(["draft", "\(draft.modelName), \(Formatting.parameters(draft.parameterCount)) parameters"])
      if let embedding = plan.sharing.embedding {
        rows.append(["", "token embedding \(embedding.name)" + (embedding.differingRows.map { $0 > 0 ? " in \($0) rows" : "" } ?? "")])
      }
    }
    let types = Dictionary(uniqueKeysWithValues: summary.types.map { ($0.rawValue, $1) })
    rows.append(["tensors", "\(summary.tensorCount) in \(summary.payloadCount) payloads: \(Formatting.types(types))"])
    return rows
  }
}
