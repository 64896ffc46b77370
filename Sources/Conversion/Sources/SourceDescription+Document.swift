internal import Bundles
public import ByteStorage
internal import Models
public import Templates
internal import Tensors

extension SourceDescription {
  /// What the model would be paired with, in words.
  public var partner: String {
    let sizes = "hidden_size \(configuration.hiddenSize), vocab_size \(configuration.vocabularySize)"
    switch component {
    case .target: return "a draft (\(DraftKind.all.map(\.name).joined(separator: ", "))) with \(sizes)"
    case .draft: return "a target with \(sizes)"
    }
  }

  /// The contract's JSON document: that of a bundle, where what only a bundle has is null.
  /// - Parameter day: What a template that asks for the day is told.
  public func document(withTensors: Bool, day: Day?) -> JSONValue {
    let counts = typeCounts.map { JSONObject.Member(key: $0.rawValue, value: .integer($1)) }.sorted { $0.key < $1.key }
    let byteCounts = tensors.reduce(into: [String: Int]()) { $0[$1.type.rawValue, default: 0] += $1.byteCount }
    let sizes = byteCounts.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: .integer($0.value)) }
    var described: JSONObject = [
      component == .target ? "family" : "kind": .string(modelName),
      "config": .object(configuration.document), "parameters": .integer(parameterCount),
      "bytes": .integer(tensorByteCount), "types": .object(JSONObject(counts)), "type_bytes": .object(JSONObject(sizes)),
    ]
    if component == .draft {
      described["embedding"] = .string((hasEmbedding ? EmbeddingRelation.possible : .absent).name)
      described["embedding_rows_different"] = .null
    }
    var object: JSONObject = [
      "format_version": .null,
      "digest": .null,
      "bytes": .integer(byteCount),
      "target": component == .target ? .object(described) : .null,
      "draft": component == .draft ? .object(described) : .null,
      "tokenizer": component == .target ? text.document(vocabularySize: configuration.vocabularySize) : .null,
      "chat_template": chatTemplate.map { .string($0) } ?? .null,
      "prompt_format": component == .target ? text.formatDocument(day: day) : .null,
      "recipe": .null,
      "draft_recipe": .null,
      "provenance": .array(
        weightFiles.map { file in
          .object([
            "component": .string(component.rawValue), "file": .string(file.name), "bytes": .integer(file.byteCount),
            "sha256": .null,
          ])
        }),
      "importance": .array([]),
      "attachments": .array(
        attachments.map { .object(["name": .string(component.prefix + $0.name), "bytes": .integer($0.byteCount)]) }),
      "metadata": [:],
      "pairs_with": [
        "component": .string((component == .target ? Component.draft : .target).rawValue),
        "hidden_size": .integer(configuration.hiddenSize), "vocab_size": .integer(configuration.vocabularySize),
      ],
    ]
    if withTensors {
      object["tensors"] = .array(
        tensors.map { tensor in
          .object([
            "name": .string(tensor.name), "type": .string(tensor.type.rawValue),
            "shape": .array(tensor.shape.dimensions.map { .integer($0) }), "offset": .null,
            "bytes": .integer(tensor.byteCount), "sha256": .null,
          ])
        })
    }
    object["warnings"] = .array(warnings.map { .string($0) })
    return .object(object)
  }
}
