package import Bundles
package import ByteStorage
internal import Tensors

/// A model card: Markdown with the front matter that the Hub reads, of what a bundle proves about itself.
package struct ModelCard {
  private let bundle: ModelBundle
  private let origins: BundleOrigins
  private let report: MeasuredReport?

  private var manifest: Manifest { bundle.manifest }
  private var name: String { BundleFormat.title(ofFile: FileSystem.split(bundle.file.path).name) }

  /// - Throws: What reading attachments throws.
  package init(_ bundle: ModelBundle, report: MeasuredReport?) throws(GriffinError) {
    (self.bundle, self.report) = (bundle, report)
    origins = try BundleOrigins(bundle)
  }

  package var text: String {
    var parts = [frontMatter, "# \(ModelCard.escaped(name))", introduction, contents, digests]
    if let report { parts.append(measured(report)) }
    parts.append(checking)
    return parts.joined(separator: "\n\n")
  }

  /// Whether any tensor is stored in blocks.
  private var isQuantized: Bool { manifest.typeCounts().keys.contains { $0.category == .block } }

  private var frontMatter: String {
    var lines = ["---"]
    let names = [origins.targetName, origins.draftName].compactMap(\.self)
    if !names.isEmpty { lines += ["base_model:"] + names.map { "- \($0)" } }
    if isQuantized, !names.isEmpty { lines.append("base_model_relation: quantized") }
    lines.append("library_name: griffin")
    if let licence = origins.licence {
      lines.append("license: \(ModelCard.quoted(licence.identifier))")
    } else if let file = origins.licenceFile {
      // The text is there, which licence it is nobody said.
      lines += ["license: other", "license_name: see-the-text", "license_link: \(ModelCard.quoted(file.split(separator: "/").last.map(String.init) ?? file))"]
    }
    if manifest.target != nil { lines.append("pipeline_tag: text-generation") }
    lines += ["tags:"] + (manifest.draft == nil ? [] : ["- speculative-decoding", "- \(ModelCard.quoted(manifest.draft?.kind ?? ""))"])
    lines += (isQuantized ? ["- quantized"] : []) + ["- griffin-bundle", "---"]
    return lines.joined(separator: "\n")
  }

  private var introduction: String {
    var sentence = "One file for memory mapping, made by griffin: "
    switch (manifest.target, manifest.draft) {
    case (let target?, let draft?):
      sentence += "a target of the family \(ModelCard.escaped(target.family)) together with the \(ModelCard.escaped(draft.kind)) draft that speculates for it, and the tokenizer."
    case (let target?, nil): sentence += "a model of the family \(ModelCard.escaped(target.family)), and its tokenizer."
    case (nil, let draft?): sentence += "a \(ModelCard.escaped(draft.kind)) draft for speculative decoding, without its target."
    case (nil, nil): break
    }
    let sources = [("target", origins.targetName), ("draft", origins.draftName)].compactMap { part, name in name.map { "the \(part) is `\($0)`" } }
    return sources.isEmpty ? sentence : sentence + " As noted in it, " + sources.joined(separator: " and ") + "."
  }

  private var contents: String {
    var rows = [["part", "", "parameters", "bytes", "recipe", "types (tensors)"]]
    for component in Component.allCases where manifest.holds(component) {
      rows.append([
        component.rawValue, manifest.modelName(of: component) ?? "", "\(manifest.parameters(of: component) ?? 0)", "\(manifest.tensorByteCount(of: component))", manifest.recipe(of: component) ?? "",
        manifest.typeList(of: component).map { "\($0.type) (\($0.count))" }.joined(separator: ", "),
      ])
    }
    var text = "## What is inside\n\n" + ModelCard.table(rows)
    if let relation = manifest.draft?.embedding {
      text += "\n\nThe draft's token embedding is `\(relation.name)`" + (relation.differingRows.map { $0 > 0 ? " in \($0) rows" : "" } ?? "")
        + " beside the target's."
    }
    if let licence = origins.licence { text += "\n\nLicence: \(ModelCard.escaped(licence.identifier)) (\(ModelCard.escaped(licence.source)))." }
    return text
  }

  private var digests: String {
    var rows = [["what", "bytes", "SHA-256"], ["the bundle (of its manifest, which fixes every byte)", "\(bundle.file.byteCount)", bundle.digest.hexadecimal]]
    for source in manifest.provenance {
      rows.append(["made from \(source.component.rawValue)/\(source.file)", "\(source.byteCount)", source.digest.hexadecimal])
    }
    return "## Digests\n\n" + ModelCard.table(rows)
  }

  private func measured(_ report: MeasuredReport) -> String {
    var rows = [["measured", "value", "99 % interval"]]
    if let length = report.acceptanceLength {
      rows.append(["tokens a cycle, greedy, \(report.promptCount) prompts", ModelCard.number(length), ""])
    }
    for entry in report.fidelity {
      rows.append([entry.name, ModelCard.number(entry.value), entry.interval.map { "\(ModelCard.number($0.0)) to \(ModelCard.number($0.1))" } ?? ""])
    }
    let verdict = report.verdict.map { " Held against its source the verdict is **\($0)**." } ?? ""
    return "## Measured\n\n`griffin verify` of this bundle (by its digest) \(report.isOK ? "passed" : "**did not pass**").\(verdict)\n\n" + ModelCard.table(rows)
  }

  private var checking: String {
    let file = FileSystem.split(bundle.file.path).name
    let quoted = file.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) } ? file : "'" + file.replacing("'", with: "'\\''") + "'"
    return """
      ## Check it yourself

      ```
      griffin verify \(quoted.printable) --integrity
      griffin verify \(quoted.printable)
      ```

      The first checks every byte against the digests above; the second decodes prompts greedily and speculatively and holds the two against each other.
      """
  }

  /// Rows as a Markdown table, the first its head.
  static func table(_ rows: [[String]]) -> String {
    let lines = rows.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
    guard let head = lines.first, let width = rows.first?.count else { return "" }
    return ([head, "|" + String(repeating: " --- |", count: width)] + lines.dropFirst()).joined(separator: "\n")
  }

  /// Text that Markdown shows as it is, on one line.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.printable {
      if "\\`*_{}[]<>#|!&~".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }

  /// A scalar of YAML.
  private static func quoted(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    return isPlain && text.utf8.first.map { (0x41...0x7A).contains($0) } == true && !words.contains(text.lowercased()) ? text : JSONValue.string(text).encoded()
  }

  /// Four significant digits.
  private static func number(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return "\(value)" }
    var (scale, magnitude) = (1.0, value.magnitude)
    while magnitude < 1000 { (scale, magnitude) = (scale * 10, magnitude * 10) }
    return "\((value * scale).rounded() / scale)"
  }
}
