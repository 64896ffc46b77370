import ArgumentParser
import Bundles
import ByteStorage
import Packing

struct Pack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pack a bundle into an archive that ships smaller.",
    usage: "griffin pack <bundle> (-o <archive.tar.zst> | --oci <folder>) [<options>]",
    discussion: """
      The archive is a tar file in zstd frames that tar --zstd lists and extracts. Floats are packed without loss, better than zstd \
      alone does. Every byte of the bundle is checked on the way, and griffin unpack makes the same file again.

      With --base, payloads that another bundle has are left out, and floats near to its own are stored as differences; griffin \
      unpack --base takes the same bundle.

      EXAMPLES:
        griffin pack pair.griffin -o pair.tar.zst
        griffin pack pair.griffin -o pair.tar.zst --level 9
        griffin pack tuned.griffin -o tuned.tar.zst --base pair.griffin
        griffin pack pair.griffin --oci pair-layout
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The archive to write.", valueName: "archive.tar.zst"))
  var output: String?

  @Option(
    name: .long, help: ArgumentHelp("Write an OCI image layout for registries into this folder, as ModelPack says.", valueName: "folder"))
  var oci: String?

  @Option(name: .long, help: ArgumentHelp("A bundle that whoever unpacks the archive has.", valueName: "bundle"))
  var base: String?

  @Option(
    name: .long, help: ArgumentHelp("Try all that zstd does at a level from 1 to 19, too; slow, and rarely smaller.", valueName: "n"))
  var level: Int?

  @Flag(name: .long, help: "Pack floats alone, and store everything else.")
  var fast = false

  @Flag(name: .long, help: "Replace what is there under the output's name.")
  var force = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (output == nil) != (oci == nil) else { throw ValidationError("give either -o ARCHIVE or --oci FOLDER") }
    if let level, !PackingEffort.levels.contains(level) {
      throw ValidationError("--level is \(level); expected \(PackingEffort.levels.lowerBound) to \(PackingEffort.levels.upperBound)")
    }
    if level != nil && fast { throw ValidationError("--level takes more time and --fast less; give one of them") }
    if oci != nil, base != nil || level != nil || fast {
      throw ValidationError("--oci writes bytes as they are; it goes with no --base, --level or --fast")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let bundle = try ModelBundle.open(path: bundle)
    if let oci { return try writeLayout(bundle, to: oci, start) }
    guard let output else { return }
    let base = try base.map { try ModelBundle.open(path: $0) }
    for input in [bundle, base].compactMap(\.self) { try input.file.checkOutput(output) }
    let file = try OutputFile(path: output, force: force)
    let progress = ProgressDisplay("packing") { Formatting.bytes($0) }
    defer { progress.finish() }
    let effort: PackingEffort = fast ? .fast : level.map { .level($0) } ?? .usual
    let packer = BundlePacker(
      bundle, base: base, effort: effort, threads: common.threadCount, cancellation: Interruption.cancellation)
    let result = try packer.pack(to: file) { progress.update(done: Double($0), total: Double($1)) }
    progress.finish()
    if common.json {
      Console.document(
        .object([
          "output": .string(output), "digest": .string(result.digest.hexadecimal), "bytes": .integer(result.byteCount),
          "bundle_bytes": .integer(result.bundleByteCount), "payloads": .integer(result.payloadCount),
          "left_out": .integer(result.leftOutCount), "differences": .integer(result.differenceCount),
          "base": base.map { .string($0.digest.hexadecimal) } ?? .null,
          "seconds": .number(start.secondsSince), "warnings": .array([]),
        ]))
    } else {
      var rows = [
        [output.printable, "\(Formatting.bytes(result.byteCount)), \(Formatting.fixed(100 * result.share, 1)) % of the bundle's \(Formatting.bytes(result.bundleByteCount))"],
        ["digest", result.digest.hexadecimal],
      ]
      if let base {
        rows.append(["base", base.digest.hexadecimal])
        rows.append(["", "\(result.leftOutCount) of \(result.payloadCount) payloads left out, \(result.differenceCount) stored as differences"])
      }
      Console.output(Formatting.table(rows))
    }
  }

  private func writeLayout(_ bundle: ModelBundle, to folder: String, _ start: ContinuousClock.Instant) throws {
    let progress = ProgressDisplay("writing layers") { Formatting.bytes($0) }
    defer { progress.finish() }
    let layout = try ImageLayoutWriter(bundle, name: FileSystem.split(self.bundle).name, threads: common.threadCount, cancellation: Interruption.cancellation)
    let result = try layout.write(to: OutputFolder(path: folder, force: force, shape: .imageLayout)) {
      progress.update(done: Double($0), total: Double($1))
    }
    progress.finish()
    if common.json {
      Console.document(
        .object([
          "output": .string(folder), "digest": .string(bundle.digest.hexadecimal), "manifest_digest": .string("sha256:\(result.manifestDigest.hexadecimal)"),
          "layers": .integer(result.layerCount), "bytes": .integer(result.byteCount),
          "seconds": .number(start.secondsSince), "warnings": .array([]),
        ]))
    } else {
      Console.output(
        Formatting.table([
          [folder.printable, "OCI image layout, \(result.layerCount) layers, \(Formatting.bytes(result.byteCount))"],
          ["digest", bundle.digest.hexadecimal], ["manifest", "sha256:\(result.manifestDigest.hexadecimal)"],
        ]))
    }
  }
}

extension PackingResult {
  /// Bytes of the archive for each byte of the bundle.
  fileprivate var share: Double { Double(byteCount) / Double(max(bundleByteCount, 1)) }
}

extension InputFile {
  /// - Throws: `usage` where an output has a name of this file.
  func checkOutput(_ output: String) throws(GriffinError) {
    guard !["", OutputFile.partialSuffix, OutputFile.recordSuffix].contains(where: { isSameFile(as: output + $0) }) else {
      throw GriffinError(.usage, file: output, "the output is also an input (\(path))", hints: ["choose another output"])
    }
  }
}
