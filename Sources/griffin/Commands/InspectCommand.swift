import ArgumentParser
import Bundles
import ByteStorage
import Cards
import Conversion
import Exports
import Remote
import Tensors

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is inside a bundle or a checkpoint, without reading its payloads.",
    usage: "griffin inspect <bundle|src> [<options>]",
    discussion: """
      A bundle may be packed, as griffin pack does it. A checkpoint is whatever convert takes: a folder or an archive of one, a .gguf file, \
      a .safetensors or .bin file with config.json beside it, or OWNER/NAME of a repository in the local Hugging Face cache, or \
      an address: https://..., s3://BUCKET/PREFIX or hf://OWNER/NAME[@REVISION], of which headers and small files are read.

      EXAMPLES:
        griffin inspect pair.griffin
        griffin inspect pair.griffin --tensors
        griffin inspect pair.griffin --json
        griffin inspect pair.griffin --html pair.html
        griffin inspect Llama-2-7b-chat.Q4_K_M.gguf
        griffin inspect hf://lmsys/vicuna-7b-v1.5
        griffin inspect EAGLE3-LLaMA3.1-Instruct-8B --for vllm
        griffin inspect pair.griffin --card --report verify.json > README.md
        griffin inspect pair.griffin --bom > pair.cdx.json
      """)

  @Argument(help: ArgumentHelp("The bundle, or a checkpoint.", valueName: "bundle|src"))
  var bundle: String

  @Flag(name: .long, help: "List every tensor.")
  var tensors = false

  @Flag(name: .long, help: "Print the model's own chat template.")
  var template = false

  @Flag(name: .long, help: "Print a model card: Markdown with the Hub's front matter.")
  var card = false

  @Flag(name: .long, help: "Print a bill of materials: CycloneDX 1.6 in JSON.")
  var bom = false

  @Option(name: .long, help: ArgumentHelp("What griffin verify --json said of the bundle, for --card and --bom.", valueName: "file"))
  var report: String?

  @Option(
    name: .customLong("for"), parsing: .singleValue,
    help: ArgumentHelp(
      "What a runtime would make of a draft's folder: \(Runtime.all.map(\.name).joined(separator: ", ")), or all; may be given again.",
      valueName: "runtime"))
  var runtimes: [String] = []

  @OptionGroup var page: PageOption

  @Flag(name: .long, help: "Replace what --html names.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    guard report == nil || card || bom else { throw GriffinError(.usage, "--report goes with --card or --bom") }
    if card || bom { return try tellOthers() }
    if !runtimes.isEmpty, page.html != nil { throw GriffinError(.usage, "--html draws what is inside; it does not go with --for") }
    if !runtimes.isEmpty { return try LoaderText.show(bundle, runtimes: runtimes, json: common.json) }
    // Under this name a file that is no bundle is a damaged one.
    let named = bundle.hasSuffix(".griffin") && FileSystem.kind(of: bundle) != .folder && !Remote.recognizes(bundle)
    if let bundle = try named ? ModelBundle.open(path: bundle) : ModelSource.bundle(path: bundle, options: SourcePlaces.options(goesFar: true)) {
      let description = try BundleDescription(bundle)
      try OpenFiles.checkUnchanged()
      if let output = try page.output(force: force, inputs: [self.bundle]) {
        try PageOption.write(
          to: output, path: self.bundle, bundle: bundle, inspection: description.document(withTensors: true, day: DateOption.today))
      }
      if !common.json { for warning in description.text.warnings { Console.warning(warning) } }
      try show(
        description.document(withTensors: tensors, day: DateOption.today), template: description.chatTemplate,
        text: InspectText(description, path: self.bundle).text(withTensors: tensors))
    } else {
      let description = try SourceDescription(path: bundle, options: SourcePlaces.options(goesFar: true))
      try OpenFiles.checkUnchanged()
      if let output = try page.output(force: force, inputs: [bundle]) {
        try PageOption.write(
          to: output, path: bundle, bundle: nil, inspection: description.document(withTensors: true, day: DateOption.today))
      }
      if !common.json { for warning in description.warnings { Console.warning(warning) } }
      try show(
        description.document(withTensors: tensors, day: DateOption.today), template: description.chatTemplate,
        text: SourceText(description).text(withTensors: tensors))
    }
  }

  private func tellOthers() throws {
    guard card != bom, runtimes.isEmpty, !tensors, !template else {
      throw GriffinError(.usage, "--card and --bom each print one document; they go with --report alone")
    }
    let opened = try ModelSource.plainBundle(path: bundle, options: SourcePlaces.options(goesFar: true))
    let measured = try report.map { try MeasuredReport(path: $0, of: opened) }
    if bom {
      Console.document(try BillOfMaterials(opened, report: measured, tool: Version.number).document)
    } else {
      let text = try ModelCard(opened, report: measured).text
      if common.json { Console.document(.object(["card": .string(text), "warnings": .array([])])) } else { Console.output(text) }
    }
  }

  private func show(_ document: JSONValue, template: String?, text: @autoclosure () -> String) throws(GriffinError) {
    if common.json {
      Console.document(document)
    } else if self.template {
      guard let template else { throw GriffinError(.missing, file: bundle, "there is no chat template") }
      Console.output(template)
    } else {
      Console.output(text())
    }
  }
}

