internal import ByteStorage
internal import Models

extension GGUFHead {
  /// `general.*`.
  /// - Parameter fileType: As `GGUFFileType` numbers it.
  mutating func addGeneral(architecture: String, name: String, fileType: Int) {
    add("general.architecture", architecture)
    add("general.type", "model")
    add("general.name", name)
    add("general.file_type", count: fileType)
    // Of the blocks' layouts; one that readers ask for even where there are none.
    add("general.quantization_version", count: 2)
  }

  /// The hyper-parameters of a model of LLaMA's kind.
  ///
  /// - Parameters:
  ///   - positions: The length of text that the model is for; nil where its configuration does not say.
  ///   - file: For messages.
  /// - Returns: Warnings of what llama.cpp does otherwise.
  /// - Throws: `unsupported` for a scaling of positions that llama.cpp computes in no way.
  /// - Source: `set_gguf_parameters` in llama.cpp's converter.
  mutating func addParameters(
    _ configuration: TransformerConfiguration, architecture: String, positions: Int?, file: String
  ) throws(GriffinError) -> [String] {
    func key(_ name: String) -> String { "\(architecture).\(name)" }
    add(key("vocab_size"), count: configuration.vocabularySize)
    add(key("context_length"), count: positions ?? GGUFHead.positions)
    add(key("embedding_length"), count: configuration.hiddenSize)
    add(key("block_count"), count: configuration.layerCount)
    add(key("feed_forward_length"), count: configuration.intermediateSize)
    add(key("attention.head_count"), count: configuration.headCount)
    add(key("attention.head_count_kv"), count: configuration.keyValueHeadCount)
    add(key("attention.key_length"), count: configuration.headDimension)
    add(key("attention.value_length"), count: configuration.headDimension)
    add(key("attention.layer_norm_rms_epsilon"), Float(configuration.rmsNormEpsilon))
    add(key("rope.dimension_count"), count: configuration.headDimension)
    add(key("rope.freq_base"), Float(configuration.rotary.base))
    var warnings = try addScaling(configuration.rotary.scaling, key: key, file: file)
    if positions == nil {
      warnings.append("\(file): the configuration has no max_position_embeddings; \(GGUFHead.positions) is written".printable)
    }
    if let experts = configuration.experts {
      add(key("expert_count"), count: experts.count)
      add(key("expert_used_count"), count: experts.perToken)
      if let width = experts.intermediateSize { add(key("expert_feed_forward_length"), count: width) }
      if let width = experts.sharedIntermediateSize { add(key("expert_shared_feed_forward_length"), count: width) }
    }
    if let multipliers = configuration.multipliers {
      add(key("embedding_scale"), Float(multipliers.embedding))
      add(key("attention.scale"), Float(multipliers.attention))
      add(key("residual_scale"), Float(multipliers.residual))
      add(key("logit_scale"), Float(multipliers.logitsDivisor))
    }
    if let window = configuration.slidingWindow {
      // The key is for a model all of whose layers slide; which of them do is not said.
      if window.layers.allSatisfy(\.self), architecture == "llama" { add(key("attention.sliding_window"), count: window.size) }
      warnings.append(
        "\(file): llama.cpp's \(architecture) has no sliding window; texts of more than \(window.size) tokens come out otherwise there".printable)
    }
    return warnings
  }

  /// What Hugging Face's LLaMA has where a configuration is silent; llama.cpp needs a number.
  private static let positions = 2048

  private mutating func addScaling(
    _ scaling: RotaryScaling, key: (String) -> String, file: String
  ) throws(GriffinError) -> [String] {
    switch scaling {
    // LLaMA 3.1's are numbers in a tensor.
    case .none, .llama3: break
    case .dynamic(let scaling):
      return [
        "\(file): llama.cpp has no dynamic scaling; texts of more than \(scaling.originalPositions) tokens come out otherwise there".printable
      ]
    case .linear(let scaling):
      add(key("rope.scaling.type"), "linear")
      add(key("rope.scaling.factor"), Float(scaling.factor))
    case .yarn(let scaling):
      guard scaling.truncates, scaling.hasDefaultAttentionFactor else {
        throw GriffinError(
          .unsupported, file: file,
          scaling.truncates
            ? "YaRN's attention factor is \(scaling.attentionFactor), which llama.cpp takes from the scaling's factor alone"
            : "YaRN's ramp is not cut to whole pairs (truncate is false), which llama.cpp always does", hints: [GGUFTarget.instead])
      }
      add(key("rope.scaling.type"), "yarn")
      add(key("rope.scaling.factor"), Float(scaling.factor))
      add(key("rope.scaling.original_context_length"), count: scaling.originalPositions)
      if scaling.betaFast != 32 { add(key("rope.scaling.yarn_beta_fast"), Float(scaling.betaFast)) }
      if scaling.betaSlow != 1 { add(key("rope.scaling.yarn_beta_slow"), Float(scaling.betaSlow)) }
    }
    return []
  }
}
