internal import Models

/// What llama.cpp's loader of an architecture takes beyond the tensors that all have; whatever else a file holds, it refuses.
///
/// - Source: `load_arch_tensors` in llama.cpp's `src/models` (that of llama-cpp-python 0.3.36).
struct LlamaCppArchitecture {
  /// `general.architecture`.
  let name: String
  /// Whether it takes divisors of rotary frequencies.
  var takesRotaryDivisors = false
  /// Whether the attention's output and the feed-forward may have biases.
  var takesOutputBiases = false
  /// Whether the heads together may be wider or narrower than the model.
  var takesWideHeads = false
  /// Whether the weights of a token's experts are divided by their sum; nil where it has no experts, or does as the model says.
  var normalisesExpertWeights: Bool?
  /// Every how many layers one does not rotate; nil where all do.
  var unrotatedInterval: Int?
  /// Whether its layers' inputs can be tapped, which is what an EAGLE-3 draft reads.
  var publishesTaps = false

  static let all = [
    LlamaCppArchitecture(
      name: "llama", takesRotaryDivisors: true, takesOutputBiases: true, takesWideHeads: true, publishesTaps: true),
    LlamaCppArchitecture(name: "qwen2"),
    LlamaCppArchitecture(name: "qwen3", takesWideHeads: true, publishesTaps: true),
    LlamaCppArchitecture(name: "qwen3moe", takesWideHeads: true, normalisesExpertWeights: true, publishesTaps: true),
    LlamaCppArchitecture(name: "qwen2moe", normalisesExpertWeights: false),
    LlamaCppArchitecture(name: "smollm3", takesWideHeads: true, unrotatedInterval: 4),
    LlamaCppArchitecture(name: "granite", takesRotaryDivisors: true, takesOutputBiases: true, takesWideHeads: true),
  ]

  static func named(_ name: String) -> LlamaCppArchitecture? { all.first { $0.name == name } }

  /// What a model has that the architecture computes otherwise; nil where there is nothing.
  func objection(to configuration: TransformerConfiguration) -> String? {
    if let experts = configuration.experts {
      if let normalisesExpertWeights, normalisesExpertWeights != experts.normalisesWeights {
        return "its norm_topk_prob is \(experts.normalisesWeights), and llama.cpp's \(name) computes as if it were \(normalisesExpertWeights)"
      }
      if let layer = experts.denseLayers.first { return "its layer \(layer) has no experts, and llama.cpp's \(name) has them in all layers" }
    }
    let expected = Set((0..<configuration.layerCount).filter { layer in unrotatedInterval.map { (layer + 1) % $0 == 0 } ?? false })
    guard configuration.unrotatedLayers == expected else {
      return "other layers of it do not rotate than those of llama.cpp's \(name)"
    }
    return nil
  }

  /// Whether it takes a tensor that the declaration of names has.
  func takes(_ role: TensorRole) -> Bool {
    guard case .layer(_, let role) = role, [.outputBias, .gateBias, .upBias, .downBias].contains(role) else { return true }
    return takesOutputBiases
  }
}