/// A bundle description as text for people.
private struct InspectText {
  private let description: BundleDescription
  private let path: String

  init(_ description: BundleDescription, path: String) {
    self.description = description
    self.path = path
  }

  func text(withTensors: Bool) -> String {
    let manifest = description.bundle.manifest
    var rows = [
      [
        path.printable, "griffin bundle, version \(BundleFormat.version), \(Formatting.bytes(description.bundle.file.byteCount))",
      ],
      ["digest", description.bundle.digest.hexadecimal],
      [
        "recipe",
        [manifest.recipe.target.map { "target \($0)" }, manifest.recipe.draft.map { "draft \($0)" }]
          .compactMap(\.self).joined(separator: ", "),
      ],
    ]
    if let target = manifest.target {
      rows.append(["target", "\(target.family), \(Formatting.parameters(target.parameters)) parameters, \(sizes(.target))"])
      rows.append(["", Formatting.shape(target.config)])
    }
    rows += Formatting.rows(description.text, vocabularySize: description.vocabularySize)
    if let draft = manifest.draft {
      rows.append(["draft", "\(draft.kind), \(Formatting.parameters(draft.parameters)) parameters, \(sizes(.draft))"])
      rows.append(["", Formatting.shape(draft.config)])
      let differing = draft.embedding.differingRows.map { $0 > 0 ? " in \($0) rows" : "" } ?? ""
      rows.append(["", "token embedding \(draft.embedding.name)\(differing)"])
    }
    rows += manifest.provenance.map { source in
      [
        "\(source.component.rawValue) from",
        "\(source.file.printable)  \(Formatting.bytes(source.byteCount))  sha256 \(source.digest.hexadecimal.prefix(16))…",
      ]
    }
    rows += manifest.importance.map { matrix in
      [
        "\(matrix.component.rawValue) weighed by",
        "\(matrix.file.printable)  \(Formatting.bytes(matrix.byteCount))  sha256 \(matrix.digest.hexadecimal.prefix(16))…",
      ]
    }
    rows += manifest.attachments.map { ["attached", "\($0.name.printable)  \(Formatting.bytes($0.byteCount))"] }
    rows += manifest.metadata.map { ["metadata", "\($0.key) = \($0.value)".printable] }
    var text = Formatting.table(rows)
    if withTensors {
      let list = manifest.tensors.map { tensor in
        let payload = manifest.payloads[tensor.payload]
        return [
          tensor.descriptor.name.printable, tensor.descriptor.type.rawValue, tensor.descriptor.shape.description,
          "\(payload.offset)", Formatting.bytes(payload.byteCount), "\(payload.digest.hexadecimal.prefix(16))…",
        ]
      }
      text += "\n\n" + Formatting.table([["tensor", "type", "shape", "offset", "bytes", "sha256"]] + list, rightAligned: [3, 4], foldedAt: 1)
    }
    return text
  }

  private func sizes(_ component: Component) -> String {
    let manifest = description.bundle.manifest
    let types = Dictionary(uniqueKeysWithValues: manifest.typeCounts(of: component).map { ($0.rawValue, $1) })
    return "\(Formatting.bytes(manifest.tensorByteCount(of: component))), \(Formatting.types(types))"
  }
}
