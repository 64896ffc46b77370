import ByteStorage

extension Renderer {
  func evaluate(_ expression: Expression, in scope: Scope) throws(GriffinError) -> Value {
    try charge()
    return try nested { () throws(GriffinError) in try evaluateParts(expression, in: scope) }
  }

  private func evaluateParts(_ expression: Expression, in scope: Scope) throws(GriffinError) -> Value {
    switch expression.kind {
    case .constant(let value): return value
    case .name(let name):
      return scope.find(name) ?? .undefined(Value.Undefined(message: "'\(name)' is undefined"))
    case .list(let parts): return try list(evaluate(parts, in: scope))
    case .tuple(let parts): return try tuple(evaluate(parts, in: scope))
    case .dictionary(let members): return try evaluate(members, at: expression.place, in: scope)
    case .attribute(let base, let name):
      let value = try evaluate(base, in: scope)
      place = expression.place
      return try attribute(name, of: value)
    case .item(let base, let key):
      let value = try evaluate(base, in: scope)
      if case .slice(let start, let stop, let step) = key.kind {
        let bounds = try (bound(start, in: scope), bound(stop, in: scope), bound(step, in: scope))
        place = expression.place
        return try slice(value, start: bounds.0, stop: bounds.1, step: bounds.2)
      }
      let name = try evaluate(key, in: scope)
      place = expression.place
      return try item(name, of: value)
    case .slice: throw fail("a slice outside of brackets")
    case .call: return try evaluateCall(expression, caller: nil, in: scope)
    case .filter(let base, let name, let given):
      guard let base else { throw fail("a filter without a value") }
      let value = try evaluate(base, in: scope)
      return try filter(name, value, arguments(given, in: scope), at: expression.place)
    case .test(let base, let name, let given):
      let value = try evaluate(base, in: scope)
      return .bool(try test(name, value, arguments(given, in: scope), at: expression.place))
    case .not(let base): return .bool(try !evaluate(base, in: scope).isTrue)
    case .negative(let base), .positive(let base):
      let value = try evaluate(base, in: scope)
      place = expression.place
      if case .negative = expression.kind { return try negated(value) }
      if let integer = value.integer { return .integer(integer) }
      guard case .float = value else { throw try unusable(value, "+") }
      return value
    case .arithmetic(let sign, let left, let right):
      let (left, right) = (try evaluate(left, in: scope), try evaluate(right, in: scope))
      place = expression.place
      return try arithmetic(sign, left, right)
    case .concatenation(let parts):
      var text = ""
      for part in parts {
        let more = try string(of: evaluate(part, in: scope))
        try charge(bytes: more.utf8.count)
        text += more
      }
      return .string(text)
    case .comparison(let first, let others):
      var left = try evaluate(first, in: scope)
      for (comparison, other) in others {
        let right = try evaluate(other, in: scope)
        place = expression.place
        guard try compare(comparison, left, right) else { return .bool(false) }
        left = right
      }
      return .bool(true)
    case .and(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTrue ? try evaluate(right, in: scope) : value
    case .or(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTrue ? value : try evaluate(right, in: scope)
    case .conditional(let test, let then, let otherwise):
      if try evaluate(test, in: scope).isTrue { return try evaluate(then, in: scope) }
      if let otherwise { return try evaluate(otherwise, in: scope) }
      return .undefined(
        Value.Undefined(
          message: "the inline if-expression on line \(expression.place.line) evaluated to false and no else section was defined."
        ))
    }
  }

  private func evaluate(_ parts: [Expression], in scope: Scope) throws(GriffinError) -> [Value] {
    var values: [Value] = []
    for part in parts { values.append(try evaluate(part, in: scope)) }
    return values
  }

  private func evaluate(
    _ members: [(key: Expression, value: Expression)], at place: Place, in scope: Scope
  ) throws(GriffinError) -> Value {
    var dictionary = Value.Dictionary()
    for member in members {
      let (name, value) = (try evaluate(member.key, in: scope), try evaluate(member.value, in: scope))
      self.place = place
      dictionary.set(name, try key(of: name), to: value)
    }
    return try bounded(.dictionary(dictionary))
  }

  private func bound(_ expression: Expression?, in scope: Scope) throws(GriffinError) -> Int? {
    guard let expression else { return nil }
    let value = try evaluate(expression, in: scope)
    place = expression.place
    if value.isNone { return nil }
    guard let integer = value.integer else {
      throw fail("slice indices must be integers or None, not \(value.typeName)")
    }
    return integer
  }

  // MARK: Filters of blocks

  /// A chain of filters on a text that no expression gives.
  func evaluateFilter(_ expression: Expression, of value: Value, in scope: Scope) throws(GriffinError) -> Value {
    guard case .filter(let base, let name, let given) = expression.kind else { return value }
    let inner = try base.map { (base) throws(GriffinError) in try evaluateFilter(base, of: value, in: scope) } ?? value
    return try filter(name, inner, arguments(given, in: scope), at: expression.place)
  }
}
