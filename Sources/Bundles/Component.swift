/// The two parts of a pair; the first path element of every name in a bundle.
public enum Component: String, Sendable, Hashable, CaseIterable {
  case target, draft

  /// `target/` or `draft/`.
  public var prefix: String { rawValue + "/" }

  /// The component that a name such as `target/model.norm.weight` belongs to.
  public init?(ofName name: String) {
    guard let component = Component.allCases.first(where: { name.hasPrefix($0.prefix) }) else { return nil }
    self = component
  }
}
