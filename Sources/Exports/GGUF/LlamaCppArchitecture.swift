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
  /// Whether its layers' inputs can be tapped, which is what an EAGLE-3 draft reads.
  var publishesTaps = false

  static let all = [
    LlamaCppArchitecture(
      name: "llama", takesRotaryDivisors: true, takesOutputBiases: true, takesWideHeads: true, publishesTaps: true),
    LlamaCppArchitecture(name: "qwen2"),
    LlamaCppArchitecture(name: "qwen3", takesWideHeads: true, publishesTaps: true),
  ]

  static func named(_ name: String) -> LlamaCppArchitecture? { all.first { $0.name == name } }

  /// Whether it takes a tensor that the declaration of names has.
  func takes(_ role: TensorRole) -> Bool {
    guard case .layer(_, let role) = role, [.outputBias, .gateBias, .upBias, .downBias].contains(role) else { return true }
    return takesOutputBiases
  }
}
