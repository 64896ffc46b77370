public import ByteStorage

extension Manifest {
  /// An importance matrix that errors were weighed by when tensors of a component were quantized: `formats/bundle.md`, section 3.8.
  public struct Importance: Sendable, Hashable {
    public var component: Component
    /// The plain file name.
    public var file: String
    public var byteCount: Int
    public var digest: SHA256Digest
    /// SHA-256 of each of the texts that it was collected from, as far as it says so.
    public var texts: [SHA256Digest]

    public init(component: Component, file: String, byteCount: Int, digest: SHA256Digest, texts: [SHA256Digest]) {
      (self.component, self.file, self.byteCount, self.digest, self.texts) = (component, file, byteCount, digest, texts)
    }

    /// As a manifest says it.
    package var document: JSONValue {
      [
        "component": .string(component.rawValue), "file": .string(file), "bytes": .integer(byteCount),
        "sha256": .string(digest.hexadecimal), "texts": .array(texts.map { .string($0.hexadecimal) }),
      ]
    }
  }
}

extension ManifestParser {
  func readImportance(_ index: Int, _ reader: inout JSONReader) throws(GriffinError) -> Manifest.Importance {
    let what = "importance[\(index)]"
    try reader.beginObject(what)
    let start = reader.offset
    var (component, name, bytes, digest, texts): (Component?, String?, Int?, SHA256Digest?, [SHA256Digest]?)
    while let key = try reader.nextKey() {
      switch key {
      case "component": component = try readComponent("\(what).component", &reader)
      case "file": name = try reader.readString("\(what).file")
      case "bytes": bytes = try readCount("\(what).bytes", &reader)
      case "sha256": digest = try readDigest("\(what).sha256", &reader)
      case "texts":
        texts = try readList("\(what).texts", BundleFormat.Limit.importanceTexts, &reader) { place, reader throws(GriffinError) in
          try readDigest("\(what).texts[\(place)]", &reader)
        }
      default: try reader.skipValue()
      }
    }
    return Manifest.Importance(
      component: try require(component, "\(what).component", at: start), file: try require(name, "\(what).file", at: start),
      byteCount: try require(bytes, "\(what).bytes", at: start), digest: try require(digest, "\(what).sha256", at: start),
      texts: try require(texts, "\(what).texts", at: start))
  }
}
