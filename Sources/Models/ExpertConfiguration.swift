internal import ByteStorage

/// The experts of a mixture: how many a layer has, and how many a token goes through.
public struct ExpertConfiguration: Sendable, Hashable {
  /// Experts of a layer (`num_local_experts`).
  public let count: Int
  /// Experts that a token goes through (`num_experts_per_tok`).
  public let perToken: Int

  /// More than any released model has.
  static let limit = 1...1024
  /// Experts of all layers together; with three tensors each they are about as many as a bundle can hold.
  private static let limitOfAllLayers = 65536

  /// nil where the configuration has no `num_local_experts`.
  /// - Throws: `malformed` for numbers out of range, `inconsistent` for more experts a token than there are.
  init?(reading document: ConfigDocument, layerCount: Int) throws(GriffinError) {
    guard let count = try document.integer("num_local_experts", in: ExpertConfiguration.limit) else { return nil }
    let perToken = try document.requiredInteger("num_experts_per_tok", in: ExpertConfiguration.limit)
    guard perToken <= count else {
      throw GriffinError(
        .inconsistent, file: document.file, "num_experts_per_tok is \(perToken) of num_local_experts \(count)")
    }
    guard count * layerCount <= ExpertConfiguration.limitOfAllLayers else {
      throw GriffinError(
        .malformed, file: document.file,
        "num_local_experts \(count) in num_hidden_layers \(layerCount) are more than "
          + "\(ExpertConfiguration.limitOfAllLayers) experts")
    }
    (self.count, self.perToken) = (count, perToken)
  }
}
