import ByteStorage

/// What stands between two values.
extension Renderer {
  /// The error for an operator that a value has not.
  func unusable(_ value: Value, _ sign: String) throws(GriffinError) -> GriffinError {
    if case .undefined(let undefined) = value { return failure(of: undefined) }
    return fail("\(value.typeName) has no \(sign)")
  }

  /// The error that using what is not there is.
  func failure(of undefined: Value.Undefined) -> GriffinError {
    undefined.isUnsafe ? fail(.unsafe, undefined.message) : fail(undefined.message)
  }

  func negated(_ value: Value) throws(GriffinError) -> Value {
    if case .float(let number) = value { return .float(-number) }
    guard let integer = value.integer else { throw try unusable(value, "-") }
    return .integer(try whole(0.subtractingReportingOverflow(integer)))
  }

  func arithmetic(_ sign: Arithmetic, _ left: Value, _ right: Value) throws(GriffinError) -> Value {
    if case .undefined(let undefined) = left { throw failure(of: undefined) }
    if sign == .remainder, left.text != nil { return try formatted(left, by: right) }
    if case .undefined(let undefined) = right { throw failure(of: undefined) }
    if let result = try sequence(sign, left, right) { return result }
    if let left = left.integer, let right = right.integer { return try integers(sign, left, right) }
    if let left = left.double, let right = right.double { return .float(try floats(sign, left, right)) }
    throw fail("unsupported operand type(s) for \(sign.rawValue): '\(left.typeName)' and '\(right.typeName)'")
  }

  /// Sums and multiples of texts and lists; nil for numbers.
  private func sequence(_ sign: Arithmetic, _ left: Value, _ right: Value) throws(GriffinError) -> Value? {
    switch (sign, left, right) {
    case (.add, .string(let first), .string(let second)):
      try charge(bytes: first.utf8.count + second.utf8.count)
      return .string(first + second)
    case (.add, .markup, _), (.add, _, .markup):
      guard let first = left.text, let second = right.text else { return nil }
      try charge(bytes: 6 * (first.utf8.count + second.utf8.count))
      return .markup(escaped(left, first) + escaped(right, second))
    case (.add, .list(let first), .list(let second)): return try list(first.values + second.values)
    case (.add, .tuple(let first), .tuple(let second)): return try tuple(first.values + second.values)
    case (.multiply, _, _):
      if let count = right.integer, let result = try repeated(left, count) { return result }
      if let count = left.integer, let result = try repeated(right, count) { return result }
      return nil
    default: return nil
    }
  }

  func escaped(_ value: Value, _ text: String) -> String {
    if case .markup = value { text } else { PythonText.escapedForHTML(text) }
  }

  private func repeated(_ value: Value, _ count: Int) throws(GriffinError) -> Value? {
    let count = max(count, 0)
    switch value {
    case .string(let text), .markup(let text):
      try charge(bytes: text.utf8.count, times: count)
      let result = String(repeating: text, count: text.isEmpty ? 0 : count)
      if case .markup = value { return .markup(result) }
      return .string(result)
    case .list(let elements), .tuple(let elements):
      try charge(bytes: 32 * elements.count, times: count)
      let values = elements.count == 0 ? [] : Array(repeatElement(elements.values, count: count).joined())
      if case .list = value { return try list(values) }
      return try tuple(values)
    default: return nil
    }
  }

  // MARK: Numbers

  func whole(_ result: (partialValue: Int, overflow: Bool)) throws(GriffinError) -> Int {
    guard !result.overflow else { throw fail(.unsupported, "a number beyond 64 bits") }
    return result.partialValue
  }

