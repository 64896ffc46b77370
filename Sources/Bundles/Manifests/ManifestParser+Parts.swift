internal import ByteStorage
internal import Tensors

/// The parts.
extension ManifestParser {
  func readRecipe(_ reader: inout JSONReader) throws(GriffinError) -> Manifest.Recipe {
    try reader.beginObject("recipe")
    let start = reader.offset
    var (target, draft): (String??, String??)
    while let key = try reader.nextKey() {
      switch key {
      case "target": target = .some(try readOptionalString("recipe.target", &reader))
      case "draft": draft = .some(try readOptionalString("recipe.draft", &reader))
      default: try reader.skipValue()
      }
    }
    return Manifest.Recipe(
      target: try require(target, "recipe.target", at: start), draft: try require(draft, "recipe.draft", at: start))
  }

  func readTarget(_ reader: inout JSONReader) throws(GriffinError) -> Manifest.Target? {
    guard try beginOptionalObject("target", &reader) else { return nil }
    let start = reader.offset
    var (family, config, parameters): (String?, JSONObject?, Int?)
    while let key = try reader.nextKey() {
      switch key {
      case "family": family = try reader.readString("target.family")
      case "config": config = try readConfig("target.config", &reader)
      case "parameters": parameters = try readCount("target.parameters", &reader)
      default: try reader.skipValue()
      }
    }
    return Manifest.Target(
      family: try require(family, "target.family", at: start), config: try require(config, "target.config", at: start),
      parameters: try require(parameters, "target.parameters", at: start))
  }

  func readDraft(_ reader: inout JSONReader) throws(GriffinError) -> Manifest.Draft? {
    guard try beginOptionalObject("draft", &reader) else { return nil }
    let start = reader.offset
    var (kind, config, parameters, embedding): (String?, JSONObject?, Int?, EmbeddingRelation?)
    while let key = try reader.nextKey() {
      switch key {
      case "kind": kind = try reader.readString("draft.kind")
      case "config": config = try readConfig("draft.config", &reader)
      case "parameters": parameters = try readCount("draft.parameters", &reader)
      case "embedding": embedding = try readEmbedding(&reader)
      default: try reader.skipValue()
      }
    }
    return Manifest.Draft(
      kind: try require(kind, "draft.kind", at: start), config: try require(config, "draft.config", at: start),
      parameters: try require(parameters, "draft.parameters", at: start),
      embedding: try require(embedding, "draft.embedding", at: start))
  }

  func readEmbedding(_ reader: inout JSONReader) throws(GriffinError) -> EmbeddingRelation {
    try reader.beginObject("draft.embedding")
    let start = reader.offset
    var (relation, rows): (String?, Int??)
    while let key = try reader.nextKey() {
      switch key {
      case "relation": relation = try reader.readString("draft.embedding.relation")
      case "rows_different": rows = .some(try readOptionalCount("draft.embedding.rows_different", &reader))
      default: try reader.skipValue()
      }
    }
    let word = try require(relation, "draft.embedding.relation", at: start)
    let count = try require(rows, "draft.embedding.rows_different", at: start)
    guard let embedding = EmbeddingRelation(name: word, differingRows: count) else {
      throw failure(
        .malformed,
        "draft.embedding is \"\(word.shortened(to: 40))\" with rows_different \(count.map(String.init) ?? "null"), "
          + "expected identical or converted with 0, different with 1 or more, absent or possible with null", at: start)
    }
    return embedding
  }

  func readTensor(_ index: Int, _ reader: inout JSONReader) throws(GriffinError) -> Manifest.Tensor {
    let what = "tensors[\(index)]"
    try reader.beginObject(what)
    let start = reader.offset
    var (name, typeName, dimensions, payload): (String?, String?, [Int]?, Int?)
    var errors: Manifest.Errors?
    while let key = try reader.nextKey() {
      switch key {
      case "name": name = try reader.readString("\(what).name")
      case "type": typeName = try reader.readString("\(what).type")
      case "shape":
        dimensions = try readList("\(what).shape", Shape.maximumRank, &reader) { _, reader throws(GriffinError) in
          try readCount("a dimension in \(what).shape", &reader)
        }
      case "payload": payload = try readCount("\(what).payload", &reader)
      case "errors": errors = Manifest.Errors(try reader.readValue())
      default: try reader.skipValue()
      }
    }
    let (requiredName, word) = (try require(name, "\(what).name", at: start), try require(typeName, "\(what).type", at: start))
    guard let type = ElementType(rawValue: word) else {
      throw failure(.unsupported, "the element type \"\(word.shortened(to: 40))\" is not known", at: start, tensor: requiredName)
    }
    let descriptor: TensorDescriptor
    do throws(TensorError) {
      let shape = try Shape(dimensions ?? [])
      descriptor = try TensorDescriptor(name: requiredName, type: type, shape: shape)
    } catch {
      throw failure(.malformed, "\(error)", at: start, tensor: requiredName)
    }
    _ = try require(dimensions, "\(what).shape", at: start)
    return Manifest.Tensor(
      descriptor: descriptor, payload: try require(payload, "\(what).payload", at: start), errors: errors)
  }

