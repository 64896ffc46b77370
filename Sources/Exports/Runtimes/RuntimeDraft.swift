internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
internal import Tensors

/// A draft on its way into a runtime's folder: the released tensors and a configuration that every reader understands, which a
/// runtime's own file then changes.
struct RuntimeDraft {
  let request: ExportRequest
  let model: DraftModel
  /// Under released names.
  var tensors: [ExportTensor]
  var config: JSONObject
  /// What the runtime is called, for messages.
  let runtime: String

  /// - Throws: `unsupported` for a draft that no runtime loads, naming what stands in the way.
  init(_ request: ExportRequest, _ model: DraftModel, runtime: String) throws(GriffinError) {
    (self.request, self.model, self.runtime) = (request, model, runtime)
    tensors = []
    config = [:]
    guard model.kind.name != "griffin" else {
      throw refusal(
        "a GRIFFIN draft",
        "its Token-Guided Fusion (fc.fc, fc.mlp) and its down projection of two heads (layers.0.mlp.down_proj) have no counterpart there",
        hints: [
          "--format safetensors writes it as it was released, for the paper's own code", "--component target exports the target alone",
        ])
    }
    if model.tensors[.fusion(.adapter)] != nil {
      throw refusal("this draft", "it has an adapter for the target's states (adapter.weight), which has no place there", hints: ["--format safetensors writes it"])
    }
    if let size = model.configuration.trimmedVocabularySize {
      throw refusal("this draft", "it was trimmed to \(size) tokens, for which it has a head that has no place there", hints: ["convert it without --trim-vocab"])
    }
    tensors = try request.releasedTensors(model.tensors, of: .draft)
    config = try RuntimeDraft.config(request, model)
  }

  /// An error that names what a runtime cannot hold.
  func refusal(_ what: String, _ why: String, hints: [String] = []) -> GriffinError {
    GriffinError(.unsupported, file: request.bundle.file.path, "\(runtime) cannot load \(what): \(why)", hints: hints)
  }

  /// The keys that all runtimes read.
  private static func config(_ request: ExportRequest, _ model: DraftModel) throws(GriffinError) -> JSONObject {
    var config = ModelClass.llama.completing(model.configuration.document)
    // What only manifests have, and what makes some runtimes build biases that no file fills.
    for key in ["eagle_tap_rule", "eagle_aux_hidden_state_layer_ids", "attention_bias"] { config[key] = nil }
    config["torch_dtype"] = .string(try torchType(request, model))
    config["tie_word_embeddings"] = false
    if let target = request.target?.configuration {
      config["vocab_size"] = .integer(target.vocabularySize)
      // A left-over 2048 of the training's configuration ends speculation there.
      if let positions = target.maximumPositions { config["max_position_embeddings"] = .integer(positions) }
    }
    return config
  }

  /// The tensor of a released name.
  func tensor(_ name: String) -> ExportTensor? { tensors.first { $0.descriptor.name == name } }

  mutating func remove(_ name: String) { tensors.removeAll { $0.descriptor.name == name } }

  /// Adds a bias of zeros where there is none, of the type that the weight beside it has.
  mutating func addZeros(_ name: String, besides weight: String) throws(GriffinError) {
    guard tensor(name) == nil, let beside = tensor(weight)?.descriptor else { return }
    let rows = beside.shape.dimensions[0]
    var source = MadeSource()
    let index = try source.add(name, type: beside.type, count: rows, bytes: [UInt8](repeating: 0, count: rows * beside.type.bytesPerBlock))
    let descriptor = source.tensors[index]
    tensors.append(
      try ExportTensor(name: name, type: descriptor.type, shape: descriptor.shape, of: StoredTensor(source: source, index: index)))
  }

  /// The type of the draft's weights, as PyTorch calls it.
  private static func torchType(_ request: ExportRequest, _ model: DraftModel) throws(GriffinError) -> String {
    let fusion = model.tensors[.fusion(.projection)].map { model.tensors.source.tensors[$0].type } ?? .f16
    return switch fusion.category == .block ? try request.decodedType(of: .draft) : fusion {
    case .f32, .f64: "float32"
    case .bf16: "bfloat16"
    default: "float16"
    }
  }

  /// The projections of the draft's attention, in its first layer.
  static func attention(_ model: DraftModel, _ projection: String, _ kind: String) -> String {
    (model.configuration.eagle3 == nil ? "layers.0." : "midlayer.") + "self_attn.\(projection)_proj.\(kind)"
  }

  /// Which of the attention's projections have a bias.
  var biasedProjections: Set<String> {
    Set(["q", "k", "v", "o"].filter { tensor(RuntimeDraft.attention(model, $0, "bias")) != nil })
  }

  var folder: ModelFolder {
    ModelFolder(component: .draft, tensors: tensors, documents: ["config.json": config.fileBytes])
  }
}
