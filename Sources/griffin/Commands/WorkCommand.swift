import ArgumentParser
import ByteStorage
import Conversion

struct Work: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do a share of a plan's work.",
    usage: "griffin work <plan> --output <out> [<options>]",
    discussion: """
      Units are written to their final places in OUT.partial, which all workers see, or with --units-to to files of a folder. A unit that \
      is recorded and whole is not done again; two workers on one unit do no harm. The shard is --shard, else that of the scheduler: \
      SLURM_ARRAY_TASK_ID, or JOB_COMPLETION_INDEX with JOB_COMPLETIONS; else everything.

      Exit code 75 means that another try may do it: reading, writing or the network failed, or the disk is full.

      EXAMPLES:
        griffin convert --target Llama-2-70b-chat-hf --quantize q4_k_m \\
            --plan-out plan.json
        griffin work plan.json --output pair.griffin --shard 0/8
        griffin work plan.json --output pair.griffin --unit 3,7-9
        griffin work plan.json --units-to units --shard 2/8
        griffin status plan.json
        griffin finish plan.json --output pair.griffin
      """)

  @Argument(help: "The plan that --plan-out wrote.")
  var plan: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to be; workers write OUT.partial.", valueName: "out"))
  var output: String?

  @Option(name: .customLong("units-to"), help: ArgumentHelp("Write units to files of this folder instead.", valueName: "folder"))
  var unitsTo: String?

  @Option(name: .long, help: ArgumentHelp("This worker's number among so many, from 0.", valueName: "i/n"))
  var shard: String?

  @Option(name: .long, help: ArgumentHelp("Do these units, such as 3,7-9, whatever the shard.", valueName: "list"))
  var unit: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (output == nil) != (unitsTo == nil) else { throw ValidationError("give --output OUT or --units-to FOLDER") }
    if shard != nil, unit != nil { throw ValidationError("--unit names units whatever the shard; give one of them") }
  }

  func run() throws {
    do {
      try work()
    } catch let error as GriffinError where [.io, .space].contains(error.kind) {
      _ = Console.report(error, json: common.json, as: .temporary)
      throw ExitStatus.temporary
    }
  }

  private func work() throws {
    let start = ContinuousClock.now
    let given = try shard.map { text throws(GriffinError) in try Share(parsing: text, flag: "--shard") }
    let file = try PlanFile(path: plan)
    var units = Array(file.units.indices)
    if let unit {
      units = try NumberList(parsing: unit, below: file.units.count, flag: "--unit").numbers
    } else if let share = try given ?? PlanPlaces.scheduledShard() {
      units = units.filter(share.contains)
    }
    let conversion = try file.conversion(options: SourcePlaces.options(output: output ?? unitsTo, goesFar: true))
    if let output { try conversion.inputs.checkOutput(path: output) }
    let display = ProgressDisplay("working") { Formatting.bytes($0) }
    let outcome: UnitWorker.Outcome
    do {
      defer { display.finish() }
      let place: UnitPlace = output.map { .shared(output: $0) } ?? .folder(unitsTo ?? "")
      let worker = UnitWorker(
        file, at: plan, conversion, place: place, threads: common.threadCount, cancellation: Interruption.cancellation,
        progress: { display.update(done: Double($0), total: Double($1)) })
      outcome = try worker.run(units)
      try OpenFiles.checkUnchanged()
    }
    let seconds = start.secondsSince
    guard common.json else {
      let kept = outcome.kept > 0 ? ", \(outcome.kept) were there" : ""
      return Console.output(
        "\(outcome.done) of \(units.count) units done\(kept): \(Formatting.bytes(outcome.byteCount)) in \(Formatting.fixed(seconds, 1)) s")
    }
    Console.document(
      .object([
        "plan": .string(file.id.hexadecimal), "units": .array(units.map { .integer($0) }), "done": .integer(outcome.done), "kept": .integer(outcome.kept),
        "source_bytes": .integer(outcome.byteCount), "seconds": .number(seconds), "peak_memory_bytes": .integer(ProcessMemory.peakByteCount),
        "warnings": .array([]),
      ]))
  }
}
