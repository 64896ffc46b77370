package import Bundles
package import ByteStorage

/// Where the halves of a bundle come from and under which terms, as far as the bundle says.
package struct BundleOrigins: Sendable {
  /// Names of the repositories, such as `meta-llama/Llama-2-7b-chat-hf`.
  package let targetName: String?
  package let draftName: String?
  /// The licence's identifier as the Hub has it, and where it was found.
  package let licence: (identifier: String, source: String)?
  /// The file with the licence's text, where one travels along.
  package let licenceFile: String?

  /// - Throws: What reading attachments throws.
  package init(_ bundle: ModelBundle) throws(GriffinError) {
    targetName = try BundleOrigins.name(bundle, .target, key: "base_model")
    draftName = try BundleOrigins.name(bundle, .draft, key: "draft_model")
    licenceFile = bundle.manifest.attachments.map(\.name).first { name in
      let plain = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
      return ["license", "licence", "copying"].contains { plain == $0 || plain.hasPrefix($0 + ".") }
    }
    licence = try BundleOrigins.licence(bundle)
  }

  /// A remark, else what the configuration was loaded from.
  private static func name(_ bundle: ModelBundle, _ component: Component, key: String) throws(GriffinError) -> String? {
    if let remark = bundle.manifest.metadata.first(where: { $0.key == key })?.value, isRepository(remark) { return remark }
    guard bundle.manifest.holds(component), let bytes = try bundle.attachment(named: component.prefix + "config.json"),
      let config = try? JSONValue.parse(bytes.rawBytes, limits: .config), let path = config["_name_or_path"]?.string
    else { return nil }
    return isRepository(path) ? path : nil
  }

  /// `OWNER/NAME` of what names are made of.
  private static func isRepository(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { part in
      !part.isEmpty && part.utf8.count <= 96 && !part.hasPrefix(".")
        && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }
  }

  /// A remark, else the front matter of a card that travels along.
  private static func licence(_ bundle: ModelBundle) throws(GriffinError) -> (identifier: String, source: String)? {
    if let remark = bundle.manifest.metadata.first(where: { ["license", "licence"].contains($0.key) }) {
      return (remark.value, "the bundle's metadata")
    }
    for component in Component.allCases {
      let name = component.prefix + "README.md"
      guard let bytes = try bundle.attachment(named: name), let text = bytes.rawBytes.utf8Text else { continue }
      if let found = frontMatter("license", in: text) { return (found, name) }
    }
    return nil
  }

  /// A plain value of the block between two lines of dashes that a card begins with.
  static func frontMatter(_ key: String, in text: String) -> String? {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard lines.first == "---" else { return nil }
    for line in lines.dropFirst().prefix(200).prefix(while: { $0 != "---" }) where line.hasPrefix(key + ":") {
      let value = line.dropFirst(key.count + 1).drop { $0 == " " }
      let plain = String(value.prefix { $0 != "#" }).split(separator: " ").first.map(String.init) ?? ""
      let unquoted = plain.filter { $0 != "\"" && $0 != "'" }
      return unquoted.isEmpty ? nil : unquoted
    }
    return nil
  }
}
