internal import ByteStorage

/// Reads the JSON of a manifest: its members, their JSON types and the values that stand alone
/// (section 3). What needs several members together is `Manifest.validate`'s.
///
/// Members of unknown names are skipped, wherever they are (section 8).
struct ManifestParser {
  let file: String
  private var format: String?
  private var version: Int?
  private var recipe: Manifest.Recipe?
  private var target: Manifest.Target??
  private var draft: Manifest.Draft??
  private var tensors: [Manifest.Tensor]?
  private var payloads: [Manifest.Payload]?
  private var attachments: [Manifest.Attachment]?
  private var provenance: [Manifest.Provenance]?
  private var metadata: [Manifest.Metadata]?
  private var importance: [Manifest.Importance] = []

  /// - Parameters:
  ///   - bytes: The manifest's bytes.
  ///   - file: Named in errors.
  ///   - offset: Where they are in the file.
  static func parse(_ bytes: RawSpan, file: String, offset: Int) throws(GriffinError) -> Manifest {
    var reader = JSONReader(bytes, limits: .manifest, file: file, baseOffset: offset)
    var parser = ManifestParser(file: file)
    try reader.beginObject("the manifest")
    while let key = try reader.nextKey() { try parser.readMember(key, &reader) }
    try reader.finish()
    return try parser.manifest()
  }

  private init(file: String) { self.file = file }

  private mutating func readMember(_ key: String, _ reader: inout JSONReader) throws(GriffinError) {
    switch key {
    case "format": format = try reader.readString(key)
    case "version": version = try reader.readInteger(key)
    case "recipe": recipe = try readRecipe(&reader)
    case "target": target = .some(try readTarget(&reader))
    case "draft": draft = .some(try readDraft(&reader))
    case "tensors":
      tensors = try readList(key, BundleFormat.Limit.tensors, &reader) { index, reader throws(GriffinError) in
        try readTensor(index, &reader)
      }
    case "payloads":
      payloads = try readList(key, BundleFormat.Limit.payloads, &reader) { index, reader throws(GriffinError) in
        try readPayload(index, &reader)
      }
    case "attachments":
      attachments = try readList(key, BundleFormat.Limit.attachments, &reader) { index, reader throws(GriffinError) in
        try readAttachment(index, &reader)
      }
    case "provenance":
      provenance = try readList(key, BundleFormat.Limit.provenance, &reader) { index, reader throws(GriffinError) in
        try readProvenance(index, &reader)
      }
    case "importance":
      importance = try readList(key, BundleFormat.Limit.importance, &reader) { index, reader throws(GriffinError) in
        try readImportance(index, &reader)
      }
    case "metadata": metadata = try readMetadata(&reader)
    default: try reader.skipValue()
    }
  }

  private func manifest() throws(GriffinError) -> Manifest {
    let start = BundleFormat.headerByteCount
    let format = try require(format, "format", at: start)
    guard format.hasSameBytes(as: BundleFormat.formatName) else {
      throw failure(.malformed, "format is \"\(format.shortened(to: 40))\", expected \"\(BundleFormat.formatName)\"", at: start)
    }
    let version = try require(version, "version", at: start)
    guard version == BundleFormat.version else {
      throw failure(.malformed, "version is \(version), but the header says \(BundleFormat.version)", at: start)
    }
    return Manifest(
      recipe: try require(recipe, "recipe", at: start), target: try require(target, "target", at: start),
      draft: try require(draft, "draft", at: start), tensors: try require(tensors, "tensors", at: start),
      payloads: try require(payloads, "payloads", at: start), attachments: try require(attachments, "attachments", at: start),
      provenance: try require(provenance, "provenance", at: start), metadata: try require(metadata, "metadata", at: start),
      importance: importance)
  }
}

/// The small pieces.
extension ManifestParser {
  func readList<Element>(
    _ what: String, _ limit: Int, _ reader: inout JSONReader,
    _ readElement: (Int, inout JSONReader) throws(GriffinError) -> Element
  ) throws(GriffinError) -> [Element] {
    try reader.beginArray(what)
    var elements: [Element] = []
    while try reader.hasNextElement() {
      guard elements.count < limit else { throw failure(.unsafe, "\(what) has more than \(limit) elements", at: reader.offset) }
      elements.append(try readElement(elements.count, &reader))
    }
    return elements
  }

  func readConfig(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> JSONObject {
    let value = try reader.readValue()
    guard let object = value.object else {
      throw failure(.malformed, "\(what): expected an object, found \(value.kindDescription)", at: reader.offset)
    }
    return object
  }

  /// Reads an integer that counts something: not negative.
  func readCount(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> Int {
    let value = try reader.readInteger(what)
    guard value >= 0 else { throw failure(.malformed, "\(what) is \(value), expected 0 or more", at: reader.offset) }
    return value
  }

  func readOptionalCount(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> Int? {
    let event = try reader.next()
    switch event {
    case .null: return nil
    case .integer(let value) where value >= 0: return value
    default: throw reader.mismatch(what, expected: "an integer of 0 or more, or null", found: event)
    }
  }

  func readOptionalString(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> String? {
    let event = try reader.next()
    switch event {
    case .null: return nil
    case .string(let text): return text
    default: throw reader.mismatch(what, expected: "a string or null", found: event)
    }
  }

  /// - Returns: Whether an object was begun; false for null.
  func beginOptionalObject(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> Bool {
    let event = try reader.next()
    switch event {
    case .null: return false
    case .beginObject: return true
    default: throw reader.mismatch(what, expected: "an object or null", found: event)
    }
  }

  func readDigest(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> SHA256Digest {
    let text = try reader.readString(what)
    guard let digest = SHA256Digest(hexadecimal: text) else {
      throw failure(
        .malformed, "\(what) is \"\(text.shortened(to: 80))\", expected 64 lower-case hexadecimal digits", at: reader.offset)
    }
    return digest
  }

  func require<Value>(_ value: Value?, _ what: String, at offset: Int) throws(GriffinError) -> Value {
    guard let value else { throw failure(.malformed, "\(what) is missing", at: offset) }
    return value
  }

  func failure(_ kind: GriffinError.Kind, _ message: String, at offset: Int, tensor: String? = nil) -> GriffinError {
    GriffinError(kind, file: file, tensor: tensor, offset: offset, message)
  }
}
