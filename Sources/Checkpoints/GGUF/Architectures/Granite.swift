internal import ByteStorage

extension GGUFArchitecture {
  /// Granite, dense, whose heads are interleaved as LLaMA's are. To ggml a multiplier that is absent or 0 is none.
  ///
  /// - Source: `GraniteModel` in llama.cpp's converter, and `llama_model_granite`.
  static let granite = GGUFArchitecture(
    name: "granite",
    modelType: { (_) throws(GriffinError) in ("granite", "GraniteForCausalLM") },
    families: ["granite"],
    layerTensors: NamedTensor.common + NamedTensor.interleavedAttention,
    keys: { (metadata) throws(GriffinError) in try graniteKeys(metadata) }
  )

  /// What its configuration has beside that of every model.
  private static func graniteKeys(_ metadata: GGUFMetadata) throws(GriffinError) -> JSONObject {
    func number(_ name: String) throws(GriffinError) -> Double? {
      guard let value = try metadata.number(granite.key(name)), value != 0 else { return nil }
      return value
    }
    guard let logits = try number("logit_scale") else {
      throw GriffinError(.malformed, file: metadata.file.path, "\(granite.key("logit_scale")) is missing or 0; logits are divided by it")
    }
    let rotates = granite.key("rope.scaling.finetuned")
    guard try metadata.bool(rotates) ?? true else {
      throw GriffinError(.unsupported, file: metadata.file.path, "\(rotates) is false, by which llama.cpp's granite rotates nothing")
    }
    let dimension = try GGUFHyperParameters(granite, metadata).headDimension
    return [
      "embedding_multiplier": .number(try number("embedding_scale") ?? 1),
      "attention_multiplier": .number(try number("attention.scale") ?? 1 / Double(dimension).squareRoot()),
      "residual_multiplier": .number(try number("residual_scale") ?? 1),
      "logits_scaling": .number(logits),
    ]
  }
}
