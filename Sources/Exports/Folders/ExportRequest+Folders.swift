internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
internal import Tensors

extension ExportRequest {
  /// The target as Hugging Face has it: released names, float payloads byte for byte, files as attached.
  func targetFolder(_ model: TargetModel) throws(GriffinError) -> ModelFolder {
    try ModelFolder(
      component: .target, tensors: releasedTensors(model.tensors, of: .target),
      documents: documents(of: .target, config: try targetConfig(model)))
  }

  /// The draft in the layout that its kind was released in.
  func draftFolder(_ model: DraftModel) throws(GriffinError) -> ModelFolder {
    try ModelFolder(
      component: .draft, tensors: releasedTensors(model.tensors, of: .draft), documents: documents(of: .draft, config: try draftConfig(model)))
  }

  /// A component's tensors under their canonical names, those in blocks decoded.
  func releasedTensors(_ tensors: BoundTensors, of component: Component) throws(GriffinError) -> [ExportTensor] {
    let decoded = try decodedType(of: component)
    var list: [ExportTensor] = []
    for binding in tensors.bindings {
      let stored = stored(binding.index)
      let type = stored.descriptor.type
      list.append(
        try ExportTensor(
          name: binding.name, type: type.category == .block ? decoded : type, shape: stored.descriptor.shape, of: stored))
    }
    return list
  }

  /// What travelled with a component, with `config` as its configuration.
  private func documents(of component: Component, config: [UInt8]) throws(GriffinError) -> [String: [UInt8]] {
    var documents: [String: [UInt8]] = [:]
    for attachment in bundle.manifest.attachments where attachment.name.hasPrefix(component.prefix) {
      documents[String(attachment.name.dropFirst(component.prefix.count))] = try bundle.attachment(named: attachment.name)
    }
    documents["config.json"] = config
    return documents
  }

  /// The target's `config.json`: as attached, unless the file it came from says something that only griffin reads.
  private func targetConfig(_ model: TargetModel) throws(GriffinError) -> [UInt8] {
    guard let config = try attachedConfig(of: .target) else {
      return ModelClass(of: model.family.name).completing(model.configuration.document).fileBytes
    }
    guard let factors = model.configuration.rotary.frequencyFactors else {
      return try bundle.attachment(named: "target/config.json") ?? []
    }
    // ggml keeps LLaMA 3's scaling as a tensor of numbers, which nobody else reads.
    guard let scaling = Llama3Scaling.explaining(
      factors, base: model.configuration.rotary.base, headDimension: model.configuration.headDimension)
    else {
      throw GriffinError(
        .unsupported, file: bundle.file.path,
        "the rotary frequencies are divided by numbers of a GGUF file (rope_freq_factors) that no rule of transformers makes; "
          + "a config.json cannot say them", hints: ["--format gguf keeps them"])
    }
    var object = config
    object["rope_freq_factors"] = nil
    object["rope_scaling"] = .object(scaling.scalingDocument)
    return object.fileBytes
  }

  /// The draft's `config.json`: as attached, or where that wraps it, what it wraps.
  private func draftConfig(_ model: DraftModel) throws(GriffinError) -> [UInt8] {
    if let config = try attachedConfig(of: .draft), !["transformer_layer_config", "model"].contains(where: { config[$0]?.object != nil }) {
      return try bundle.attachment(named: "draft/config.json") ?? []
    }
    return ModelClass.llama.completing(model.configuration.document).fileBytes
  }
}

/// What a configuration says a model is.
struct ModelClass {
  let type: String
  let architecture: String

  static let llama = ModelClass(type: "llama", architecture: "LlamaForCausalLM")

  private init(type: String, architecture: String) { (self.type, self.architecture) = (type, architecture) }

  /// - Parameter family: A family's name, which is its `model_type`.
  init(of family: String) { self.init(type: family, architecture: family.prefix(1).uppercased() + family.dropFirst() + "ForCausalLM") }

  /// A normalised configuration with what readers go by.
  func completing(_ document: JSONObject) -> JSONObject {
    var object: JSONObject = ["architectures": [.string(architecture)], "model_type": .string(type)]
    for member in document.members { object[member.key] = member.value }
    // Lists of one token are plain ids elsewhere.
    for key in ["bos_token_id", "eos_token_id"] {
      guard let ids = object[key]?.array else { continue }
      object[key] = ids.count > 1 ? object[key] : ids.first ?? .null
    }
    return object
  }
}
