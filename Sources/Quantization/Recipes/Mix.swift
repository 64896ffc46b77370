internal import Models
internal import Tensors

/// A recipe of several block types: most matrices get one, and the parts that a model suffers from most get more bits.
struct Mix: Sendable {
  /// Where a type goes instead of the mix's own.
  struct Exception: Sendable {
    let part: Part
    let condition: Condition
    let type: ElementType

    init(_ part: Part, _ condition: Condition = .always, _ type: ElementType) {
      (self.part, self.condition, self.type) = (part, condition, type)
    }
  }

  /// The parts of a decoder layer that exceptions name; experts' projections count as the layer's.
  enum Part: Sendable {
    case key, value, attentionOutput, down
  }

  /// In which layers, or in which models, an exception counts.
  enum Condition: Sendable {
    case always
    /// The first so many layers.
    case firstLayers(Int)
    /// That part of the layers, from the first one on: 8 means an eighth, rounded down.
    case firstFraction(Int)
    /// The first and the last eighth, and every third layer between.
    case spacedLayers
    /// At least four query heads to a key and value head.
    case sharedKeys
    /// Eight experts.
    case eightExperts
  }

  let name: String
  /// What every matrix gets that nothing else is said of.
  let type: ElementType
  /// The first one that applies counts.
  let exceptions: [Exception]

  /// The types of one component's tensors, in their order.
  func types(of tensors: [RecipeTensor]) -> [ElementType] {
    let shape = ModelShape(tensors)
    return tensors.map { tensor in
      guard tensor.isMatrix && !tensor.isRouter else { return tensor.sourceType }
      switch tensor.role {
      // What passes through these decides every token, and there is one of each.
      case .outputHead: return .q6_k
      case .fusion: return Recipe.fusionType(beside: type) ?? .q6_k
      // A tied embedding is the output head too.
      case .tokenEmbedding: return shape.hasTiedEmbedding ? .q6_k : type
      case .layer(let layer, let role): return self.type(of: role, layer: layer, shape)
      default: return type
      }
    }
  }

  private func type(of role: LayerRole, layer: Int, _ shape: ModelShape) -> ElementType {
    guard let part = Part(role) else { return type }
    // Beside eight experts keys and values are small.
    if shape.expertCount == 8 && (part == .key || part == .value) { return .q8_0 }
    let exception = exceptions.first { $0.part == part && shape.meets($0.condition, layer: layer) }
    let chosen = exception?.type ?? type
    // Where eight query heads share keys and values these are small as well.
    if part == .value && shape.isSeventyBillion && (chosen == .q3_k || chosen == .q4_k) { return .q5_k }
    return chosen
  }
}

extension Mix.Part {
  init?(_ role: LayerRole) {
    switch role {
    case .key: self = .key
    case .value: self = .value
    case .output: self = .attentionOutput
    case .down, .expert(_, .down): self = .down
    default: return nil
    }
  }
}
