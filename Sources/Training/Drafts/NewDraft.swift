internal import ByteStorage
public import Models
internal import Quantization
internal import SpeculativeDecoding
internal import Tensors

/// A draft from nothing: random weights of the size that a target's own layers have, and the target's embedding.
public enum NewDraft {
  /// Kinds that can be made, all of which use the target's head.
  public static let kinds = ["griffin", "eagle"]

  /// - Parameters:
  ///   - kind: One of `kinds`.
  ///   - usesFusion: Whether Token-Guided Fusion is there; without it its last projection is zero, and stays so.
  /// - Returns: A draft stored as f16.
  /// - Throws: `usage` for another kind.
  public static func make(_ kind: String, for target: TargetModel, seed: UInt64, usesFusion: Bool = true) throws -> DraftModel {
    guard kinds.contains(kind), let declared = DraftKind.named(kind), let embedding = target.tensors[.tokenEmbedding] else {
      throw GriffinError(.usage, "--init \(kind.shortened(to: 40).printable): expected \(kinds.joined(separator: " or "))")
    }
    var configuration = target.configuration
    (configuration.layerCount, configuration.tiesEmbeddings, configuration.experts, configuration.slidingWindow) = (1, false, nil, nil)
    (configuration.declaresAttentionBias, configuration.unrotatedLayers, configuration.multipliers) = (nil, [], nil)
    var (overlay, generator) = (OverlaySource(), SplitMix64(seed: seed ^ 0x6E65_77))
    for rule in declared.rules(configuration) where rule.presence == .required || rule.role == .fusion(.projectionBias) {
      if rule.role == .tokenEmbedding {
        try overlay.add(rule.name, from: target.tensors.source, index: embedding)
        continue
      }
      let shape = try Shape(rule.shape)
      let values: [Float]
      if rule.role == .fusion(.down), !usesFusion {
        values = [Float](repeating: 0, count: shape.elementCount)
      } else if rule.shape.count == 1, rule.role != .fusion(.projectionBias) {
        values = [Float](repeating: 1, count: shape.elementCount)
      } else {
        // As PyTorch begins a linear layer, by its inputs.
        let inputs = rule.shape.count == 1 ? 2 * configuration.hiddenSize : shape.rowLength
        let bound = 1 / Double(inputs).squareRoot()
        values = (0..<shape.elementCount).map { _ in Float((2 * generator.uniform() - 1) * bound) }
      }
      let tensor = try TensorDescriptor(name: rule.name, type: .f16, shape: shape)
      guard let encoder = StorageFormat.of(.f16)?.encoder else { preconditionFailure("f16 is written") }
      try overlay.add(rule.name, .f16, shape, bytes: encoder.bytes(of: values, tensor))
    }
    return try DraftModel(kind: declared, configuration: configuration, table: TensorTable(overlay), prefix: "", file: nil)
  }
}
