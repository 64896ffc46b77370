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
    case query, key, value, attentionOutput, gate, up, down
    /// The experts' projections alone.
    case experts
  }

  /// In which layers, or in which models, an exception counts.
  indirect enum Condition: Sendable {
    case always
    /// The first so many layers.
    case firstLayers(Int)
    /// That part of the layers, from the first one on: 8 means an eighth, rounded down.
    case firstFraction(Int)
    /// That part of the down projections, counted one by one: a layer's experts together are one, before the one that all tokens share.
    case firstFractionOfDowns(Int)
    /// The first and the last eighth, and every third layer between.
    case spacedLayers
    /// Neither the first eighth nor the last.
    case middleLayers
    /// At least four query heads to a key and value head.
    case sharedKeys
    /// At least four experts.
    case manyExperts
    /// Eight experts.
    case eightExperts
    /// No importance matrix.
    case withoutImportance
    case both(Condition, Condition)
  }

  let name: String
  /// What every matrix gets that nothing else is said of.
  let type: ElementType
  /// What passes through the output head decides every token, and there is one of it; a tied embedding is one too.
  var outputHead = ElementType.q6_k
  /// What token embeddings get that are not; nil for the mix's own type.
  var tokenEmbedding: ElementType?
  /// Whether keys and values get q8_0 beside eight experts, and q5_k instead of fewer bits where eight query heads share them:
  /// they are small then. Mixes of the fewest bits have rules of their own.
  var sparesKeys = true
  /// The first one that applies counts.
  let exceptions: [Exception]

  /// The types of one component's tensors, in their order.
  func types(of tensors: [RecipeTensor], hasImportance: Bool) -> [ElementType] {
    let shape = ModelShape(tensors, hasImportance: hasImportance)
    return tensors.map { tensor in
      guard tensor.isMatrix && !tensor.staysPlain else { return tensor.sourceType }
      switch tensor.role {
      case .outputHead: return outputHead(of: tensor)
      case .fusion: return Recipe.fusionType(beside: type) ?? outputHead
      case .tokenEmbedding: return shape.hasTiedEmbedding ? outputHead(of: tensor) : tokenEmbedding ?? type
      case .layer(let layer, let role): return self.type(of: role, layer: layer, shape)
      default: return type
      }
    }
  }

  /// Rows that are no whole number of the mix's own blocks get eight bits.
  private func outputHead(of tensor: RecipeTensor) -> ElementType {
    tensor.shape.rowLength % type.elementsPerBlock == 0 ? outputHead : .q8_0
  }

  private func type(of role: LayerRole, layer: Int, _ shape: ModelShape) -> ElementType {
    let isValue = Part.value.covers(role)
    if sparesKeys && shape.expertCount == 8 && (isValue || Part.key.covers(role)) { return .q8_0 }
    let exception = exceptions.first { $0.part.covers(role) && shape.meets($0.condition, layer: layer, role) }
    let chosen = exception?.type ?? type
    if sparesKeys && isValue && shape.isSeventyBillion && (chosen == .q3_k || chosen == .q4_k) { return .q5_k }
    return chosen
  }
}

extension Mix.Part {
  func covers(_ role: LayerRole) -> Bool {
    switch (self, role) {
    case (.query, .query), (.key, .key), (.value, .value), (.attentionOutput, .output): true
    case (.gate, .gate), (.gate, .expert(_, .gate)), (.gate, .sharedExpert(.gate)): true
    case (.up, .up), (.up, .expert(_, .up)), (.up, .sharedExpert(.up)): true
    case (.down, .down), (.down, .expert(_, .down)), (.down, .sharedExpert(.down)), (.experts, .expert): true
    default: false
    }
  }
}
