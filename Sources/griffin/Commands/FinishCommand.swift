import ArgumentParser
import Bundles
import ByteStorage
import Conversion

struct Finish: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the bundle of a plan whose units are done.",
    usage: "griffin finish <plan> --output <out> [<options>]",
    discussion: """
      Every unit is read and held against its record; then manifest and header are written, and the bundle takes its name. It is, byte \
      for byte, what one machine makes.

      EXAMPLES:
        griffin finish plan.json --output pair.griffin
        griffin finish plan.json --output pair.griffin --units-from units
      """)

  @Argument(help: "The plan that --plan-out wrote.")
  var plan: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle, whose OUT.partial workers wrote.", valueName: "out"))
  var output: String

  @Option(name: .customLong("units-from"), help: ArgumentHelp("The folder that workers wrote units to.", valueName: "folder"))
  var unitsFrom: String?

  @Flag(name: .long, help: "Replace what is there under the output's name.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let start = ContinuousClock.now
    let file = try PlanFile(path: plan)
    let conversion = try file.conversion(options: SourcePlaces.options(output: output, goesFar: true))
    let display = ProgressDisplay("checking") { Formatting.bytes($0) }
    let digest: SHA256Digest
    do {
      defer { display.finish() }
      let finish = PlanFinish(
        file, at: plan, conversion, place: unitsFrom.map { .folder($0) } ?? .shared(output: output), output: output, force: force,
        threads: common.threadCount, cancellation: Interruption.cancellation, progress: { display.update(done: Double($0), total: Double($1)) })
      digest = try finish.run()
      try OpenFiles.checkUnchanged()
    }
    let seconds = start.secondsSince
    guard common.json else {
      return Console.output(
        "\(output): \(Formatting.bytes(conversion.bundle.fileByteCount)) of \(file.units.count) units in \(Formatting.fixed(seconds, 1)) s\ndigest \(digest.hexadecimal)")
    }
    Console.document(
      .object([
        "output": .string(output), "digest": .string(digest.hexadecimal), "bytes": .integer(conversion.bundle.fileByteCount),
        "units": .integer(file.units.count), "plan": .string(file.id.hexadecimal), "seconds": .number(seconds), "warnings": .array([]),
      ]))
  }
}
