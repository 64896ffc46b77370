public import Models
public import Tensors

/// What a recipe looks at when it chooses a tensor's type.
public struct RecipeTensor: Sendable, Hashable {
  /// The name in the bundle, with its component: `target/model.layers.0.self_attn.q_proj.weight`.
  public let name: String
  public let role: TensorRole
  public let shape: Shape
  /// How the source stores it.
  public let sourceType: ElementType

  public init(name: String, role: TensorRole, shape: Shape, sourceType: ElementType) {
    (self.name, self.role, self.shape, self.sourceType) = (name, role, shape, sourceType)
  }

  /// Whether block types may store it: norms and biases stay plain floats.
  public var isMatrix: Bool { shape.dimensions.count >= 2 }

  /// Whether it fuses a draft's inputs.
  var isFusion: Bool { if case .fusion = role { true } else { false } }

  /// Whether recipes leave it as it is, though a matrix: what chooses or weighs experts, a few rows that decide much, and a draft's adapter,
  /// whose ones would leave the rest of it no bits.
  var staysPlain: Bool {
    switch role {
    case .layer(_, .router), .layer(_, .sharedExpertGate), .fusion(.adapter): true
    default: false
    }
  }
}