  func readPayload(_ index: Int, _ reader: inout JSONReader) throws(GriffinError) -> Manifest.Payload {
    let what = "payloads[\(index)]"
    try reader.beginObject(what)
    let start = reader.offset
    var (offset, bytes, digest): (Int?, Int?, SHA256Digest?)
    while let key = try reader.nextKey() {
      switch key {
      case "offset": offset = try readCount("\(what).offset", &reader)
      case "bytes": bytes = try readCount("\(what).bytes", &reader)
      case "sha256": digest = try readDigest("\(what).sha256", &reader)
      default: try reader.skipValue()
      }
    }
    return Manifest.Payload(
      offset: try require(offset, "\(what).offset", at: start), byteCount: try require(bytes, "\(what).bytes", at: start),
      digest: try require(digest, "\(what).sha256", at: start))
  }

  func readAttachment(_ index: Int, _ reader: inout JSONReader) throws(GriffinError) -> Manifest.Attachment {
    let what = "attachments[\(index)]"
    try reader.beginObject(what)
    let start = reader.offset
    var (name, bytes, digest, payload): (String?, Int?, SHA256Digest?, Int?)
    while let key = try reader.nextKey() {
      switch key {
      case "name": name = try reader.readString("\(what).name")
      case "bytes": bytes = try readCount("\(what).bytes", &reader)
      case "sha256": digest = try readDigest("\(what).sha256", &reader)
      case "payload": payload = try readCount("\(what).payload", &reader)
      default: try reader.skipValue()
      }
    }
    return Manifest.Attachment(
      name: try require(name, "\(what).name", at: start), byteCount: try require(bytes, "\(what).bytes", at: start),
      digest: try require(digest, "\(what).sha256", at: start), payload: try require(payload, "\(what).payload", at: start))
  }

  func readComponent(_ what: String, _ reader: inout JSONReader) throws(GriffinError) -> Component {
    let word = try reader.readString(what)
    guard let known = Component(rawValue: word) else {
      throw failure(.malformed, "\(what) is \"\(word.shortened(to: 40))\", expected \"target\" or \"draft\"", at: reader.offset)
    }
    return known
  }

  func readProvenance(_ index: Int, _ reader: inout JSONReader) throws(GriffinError) -> Manifest.Provenance {
    let what = "provenance[\(index)]"
    try reader.beginObject(what)
    let start = reader.offset
    var (component, name, bytes, digest): (Component?, String?, Int?, SHA256Digest?)
    while let key = try reader.nextKey() {
      switch key {
      case "component": component = try readComponent("\(what).component", &reader)
      case "file": name = try reader.readString("\(what).file")
      case "bytes": bytes = try readCount("\(what).bytes", &reader)
      case "sha256": digest = try readDigest("\(what).sha256", &reader)
      default: try reader.skipValue()
      }
    }
    return Manifest.Provenance(
      component: try require(component, "\(what).component", at: start), file: try require(name, "\(what).file", at: start),
      byteCount: try require(bytes, "\(what).bytes", at: start), digest: try require(digest, "\(what).sha256", at: start))
  }

  func readMetadata(_ reader: inout JSONReader) throws(GriffinError) -> [Manifest.Metadata] {
    try reader.beginObject("metadata")
    var entries: [Manifest.Metadata] = []
    while let key = try reader.nextKey() {
      guard entries.count < BundleFormat.Limit.metadata else {
        throw failure(.unsafe, "metadata has more than \(BundleFormat.Limit.metadata) members", at: reader.offset)
      }
      entries.append(Manifest.Metadata(key: key, value: try reader.readString("metadata.\(key)")))
    }
    return entries
  }
}
