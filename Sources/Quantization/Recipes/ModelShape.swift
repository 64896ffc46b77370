internal import Models
internal import Tensors

/// What mixes ask of a model, taken from its tensors.
struct ModelShape: Sendable {
  let layerCount: Int
  let expertCount: Int
  /// Whether every token goes through an expert beside those that are chosen for it.
  let hasSharedExpert: Bool
  /// Query heads to a key and value head.
  let headsPerKey: Int
  /// Whether the token embedding serves as the output head. A draft uses its target's.
  let hasTiedEmbedding: Bool
  /// Whether there is an importance matrix.
  let hasImportance: Bool

  init(_ tensors: [RecipeTensor], hasImportance: Bool) {
    self.hasImportance = hasImportance
    var (layers, experts, queries, values) = (0, 0, 0, 0)
    var (hasHead, hasFusion, isShared) = (false, false, false)
    for tensor in tensors {
      switch tensor.role {
      case .outputHead: hasHead = true
      case .fusion: hasFusion = true
      case .layer(let layer, let role):
        layers = max(layers, layer + 1)
        switch role {
        case .query: queries = max(queries, tensor.shape.dimensions.first ?? 0)
        case .value: values = max(values, tensor.shape.dimensions.first ?? 0)
        case .expert(let expert, _): experts = max(experts, expert + 1)
        case .sharedExpert: isShared = true
        default: break
        }
      default: break
      }
    }
    (layerCount, expertCount, hasSharedExpert) = (layers, experts, isShared)
    headsPerKey = values > 0 ? queries / values : 1
    hasTiedEmbedding = !hasHead && !hasFusion
  }

  /// LLaMA 2 and 3 70B and Qwen2 72B: 80 layers whose heads share keys.
  var isSeventyBillion: Bool { layerCount == 80 && headsPerKey > 1 }

  /// - Parameter role: Of the tensor in its layer.
  func meets(_ condition: Mix.Condition, layer: Int, _ role: LayerRole) -> Bool {
    switch condition {
    case .always: true
    case .firstLayers(let count): layer < count
    case .firstFraction(let parts): layer < layerCount / parts
    case .firstFractionOfDowns(let parts): place(ofDown: role, layer) < layerCount / parts
    case .spacedLayers:
      layer < layerCount / 8 || layer >= 7 * layerCount / 8 || (layer - layerCount / 8) % 3 == 2
    case .middleLayers: layer >= layerCount / 8 && layer < 7 * layerCount / 8
    case .sharedKeys: headsPerKey >= 4
    case .manyExperts: expertCount >= 4
    case .eightExperts: expertCount == 8
    case .withoutImportance: !hasImportance
    case .both(let first, let second): meets(first, layer: layer, role) && meets(second, layer: layer, role)
    }
  }

  /// Down projections before one, each layer's experts being one.
  private func place(ofDown role: LayerRole, _ layer: Int) -> Int {
    guard hasSharedExpert else { return layer }
    if case .sharedExpert = role { return 2 * layer + 1 }
    return 2 * layer
  }
}
