internal import Tensors

/// How the bytes of one tensor become those of its payload.
///
/// The one place that knows which types can become which; what cannot has no value.
enum TensorConversion: Sendable, Hashable {
  /// Byte for byte.
  case copy

  init?(from source: TensorDescriptor, to type: ElementType) {
    guard source.type == type else { return nil }
    self = .copy
  }
}
