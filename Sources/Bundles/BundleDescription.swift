public import ByteStorage
public import Templates
internal import Tensors

/// What `inspect` says of a bundle: the manifest, told in the contract's words.
public struct BundleDescription: Sendable {
  public let bundle: ModelBundle
  /// The tokenizer and the chat template of the target.
  public let text: TextFiles

  /// - Throws: Where an attachment that the manifest promises cannot be read.
  public init(_ bundle: ModelBundle) throws(GriffinError) {
    self.bundle = bundle
    text = try bundle.textFiles()
  }

  /// The text of the model's own chat template, where its files hold one.
  public var chatTemplate: String? { text.template?.text }

  /// Ids of the target's vocabulary.
  public var vocabularySize: Int { bundle.manifest.target?.config["vocab_size"]?.integer ?? 0 }

  /// The contract's JSON document.
  /// - Parameter day: What a template that asks for the day is told.
  public func document(withTensors: Bool, day: Day?) -> JSONValue {
    let manifest = bundle.manifest
    var object: JSONObject = [
      "format_version": .integer(Int(BundleFormat.version)),
      "digest": .string(bundle.digest.hexadecimal),
      "bytes": .integer(bundle.file.byteCount),
      "target": target ?? .null,
      "draft": draft ?? .null,
      "tokenizer": text.document(vocabularySize: vocabularySize),
      "chat_template": chatTemplate.map { .string($0) } ?? .null,
      "prompt_format": text.formatDocument(day: day),
      "recipe": (manifest.recipe.target ?? manifest.recipe.draft).map { .string($0) } ?? .null,
      "draft_recipe": manifest.recipe.draft.map { .string($0) } ?? .null,
      "provenance": .array(
        manifest.provenance.map { source in
          .object([
            "component": .string(source.component.rawValue), "file": .string(source.file),
            "bytes": .integer(source.byteCount), "sha256": .string(source.digest.hexadecimal),
          ])
        }),
      "importance": .array(manifest.importance.map(\.document)),
      "attachments": .array(
        manifest.attachments.map { .object(["name": .string($0.name), "bytes": .integer($0.byteCount)]) }),
      "metadata": .object(JSONObject(manifest.metadata.map { JSONObject.Member(key: $0.key, value: .string($0.value)) })),
    ]
    if withTensors { object["tensors"] = tensors }
    object["warnings"] = .array(text.warnings.map { .string($0) })
    return .object(object)
  }

  private var target: JSONValue? {
    bundle.manifest.target.map { target in
      .object([
        "family": .string(target.family), "config": .object(target.config), "parameters": .integer(target.parameters),
        "bytes": .integer(bundle.manifest.tensorByteCount(of: .target)), "types": types(.target), "type_bytes": typeBytes(.target),
      ])
    }
  }

  private var draft: JSONValue? {
    bundle.manifest.draft.map { draft in
      .object([
        "kind": .string(draft.kind), "config": .object(draft.config), "parameters": .integer(draft.parameters),
        "bytes": .integer(bundle.manifest.tensorByteCount(of: .draft)), "types": types(.draft), "type_bytes": typeBytes(.draft),
        "embedding": .string(draft.embedding.name),
        "embedding_rows_different": draft.embedding.differingRows.map { .integer($0) } ?? .null,
      ])
    }
  }

  private func types(_ component: Component) -> JSONValue {
    .object(JSONObject(bundle.manifest.typeList(of: component).map { JSONObject.Member(key: $0.type, value: .integer($0.count)) }))
  }

  /// Bytes of a component's payloads by type.
  private func typeBytes(_ component: Component) -> JSONValue {
    var (counts, seen): ([String: Int], Set<Int>) = ([:], [])
    for tensor in bundle.manifest.tensors where Component(ofName: tensor.descriptor.name) == component && seen.insert(tensor.payload).inserted {
      counts[tensor.descriptor.type.rawValue, default: 0] += bundle.manifest.payloads[tensor.payload].byteCount
    }
    return .object(JSONObject(counts.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: .integer($0.value)) }))
  }

  private var tensors: JSONValue {
    let manifest = bundle.manifest
    return .array(
      manifest.tensors.map { tensor in
        let payload = manifest.payloads[tensor.payload]
        var object: JSONObject = [
          "name": .string(tensor.descriptor.name), "type": .string(tensor.descriptor.type.rawValue),
          "shape": .array(tensor.descriptor.shape.dimensions.map { .integer($0) }), "offset": .integer(payload.offset),
          "bytes": .integer(payload.byteCount), "sha256": .string(payload.digest.hexadecimal),
        ]
        if let errors = tensor.errors {
          object["errors"] = ["rmse": .number(errors.rmse), "max": .number(errors.maximum), "cosine": .number(errors.cosine)]
        }
        return .object(object)
      })
  }
}