  private func integers(_ sign: Arithmetic, _ left: Int, _ right: Int) throws(GriffinError) -> Value {
    switch sign {
    case .add: return .integer(try whole(left.addingReportingOverflow(right)))
    case .subtract: return .integer(try whole(left.subtractingReportingOverflow(right)))
    case .multiply: return .integer(try whole(left.multipliedReportingOverflow(by: right)))
    case .divide:
      guard right != 0 else { throw fail("division by zero") }
      guard abs(Double(left)) <= 0x1p53, abs(Double(right)) <= 0x1p53 else {
        throw fail(.unsupported, "a quotient of integers beyond 2^53")
      }
      return .float(Double(left) / Double(right))
    case .floorDivide, .remainder:
      guard right != 0 else { throw fail("integer division or modulo by zero") }
      let quotient = try whole(left.dividedReportingOverflow(by: right))
      let remainder = left - quotient * right
      let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
      return .integer(sign == .remainder ? (isBelow ? remainder + right : remainder) : (isBelow ? quotient - 1 : quotient))
    case .power:
      guard right >= 0 else { return .float(try floats(.power, Double(left), Double(right))) }
      var (result, base, exponent) = (1, left, right)
      while exponent > 0 {
        if exponent & 1 == 1 { result = try whole(result.multipliedReportingOverflow(by: base)) }
        exponent >>= 1
        if exponent > 0 { base = try whole(base.multipliedReportingOverflow(by: base)) }
      }
      return .integer(result)
    }
  }

  private func floats(_ sign: Arithmetic, _ left: Double, _ right: Double) throws(GriffinError) -> Double {
    switch sign {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide:
      guard right != 0 else { throw fail("float division by zero") }
      return left / right
    case .floorDivide, .remainder:
      guard right != 0 else { throw fail("float floor division by zero") }
      var remainder = left.truncatingRemainder(dividingBy: right)
      var quotient = (left - remainder) / right
      if remainder != 0, (remainder < 0) != (right < 0) {
        remainder += right
        quotient -= 1
      }
      if sign == .remainder { return remainder == 0 ? (right < 0 ? -0.0 : 0.0) : remainder }
      guard quotient != 0 else { return (left < 0) != (right < 0) ? -0.0 : 0.0 }
      let floor = quotient.rounded(.down)
      return quotient - floor > 0.5 ? floor + 1 : floor
    case .power:
      throw fail(.unsupported, "a power that is no integer")
    }
  }

  // MARK: Comparisons

  func compare(_ comparison: Comparison, _ left: Value, _ right: Value) throws(GriffinError) -> Bool {
    switch comparison {
    case .equal: return try equals(left, right)
    case .unequal: return try !equals(left, right)
    case .isIn: return try contains(right, left)
    case .isNotIn: return try !contains(right, left)
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if case .undefined(let undefined) = left { throw failure(of: undefined) }
      if case .undefined(let undefined) = right { throw failure(of: undefined) }
      guard let order = try order(left, right) else {
        throw fail("'\(comparison.rawValue)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'")
      }
      switch (comparison, order) {
      case (_, .none): return false
      case (.less, .before), (.lessOrEqual, .before), (.lessOrEqual, .same), (.greater, .after), (.greaterOrEqual, .after),
        (.greaterOrEqual, .same):
        return true
      default: return false
      }
    }
  }

  func contains(_ container: Value, _ value: Value) throws(GriffinError) -> Bool {
    switch container {
    case .string(let text), .markup(let text):
      guard let part = value.text else {
        throw fail("'in <string>' requires string as left operand, not \(value.typeName)")
      }
      return try find(part, in: text) != nil
    case .dictionary(let dictionary): return dictionary[try key(of: value)] != nil
    case .range(let range):
      guard let integer = value.integer else { return false }
      let offset = integer.subtractingReportingOverflow(range.start)
      guard !offset.overflow else { return false }
      let index = offset.partialValue.dividedReportingOverflow(by: range.step)
      return !index.overflow && (0..<range.count).contains(index.partialValue) && range[index.partialValue] == integer
    default:
      for element in try elements(of: container) where try equals(element, value) { return true }
      return false
    }
  }
}
