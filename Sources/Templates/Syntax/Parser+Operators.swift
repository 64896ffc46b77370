import ByteStorage

/// Operators, the loosest first.
extension Parser {
  mutating func parseExpression(withConditional: Bool = true) throws(GriffinError) -> Expression {
    try nested { (parser) throws(GriffinError) in
      withConditional ? try parser.parseConditional() : try parser.parseOr()
    }
  }

  private mutating func parseConditional() throws(GriffinError) -> Expression {
    var value = try parseOr()
    while isAt(name: "if") {
      let place = next().place
      let test = try parseOr()
      let otherwise = skip(.name("else")) ? try parseExpression() : nil
      value = try expression(
        .conditional(test: test, then: value, otherwise: otherwise), at: place, over: [test, value, otherwise])
    }
    return value
  }

  private mutating func parseOr() throws(GriffinError) -> Expression {
    var left = try parseAnd()
    while isAt(name: "or") {
      let place = next().place
      let right = try parseAnd()
      left = try expression(.or(left, right), at: place, over: [left, right])
    }
    return left
  }

  private mutating func parseAnd() throws(GriffinError) -> Expression {
    var left = try parseNot()
    while isAt(name: "and") {
      let place = next().place
      let right = try parseNot()
      left = try expression(.and(left, right), at: place, over: [left, right])
    }
    return left
  }

  private mutating func parseNot() throws(GriffinError) -> Expression {
    guard isAt(name: "not") else { return try parseComparison() }
    let place = next().place
    let value = try nested { (parser) throws(GriffinError) in try parser.parseNot() }
    return try expression(.not(value), at: place, over: [value])
  }

  private mutating func parseComparison() throws(GriffinError) -> Expression {
    let first = try parseSum()
    var others: [(Comparison, Expression)] = []
    let place = place
    while let comparison = takeComparison() { others.append((comparison, try parseSum())) }
    guard !others.isEmpty else { return first }
    return try expression(.comparison(first, others), at: place, over: [first] + others.map(\.1))
  }

  private mutating func takeComparison() -> Comparison? {
    switch current.kind {
    case .sign(let sign):
      guard let comparison = Comparison(rawValue: sign) else { return nil }
      next()
      return comparison
    case .name("in"):
      next()
      return .isIn
    case .name("not") where following.kind == .name("in"):
      next()
      next()
      return .isNotIn
    default: return nil
    }
  }

  private mutating func parseSum() throws(GriffinError) -> Expression {
    var left = try parseConcatenation()
    while case .sign(let sign) = current.kind, sign == "+" || sign == "-" {
      let place = next().place
      let right = try parseConcatenation()
      left = try expression(.arithmetic(sign == "+" ? .add : .subtract, left, right), at: place, over: [left, right])
    }
    return left
  }

  private mutating func parseConcatenation() throws(GriffinError) -> Expression {
    var parts = [try parseProduct()]
    let place = place
    while skip(.sign("~")) { parts.append(try parseProduct()) }
    return parts.count == 1 ? parts[0] : try expression(.concatenation(parts), at: place, over: parts)
  }

  private mutating func parseProduct() throws(GriffinError) -> Expression {
    var left = try parsePower()
    while case .sign(let sign) = current.kind, ["*", "/", "//", "%"].contains(sign), let sign = Arithmetic(rawValue: sign) {
      let place = next().place
      let right = try parsePower()
      left = try expression(.arithmetic(sign, left, right), at: place, over: [left, right])
    }
    return left
  }

  /// In Jinja a power binds looser than a sign and goes from left to right.
  private mutating func parsePower() throws(GriffinError) -> Expression {
    var left = try parseUnary()
    while isAt(sign: "**") {
      let place = next().place
      let right = try parseUnary()
      left = try expression(.arithmetic(.power, left, right), at: place, over: [left, right])
    }
    return left
  }

  private mutating func parseUnary(withFilter: Bool = true) throws(GriffinError) -> Expression {
    var value: Expression
    if isAt(sign: "-") || isAt(sign: "+") {
      let sign = next()
      let inner = try nested { (parser) throws(GriffinError) in try parser.parseUnary(withFilter: false) }
      value = try expression(sign.kind == .sign("-") ? .negative(inner) : .positive(inner), at: sign.place, over: [inner])
    } else {
      value = try parsePrimary()
    }
    value = try parsePostfix(value)
    return withFilter ? try parseFilters(value) : value
  }
}
