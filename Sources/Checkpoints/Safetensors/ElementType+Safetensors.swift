public import Tensors

/// The names of types in safetensors headers.
///
/// - Source: safetensors 0.7, `Dtype` in `tensor.rs`: our names in capitals, for every plain type.
extension ElementType {
  /// The `dtype` of a safetensors header; nil for block formats, which the format lacks.
  public var safetensorsName: String? { category == .block ? nil : rawValue.uppercased() }

  /// The type of a `dtype`, in capitals as the format has it; nil where there is none.
  public init?(safetensorsName: String) {
    guard let type = ElementType.bySafetensorsName[safetensorsName] else { return nil }
    self = type
  }

  private static let bySafetensorsName: [String: ElementType] = Dictionary(
    uniqueKeysWithValues: allCases.compactMap { type in type.safetensorsName.map { ($0, type) } })
}
