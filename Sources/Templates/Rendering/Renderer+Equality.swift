import ByteStorage

/// Python's `==`, `<` and keys. Values share parts, so every look at a part is paid for.
extension Renderer {
  /// How two values stand to each other.
  enum Order { case before, same, after, none }

  func equals(_ left: Value, _ right: Value) throws(GriffinError) -> Bool {
    try charge()
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      guard left.count == right.count else { return false }
      for (first, second) in zip(left.values, right.values) where try !equals(first, second) { return false }
      return true
    case (.dictionary(let left), .dictionary(let right)):
      guard left.count == right.count else { return false }
      for (name, value) in zip(left.keys, left.values) {
        guard let other = right[try key(of: name)], try equals(value, other) else { return false }
      }
      return true
    case (.view(.keys, let left), .view(.keys, let right)), (.view(.items, let left), .view(.items, let right)):
      guard left.count == right.count else { return false }
      for value in left.values {
        var found = false
        for other in right.values where try equals(value, other) { found = true }
        if !found { return false }
      }
      return true
    case (.method(let left, let name), .method(let right, let other)):
      guard name == other else { return false }
      return try equals(left, right)
    case (.list, _), (_, .list), (.tuple, _), (_, .tuple), (.dictionary, _), (_, .dictionary), (.view, _), (_, .view),
      (.method, _), (_, .method):
      return false
    default:
      if let left = left.text, let right = right.text {
        guard left.utf8.count == right.utf8.count else { return false }
        try charge(bytes: left.utf8.count)
        return left.hasSameBytes(as: right)
      }
      if let order = numericOrder(left, right) { return order == .same }
      return try key(of: left) == key(of: right)
    }
  }

  /// nil where Python cannot order them.
  func order(_ left: Value, _ right: Value) throws(GriffinError) -> Order? {
    try charge()
    if let left = left.text, let right = right.text {
      try charge(bytes: min(left.utf8.count, right.utf8.count))
      return left.hasSameBytes(as: right) ? .same : left.utf8.lexicographicallyPrecedes(right.utf8) ? .before : .after
    }
    if let order = numericOrder(left, right) { return order }
    switch (left, right) {
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (first, second) in zip(left.values, right.values) where try !equals(first, second) { return try order(first, second) }
      return left.count < right.count ? .before : left.count == right.count ? .same : .after
    default: return nil
    }
  }

  /// nil unless both are numbers.
  private func numericOrder(_ left: Value, _ right: Value) -> Order? {
    func order<Number: Comparable>(_ left: Number, _ right: Number) -> Order {
      left < right ? .before : left == right ? .same : .after
    }
    if let left = left.integer, let right = right.integer { return order(left, right) }
    guard let first = left.double, let second = right.double else { return nil }
    guard !first.isNaN, !second.isNaN else { return Order.none }
    // An integer beyond 2^53 is not the double nearest to it.
    if first == second {
      if let whole = left.integer { return Int(exactly: second).map { order(whole, $0) } ?? .before }
      if let whole = right.integer { return Int(exactly: first).map { order($0, whole) } ?? .after }
    }
    return order(first, second)
  }

  /// What a value is as a key.
  /// - Throws: `malformed` for one that Python cannot hash.
  func key(of value: Value) throws(GriffinError) -> Value.Key {
    try charge()
    switch value {
    case .undefined: return .undefined
    case .none: return .none
    case .bool, .integer: return .integer(value.integer ?? 0)
    case .float(let number): return Int(exactly: number).map { .integer($0) } ?? .float(number)
    case .string(let text), .markup(let text):
      try charge(bytes: text.utf8.count)
      return .string(ExactString(text))
    case .tuple(let elements):
      var keys: [Value.Key] = []
      for element in elements.values { keys.append(try key(of: element)) }
      return .tuple(keys)
    case .range(let range):
      return .tuple([
        .object("range", range.count), .integer(range.count > 0 ? range.start : 0), .integer(range.count > 1 ? range.step : 0),
      ])
    case .iterator(let id), .namespace(let id), .macro(let id), .loop(let id), .cycler(let id), .joiner(let id):
      return .object(value.typeName, id)
    case .function(let function): return .object(function.rawValue, 0)
    case .list, .dictionary, .view, .method: throw fail("unhashable type: '\(value.typeName)'")
    }
  }
}
