import ArgumentParser
import ByteStorage
import Verification

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what two bundles or checkpoints differ in.",
    usage: "griffin diff <a> <b> [<options>]",
    discussion: """
      Tensors are compared by their canonical names, shapes, types and bytes, wherever they are stored; then hyper-parameters, \
      the files that travel along, the chat template, and a bundle's remarks. Exit code 1 means that they differ.

      EXAMPLES:
        griffin diff pair.griffin pair-q8_0.griffin
        griffin diff target.griffin Llama-2-7b-chat-hf --values
        griffin diff GRIFFIN-llama2-chat-7B other-draft --json
      """)

  @Argument(help: ArgumentHelp("A bundle, or a checkpoint.", valueName: "a"))
  var left: String

  @Argument(help: ArgumentHelp("Another.", valueName: "b"))
  var right: String

  @Flag(name: .long, help: "Decode tensors that differ, and say how far apart their values are.")
  var values = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let progress = ProgressDisplay("comparing") { Formatting.bytes($0) }
    let result: ModelDifferences
    do {
      defer { progress.finish() }
      result = try ModelDifferences(
        left, right, measuresValues: values, options: SourcePlaces.options(), threads: common.threadCount,
        cancellation: Interruption.cancellation, progress: { progress.update(done: Double($0), total: Double($1)) })
      try OpenFiles.checkUnchanged()
    }
    if common.json {
      Console.document(
        .object([
          "identical": .bool(result.differences.isEmpty), "differences": .array(result.differences.map(\.document)),
          "shared_tensors": .integer(result.sharedCount), "worst": result.worst.map { .string($0.name) } ?? .null, "warnings": .array([]),
        ]))
    } else {
      Console.output(text(result))
    }
    guard result.differences.isEmpty else { throw ExitStatus.mismatch }
  }

  private func text(_ result: ModelDifferences) -> String {
    guard !result.differences.isEmpty else { return "identical: \(result.sharedCount) tensors and all that goes with them" }
    var rows = [["what", "name", "a", "b"] + (values ? ["rmse", "max", "cosine"] : [])]
    for difference in result.differences {
      var row = [difference.kind.rawValue, difference.name.printable] + [difference.left, difference.right].map { ($0 ?? "-").printable.shortened(to: values ? 22 : 36) }
      if values {
        row += difference.error.map {
          [Formatting.scientific($0.rmse), Formatting.scientific($0.maximum), Formatting.fixed($0.cosine, 6)]
        } ?? ["", "", ""]
      }
      rows.append(row)
    }
    let worst = result.worst.map { "\nfurthest apart: \($0.name.printable)" } ?? ""
    return Formatting.table(rows, foldedAt: 2) + "\n\(result.differences.count) differences, \(result.sharedCount) tensors in both" + worst
  }
}
