internal import Bundles
internal import ByteStorage
internal import Models
internal import Tensors

extension RuntimeDraft {
  /// Writes which states of the target are fused, once for each way of counting, and what else EAGLE-3's readers look for.
  ///
  /// At the top they are the layers whose input is taken; under `eagle_config` those whose output is, one less.
  /// - Throws: `usage` where the taps depend on a target that is not there.
  mutating func stateTaps() throws(GriffinError) {
    guard let eagle3 = model.configuration.eagle3 else { preconditionFailure("not an EAGLE-3 draft") }
    let taps = try taps(eagle3)
    if let taps {
      config["eagle_aux_hidden_state_layer_ids"] = .array(taps.map { .integer($0) })
      config["eagle_config"] = [
        "use_aux_hidden_state": true, "eagle_aux_hidden_state_layer_ids": .array(taps.map { .integer($0 - 1) }),
      ]
    }
    config["num_aux_hidden_states"] = .integer(eagle3.tapCount)
    config["norm_before_fc"] = .bool(eagle3.stateNorms == .together)
    config["norm_output"] = .bool(eagle3.normalisesOutput)
    config["fc_norm"] = .bool(eagle3.stateNorms == .each)
    guard model.configuration.layerCount == 1, model.tensors[.layer(0, .queryNorm)] == nil else {
      throw refusal("this draft", "it has \(model.configuration.layerCount > 1 ? "several layers" : "norms of query and key heads"), which is not known to be read there")
    }
    let vocabulary = request.target?.configuration.vocabularySize ?? model.configuration.vocabularySize
    // Where the vocabularies are the same the mapping says nothing, and some readers then want none.
    if eagle3.draftVocabularySize == vocabulary { for name in ["d2t", "t2d"] { remove(name) } }
  }

  /// The layers at whose input a state is taken; nil where they are the standard ones of a target that is not here, which every
  /// reader takes where nothing is said.
  private func taps(_ eagle3: Eagle3Configuration) throws(GriffinError) -> [Int]? {
    if let target = request.target { return try eagle3.tappedLayers(ofTarget: target.configuration.layerCount, file: request.bundle.file.path) }
    return switch eagle3.taps {
    case .standard: nil
    case .layerInputs, .layerOutputs:
      throw GriffinError(
        .usage, file: request.bundle.file.path,
        "the draft names the target's layers whose states it reads, and the bundle has no target to say how they are counted",
        hints: ["convert the draft together with its target"])
    }
  }

  /// A bias of zeros on a projection of the attention, where it has none.
  mutating func addAttentionZeros(_ projection: String) throws(GriffinError) {
    try addZeros(
      RuntimeDraft.attention(model, projection, "bias"), besides: RuntimeDraft.attention(model, projection, "weight"))
  }

  /// - Throws: `unsupported` where the draft's token embedding is not the target's, whose a runtime would take instead.
  func refuseOwnEmbedding() throws(GriffinError) {
    guard model.tensors[.tokenEmbedding] != nil, let draft = request.bundle.manifest.draft else { return }
    if let rows = draft.embedding.differingRows, rows > 0 {
      throw refusal("this draft", "its token embedding (embed_tokens.weight) is its own, and the target's would be taken in its place")
    }
  }
}
