import ArgumentParser
import Bundles
import ByteStorage
import Packing

struct Unpack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a bundle again from an archive or an OCI image layout.",
    usage: "griffin unpack <archive|folder> -o <out.griffin> [<options>]",
    discussion: """
      The bundle is the one that was packed, byte for byte: every payload is checked against its digest, and a file that is not \
      whole never gets its name.

      EXAMPLES:
        griffin unpack pair.tar.zst -o pair.griffin
        griffin unpack tuned.tar.zst -o tuned.griffin --base pair.griffin
        griffin unpack pair-layout -o pair.griffin
      """)

  @Argument(help: ArgumentHelp("What griffin pack wrote.", valueName: "archive|folder"))
  var source: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "out.griffin"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("The bundle that the archive was packed against.", valueName: "bundle"))
  var base: String?

  @Flag(name: .long, help: "Replace what is there under the output's name.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let start = ContinuousClock.now
    let progress = ProgressDisplay("unpacking") { Formatting.bytes($0) }
    defer { progress.finish() }
    let report: ProgressMeter.Report = { progress.update(done: Double($0), total: Double($1)) }
    let (digest, byteCount): (SHA256Digest, Int)
    if FileSystem.kind(of: source) == .folder {
      guard base == nil else { throw GriffinError(.usage, file: source, "an image layout needs no base; --base goes with archives") }
      let layout = try ImageLayout(path: source)
      for file in layout.inputFiles { try file.checkOutput(output) }
      digest = try layout.unpack(
        to: OutputFile(path: output, force: force), threads: common.threadCount, cancellation: Interruption.cancellation, progress: report)
      byteCount = layout.bundleByteCount
    } else {
      let packed = try PackedBundle(file: InputFile(path: source))
      let base = try base.map { try ModelBundle.open(path: $0) }
      for input in [packed.file, base?.file].compactMap(\.self) { try input.checkOutput(output) }
      try packed.unpack(
        to: OutputFile(path: output, force: force), base: base, threads: common.threadCount, cancellation: Interruption.cancellation,
        progress: report)
      (digest, byteCount) = (packed.digest, packed.bundleByteCount)
    }
    progress.finish()
    if common.json {
      Console.document(
        .object([
          "output": .string(output), "digest": .string(digest.hexadecimal), "bytes": .integer(byteCount),
          "seconds": .number(start.secondsSince), "warnings": .array([]),
        ]))
    } else {
      Console.output(Formatting.table([[output.printable, "written, \(Formatting.bytes(byteCount))"], ["digest", digest.hexadecimal]]))
    }
  }
}
