import ArgumentParser
import ByteStorage
import Conversion

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how far a plan's work has come.",
    usage: "griffin status <plan> [<options>]",
    discussion: """
      Records are read, payloads are not: griffin finish checks those.

      EXAMPLES:
        griffin status plan.json
        griffin status plan.json --units-from units
        griffin status plan.json --array
        griffin status plan.json --array --shards 8
      """)

  @Argument(help: "The plan that --plan-out wrote.")
  var plan: String

  @Option(name: .customLong("units-from"), help: ArgumentHelp("The folder that workers wrote units to.", valueName: "folder"))
  var unitsFrom: String?

  @Flag(name: .long, help: "Print the numbers of the units that are left, as job arrays take them, and nothing else.")
  var array = false

  @Option(name: .long, help: ArgumentHelp("With --array: numbers of the shards of so many in which something is left.", valueName: "n"))
  var shards: Int?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let shards, shards < 1 || !array { throw ValidationError("--shards N goes with --array, and N is at least 1") }
  }

  func run() throws {
    let file = try PlanFile(path: plan)
    let status = PlanStatus(file, at: plan, place: unitsFrom.map { .folder($0) } ?? .shared(output: ""))
    if array { return Console.output(PlanStatus.array(shards.map(status.shardsLeft) ?? status.left)) }
    guard common.json else { return Console.output(text(file, status)) }
    var document: JSONObject = ["plan": .string(file.id.hexadecimal)]
    for member in status.document.members { document[member.key] = member.value }
    document["warnings"] = .array([])
    Console.document(.object(document))
  }

  private func text(_ file: PlanFile, _ status: PlanStatus) -> String {
    var rows = [
      ["plan", "\(file.id.hexadecimal.prefix(16))"],
      ["units", "\(status.done.count) of \(status.unitCount) done"],
      ["bytes", "\(Formatting.bytes(status.doneByteCount)) of \(Formatting.bytes(status.byteCount))"],
    ]
    if !status.damaged.isEmpty { rows.append(["damaged", PlanStatus.array(status.damaged)]) }
    if !status.left.isEmpty { rows.append(["left", PlanStatus.array(status.left)]) }
    if let rate = status.rate, let seconds = status.secondsLeft, !status.left.isEmpty {
      rows.append(["one worker", "\(Formatting.bytes(rate))/s, \(ProgressDisplay.about(seconds)) for the rest"])
    }
    if status.left.isEmpty { rows.append(["next", "griffin finish \(plan) --output OUT"]) }
    return Formatting.table(rows)
  }
}
