package import Bundles
package import ByteStorage
internal import Tensors

/// A bill of materials in CycloneDX 1.6: what a bundle consists of and was made from, with the hashes that it records.
///
/// - Source: CycloneDX 1.6, `bom-1.6.schema.json`.
package struct BillOfMaterials {
  private let bundle: ModelBundle
  private let origins: BundleOrigins
  private let report: MeasuredReport?
  private let tool: String

  private var manifest: Manifest { bundle.manifest }

  /// - Parameter tool: The version of the program that writes it.
  /// - Throws: What reading attachments throws.
  package init(_ bundle: ModelBundle, report: MeasuredReport?, tool: String) throws(GriffinError) {
    (self.bundle, self.report, self.tool) = (bundle, report, tool)
    origins = try BundleOrigins(bundle)
  }

  /// The same bundle gives the same document.
  package var document: JSONValue {
    let parts = Component.allCases.filter(manifest.holds)
    return .object([
      "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": .string("urn:uuid:" + uuid), "version": .integer(1),
      "metadata": .object([
        "tools": .object(["components": .array([.object(["type": "application", "name": "griffin", "version": .string(tool)])])]),
        "component": root,
      ]),
      "components": .array(parts.map(component)),
      "dependencies": .array(
        [.object(["ref": "bundle", "dependsOn": .array(parts.map { .string($0.rawValue) })])] + parts.map { .object(["ref": .string($0.rawValue)]) }),
    ])
  }

  /// From the bundle's digest, marked as a number of nobody's scheme (RFC 9562, version 8).
  private var uuid: String {
    var digits = Array(bundle.digest.hexadecimal.prefix(32))
    digits[12] = "8"
    digits[16] = Array("89ab")[digits[16].hexDigitValue.map { $0 & 3 } ?? 0]
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }

  private var root: JSONValue {
    var object: JSONObject = [
      "type": "machine-learning-model", "bom-ref": "bundle", "name": .string(FileSystem.split(bundle.file.path).name),
      "version": .string(String(bundle.digest.hexadecimal.prefix(16))),
      "description": "A griffin bundle, which maps its models from one file.",
    ]
    if let licences { object["licenses"] = licences }
    var properties: [(String, String)] = [
      ("griffin:digest", bundle.digest.hexadecimal), ("griffin:bytes", "\(bundle.file.byteCount)"),
      ("griffin:format_version", "\(BundleFormat.version)"),
    ]
    properties += manifest.metadata.map { ("griffin:metadata:\($0.key)", $0.value) }
    if let report { properties.append(("griffin:verified", report.isOK ? "true" : "false")) }
    object["properties"] = BillOfMaterials.properties(properties)
    return .object(object)
  }

  private var licences: JSONValue? {
    origins.licence.map { .array([.object(["license": .object(["name": .string($0.identifier)])])]) }
  }

  private func component(_ component: Component) -> JSONValue {
    let name = component == .target ? origins.targetName : origins.draftName
    let kind = manifest.modelName(of: component) ?? ""
    let config = (component == .target ? manifest.target?.config : manifest.draft?.config) ?? JSONObject()
    var object: JSONObject = [
      "type": "machine-learning-model", "bom-ref": .string(component.rawValue), "name": .string(name ?? "\(kind) \(component.rawValue)"),
      "pedigree": .object(["ancestors": .array([ancestor(component, name: name)]), "notes": .string(notes(component))]),
    ]
    var card: JSONObject = ["modelParameters": .object(["task": "text-generation", "architectureFamily": .string(kind)])]
    if let metrics = metrics(component) { card["quantitativeAnalysis"] = .object(["performanceMetrics": metrics]) }
    object["modelCard"] = .object(card)
    object["properties"] = BillOfMaterials.properties(
      [
        ("griffin:parameters", "\(manifest.parameters(of: component) ?? 0)"), ("griffin:bytes", "\(manifest.tensorByteCount(of: component))"),
        ("griffin:recipe", manifest.recipe(of: component) ?? ""), ("griffin:types", manifest.typeList(of: component).map { "\($0.type)=\($0.count)" }.joined(separator: " ")),
        ("griffin:layers", "\(config["num_hidden_layers"]?.integer ?? 0)"), ("griffin:hidden_size", "\(config["hidden_size"]?.integer ?? 0)"),
      ])
    return .object(object)
  }

  /// The model that the component was made from: the files it was released in, with their hashes.
  private func ancestor(_ component: Component, name: String?) -> JSONValue {
    let files: [JSONValue] = manifest.provenance.filter { $0.component == component }.map { source in
      .object([
        "type": "file", "name": .string(source.file), "hashes": .array([.object(["alg": "SHA-256", "content": .string(source.digest.hexadecimal)])]),
        "properties": BillOfMaterials.properties([("griffin:bytes", "\(source.byteCount)")]),
      ])
    }
    var object: JSONObject = ["type": "machine-learning-model", "name": .string(name ?? "released \(component.rawValue)")]
    if let name {
      object["externalReferences"] = .array([.object(["type": "distribution", "url": .string("hf://\(name)")])])
    }
    object["components"] = .array(files)
    return .object(object)
  }

  private func notes(_ component: Component) -> String {
    let recipe = manifest.recipe(of: component) ?? "copy"
    return recipe == "copy" ? "Tensors are stored as they were released." : "Tensors are stored by the recipe \(recipe)."
  }

  private func metrics(_ component: Component) -> JSONValue? {
    guard let report else { return nil }
    var metrics: [(String, Double)] = []
    if component == .draft, let length = report.acceptanceLength { metrics.append(("acceptance_length", length)) }
    if component == .target { metrics += report.fidelity.filter { !$0.name.hasPrefix("acceptance") }.map { ($0.name, $0.value) } }
    guard !metrics.isEmpty else { return nil }
    return .array(metrics.map { .object(["type": .string($0.0), "value": .string("\($0.1)")]) })
  }

  private static func properties(_ pairs: [(String, String)]) -> JSONValue {
    .array(pairs.map { .object(["name": .string($0.0), "value": .string($0.1)]) })
  }
}
