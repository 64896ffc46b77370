import ArgumentParser
import Bundles
import ByteStorage
import Conversion

struct Edit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change a bundle's remarks, chat template and files that travel along.",
    usage: "griffin edit <bundle> [<options>]",
    discussion: """
      Tensors are left alone. Where what is new fits before the first of them, only that stretch is written, with what was there \
      kept in BUNDLE.undo until it is on disk; else the bundle is written anew, and that is said. The digest changes, so that a \
      signature beside the bundle is stale then. Without changes, an edit that was broken off is ended.

      EXAMPLES:
        griffin edit pair.griffin --set licence=apache-2.0
        griffin edit pair.griffin --remove note
        griffin edit pair.griffin --chat-template template.jinja
        griffin edit pair.griffin --attach LICENSE --attach draft=README.md
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Set a remark.", valueName: "key=value"))
  var set: [String] = []

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Take a remark away.", valueName: "key"))
  var remove: [String] = []

  @Option(name: .long, help: ArgumentHelp("The target's chat template, in place of every other.", valueName: "file"))
  var chatTemplate: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A file to travel along under its name, with the target, or with what is named: draft=FILE.", valueName: "file"))
  var attach: [String] = []

  @OptionGroup var common: CommonOptions

  func run() throws {
    let recovered = try BundleEdit.recover(bundle)
    if let recovered { Console.warning(recovered) }
    let opened = try ModelBundle.open(path: bundle)
    var edit = BundleEdit()
    edit.remarks = try set.map { try ConversionInputs.remark($0, flag: "--set") }
    edit.removed = remove
    if let chatTemplate { edit.files.append(try BundleEdit.chatTemplate(path: chatTemplate, in: opened)) }
    for text in attach { edit.files.append(try BundleEdit.file(text, in: opened)) }
    guard recovered != nil || !edit.remarks.isEmpty || !edit.removed.isEmpty || !edit.files.isEmpty else {
      throw GriffinError(.usage, "nothing to change; --set, --remove, --chat-template and --attach say what")
    }
    let copying = ProgressDisplay("writing anew") { Formatting.bytes($0) }
    let outcome: BundleEdit.Outcome
    do {
      defer { copying.finish() }
      outcome = try edit.apply(
        to: bundle, threads: common.threadCount, cancellation: Interruption.cancellation,
        progress: { copying.update(done: Double($0), total: Double($1)) })
    }
    report(outcome, recovered: recovered)
  }

  private func report(_ outcome: BundleEdit.Outcome, recovered: String?) {
    var warnings = outcome.warnings
    let signatures = outcome.digest == outcome.previousDigest
      ? [] : [BundleSignature.pathSuffix, ModelSignature.pathSuffix].map { bundle + $0 }.filter { FileSystem.kind(of: $0) == .file }
    warnings += signatures.map { "\($0) signs what the bundle was before; griffin sign --force makes it anew".printable }
    if common.json {
      Console.document(
        .object([
          "output": .string(bundle), "digest": .string(outcome.digest.hexadecimal),
          "previous_digest": .string(outcome.previousDigest.hexadecimal), "bytes": .integer(outcome.byteCount),
          "in_place": .bool(outcome.isInPlace), "stale_signatures": .array(signatures.map { .string($0) }),
          "warnings": .array(([recovered].compactMap(\.self) + warnings).map { .string($0) }),
        ]))
      return
    }
    for warning in warnings { Console.warning(warning) }
    let how = outcome.digest == outcome.previousDigest ? "it is what it was" : outcome.isInPlace ? "changed in place" : "written anew: what is new did not fit before the first tensor"
    Console.output(Formatting.table([[bundle.printable, how], ["digest", outcome.digest.hexadecimal], ["was", outcome.previousDigest.hexadecimal]]))
  }
}
