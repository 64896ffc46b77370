internal import ByteStorage

/// The hyper-parameters in a GGUF file's metadata.
///
/// - Source: ggml `docs/gguf.md`; llama.cpp's `constants.py`.
struct GGUFHyperParameters {
  let architecture: GGUFArchitecture
  let layerCount: Int
  let hiddenSize: Int
  let intermediateSize: Int
  let headCount: Int
  let keyValueHeadCount: Int
  let headDimension: Int
  /// 0 for a model without experts.
  let expertCount: Int
  let expertsPerToken: Int

  private static let width = 1...1_048_576
  private static let heads = 1...4096

  /// - Throws: `malformed` for missing or absurd numbers, `unsupported` where layers or halves of heads differ.
  init(_ architecture: GGUFArchitecture, _ metadata: GGUFMetadata) throws(GriffinError) {
    func required(_ name: String, _ value: Int?) throws(GriffinError) -> Int {
      guard let value else {
        throw GriffinError(.malformed, file: metadata.file.path, "\(architecture.key(name)) is missing; a model needs it")
      }
      return value
    }
    func key(_ name: String) -> String { architecture.key(name) }
    self.architecture = architecture
    layerCount = try required("block_count", metadata.integer(key("block_count"), in: 1...4096))
    hiddenSize = try required("embedding_length", metadata.integer(key("embedding_length"), in: GGUFHyperParameters.width))
    intermediateSize = try required(
      "feed_forward_length", metadata.uniformInteger(key("feed_forward_length"), in: GGUFHyperParameters.width))
    headCount = try required(
      "attention.head_count", metadata.uniformInteger(key("attention.head_count"), in: GGUFHyperParameters.heads))
    keyValueHeadCount =
      try metadata.uniformInteger(key("attention.head_count_kv"), in: GGUFHyperParameters.heads) ?? headCount
    expertCount = try metadata.integer(key("expert_count"), in: 0...1024) ?? 0
    expertsPerToken =
      expertCount == 0
      ? 0 : try required("expert_used_count", metadata.integer(key("expert_used_count"), in: 1...expertCount))

    if let length = try metadata.integer(key("attention.key_length"), in: GGUFHyperParameters.width) {
      headDimension = length
    } else {
      guard hiddenSize % headCount == 0 else {
        throw GriffinError(
          .inconsistent, file: metadata.file.path,
          "\(key("embedding_length")) \(hiddenSize) is not a multiple of the head count \(headCount), and there is no attention.key_length")
      }
      headDimension = hiddenSize / headCount
    }
    for name in ["attention.value_length", "rope.dimension_count"] {
      guard let length = try metadata.integer(key(name)), length != headDimension else { continue }
      throw GriffinError(
        .unsupported, file: metadata.file.path, "\(key(name)) is \(length), but heads have \(headDimension) elements; only whole heads rotate")
    }
    guard headDimension % 2 == 0 else {
      throw GriffinError(
        .inconsistent, file: metadata.file.path, "heads have \(headDimension) elements; rotary position embedding needs an even number")
    }
    guard headCount % keyValueHeadCount == 0 else {
      throw GriffinError(
        .inconsistent, file: metadata.file.path,
        "\(key("attention.head_count")) \(headCount) is not a multiple of attention.head_count_kv \(keyValueHeadCount)")
    }
  }
}
