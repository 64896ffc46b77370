package import ByteStorage
internal import Tensors

/// Writing the manifest.
extension Manifest {
  /// The manifest as a JSON document, members in the order of section 3.
  package var document: JSONValue {
    var object = JSONObject()
    object["format"] = .string(BundleFormat.formatName)
    object["version"] = .integer(Int(BundleFormat.version))
    object["recipe"] = ["target": optional(recipe.target), "draft": optional(recipe.draft)]
    object["target"] = targetDocument
    object["draft"] = draftDocument
    object["tensors"] = .array(tensors.map(document(of:)))
    object["payloads"] = .array(payloads.map(document(of:)))
    object["attachments"] = .array(attachments.map(document(of:)))
    object["provenance"] = .array(provenance.map(document(of:)))
    object["metadata"] = .object(JSONObject(metadata.map { JSONObject.Member(key: $0.key, value: .string($0.value)) }))
    if !importance.isEmpty { object["importance"] = .array(importance.map(\.document)) }
    return .object(object)
  }

  private var targetDocument: JSONValue {
    guard let target else { return .null }
    return ["family": .string(target.family), "config": .object(target.config), "parameters": .integer(target.parameters)]
  }

  private var draftDocument: JSONValue {
    guard let draft else { return .null }
    let rows: JSONValue = if let rows = draft.embedding.differingRows { .integer(rows) } else { .null }
    return [
      "kind": .string(draft.kind), "config": .object(draft.config), "parameters": .integer(draft.parameters),
      "embedding": ["relation": .string(draft.embedding.name), "rows_different": rows],
    ]
  }

  private func optional(_ text: String?) -> JSONValue { if let text { .string(text) } else { .null } }

  private func document(of tensor: Tensor) -> JSONValue {
    var object: JSONObject = [
      "name": .string(tensor.descriptor.name), "type": .string(tensor.descriptor.type.rawValue),
      "shape": .array(tensor.descriptor.shape.dimensions.map { JSONValue.integer($0) }), "payload": .integer(tensor.payload),
    ]
    if let errors = tensor.errors {
      object["errors"] = errors.document
    }
    return .object(object)
  }

  private func document(of payload: Payload) -> JSONValue {
    ["offset": .integer(payload.offset), "bytes": .integer(payload.byteCount), "sha256": .string(payload.digest.hexadecimal)]
  }

  private func document(of attachment: Attachment) -> JSONValue {
    [
      "name": .string(attachment.name), "bytes": .integer(attachment.byteCount),
      "sha256": .string(attachment.digest.hexadecimal), "payload": .integer(attachment.payload),
    ]
  }

  private func document(of entry: Provenance) -> JSONValue {
    [
      "component": .string(entry.component.rawValue), "file": .string(entry.file), "bytes": .integer(entry.byteCount),
      "sha256": .string(entry.digest.hexadecimal),
    ]
  }
}

extension Manifest.Errors {
  /// As a manifest says them.
  package var document: JSONValue { ["rmse": .number(rmse), "max": .number(maximum), "cosine": .number(cosine)] }
}
