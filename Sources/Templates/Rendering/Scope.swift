/// The variables of a block, in front of those around it.
final class Scope {
  private var variables: [String: Value] = [:]
  private let parent: Scope?

  init(parent: Scope?) { self.parent = parent }

  /// The variable of that name here or around.
  func find(_ name: String) -> Value? {
    var scope: Scope? = self
    while let current = scope {
      if let value = current.variables[name] { return value }
      scope = current.parent
    }
    return nil
  }

  /// The variable of that name here.
  subscript(name: String) -> Value? {
    get { variables[name] }
    set { variables[name] = newValue }
  }
}
