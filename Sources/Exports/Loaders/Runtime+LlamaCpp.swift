extension Runtime {
  /// A folder through llama.cpp's converter.
  ///
  /// - Source: `convert_hf_to_gguf.py` and `src/models/eagle3.cpp` of llama.cpp, autumn 2026.
  static let llamaCpp = Runtime(
    name: "llama.cpp", title: "llama.cpp", eagle: nil,
    eagle3: DraftReader(
      method: "draft-eagle3", architectures: [],
      exceptions: [.init(name: "fc.bias", rule: .refused, reason: "fc has no bias there")],
      taps: .topLevel, readsSpeculators: true, layerLimit: 1))
}
