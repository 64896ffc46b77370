import ByteStorage

/// What follows `is`.
extension Renderer {
  func test(_ name: String, _ value: Value, _ given: GivenArguments, at place: Place) throws(GriffinError) -> Bool {
    try charge()
    self.place = place
    if let result = try comparison(name, value, given) { return result }
    if case .undefined(let undefined) = value, undefined.isUnsafe { throw failure(of: undefined) }
    if let result = try property(name, value) {
      guard given.isEmpty else { throw fail("the test \(name) takes no arguments") }
      return result
    }
    throw unknown("the test \(name.shortened)")
  }

  /// Tests that compare with an argument; nil for another's name.
  private func comparison(_ name: String, _ value: Value, _ given: GivenArguments) throws(GriffinError) -> Bool? {
    let sign: Comparison
    switch name {
    case "eq", "equalto", "==": sign = .equal
    case "ne", "!=": sign = .unequal
    case "lt", "lessthan", "<": sign = .less
    case "le", "<=": sign = .lessOrEqual
    case "gt", "greaterthan", ">": sign = .greater
    case "ge", ">=": sign = .greaterOrEqual
    case "in": sign = .isIn
    case "divisibleby":
      let number = try bind(given, "num", to: name, required: 1)[0] ?? .none
      return try arithmetic(.remainder, value, number).double == 0
    case "sameas":
      let other = try bind(given, "other", to: name, required: 1)[0] ?? .none
      return try isSame(value, other)
    default: return nil
    }
    return try compare(sign, value, bind(given, "other", to: name, required: 1)[0] ?? .none)
  }

  private func isSame(_ value: Value, _ other: Value) throws(GriffinError) -> Bool {
    switch (value, other) {
    case (.bool(let left), .bool(let right)): return left == right
    case (.none, .none): return true
    case (.bool, _), (_, .bool), (.none, _), (_, .none): return false
    default: throw fail(.unsupported, "the identity of a \(value.typeName)")
    }
  }

  private func property(_ name: String, _ value: Value) throws(GriffinError) -> Bool? {
    switch name {
    case "defined": return !value.isUndefined
    case "undefined": return value.isUndefined
    case "none": return value.isNone
    case "boolean": if case .bool = value { return true } else { return false }
    case "true": if case .bool(true) = value { return true } else { return false }
    case "false": if case .bool(false) = value { return true } else { return false }
    case "integer": if case .integer = value { return true } else { return false }
    case "float": if case .float = value { return true } else { return false }
    case "number": return value.double != nil
    case "string": return value.text != nil
    case "mapping": if case .dictionary = value { return true } else { return false }
    case "sequence": return isSequence(value)
    case "iterable": return isIterable(value)
    case "callable": return isCallable(value)
    case "escaped": if case .markup = value { return true } else { return false }
    case "odd", "even":
      return try arithmetic(.remainder, value, .integer(2)).double == (name == "odd" ? 1 : 0)
    case "lower": return LetterCase.isAll(try string(of: value), upper: false)
    case "upper": return LetterCase.isAll(try string(of: value), upper: true)
    default: return nil
    }
  }

  private func isSequence(_ value: Value) -> Bool {
    switch value {
    case .undefined, .string, .markup, .list, .tuple, .dictionary, .range: true
    default: false
    }
  }

  private func isIterable(_ value: Value) -> Bool {
    switch value {
    case .view, .iterator, .loop: true
    default: isSequence(value)
    }
  }

  private func isCallable(_ value: Value) -> Bool {
    switch value {
    case .undefined, .macro, .loop, .joiner, .function, .method: true
    default: false
    }
  }
}
