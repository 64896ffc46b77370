import ByteStorage

/// Literals, names, and what follows them.
extension Parser {
  func isTupleEnd(endsAt end: String?) -> Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .sign(")"): true
    case .name(let name): name == end
    default: false
    }
  }

  /// An expression, or several between commas.
  mutating func parseTuple(
    withConditional: Bool = true, endsAt end: String? = nil, isInParentheses: Bool = false
  ) throws(GriffinError) -> Expression {
    let place = place
    var parts: [Expression] = []
    var isTuple = false
    while true {
      if !parts.isEmpty { try expect(.sign(",")) }
      if isTupleEnd(endsAt: end) { break }
      parts.append(try parseExpression(withConditional: withConditional))
      guard isAt(sign: ",") else { break }
      isTuple = true
    }
    if !isTuple {
      if let only = parts.first { return only }
      guard isInParentheses else { throw fail("expected an expression, found \(current.description)") }
    }
    return try expression(.tuple(parts), at: place, over: parts)
  }

  mutating func parsePrimary() throws(GriffinError) -> Expression {
    let token = next()
    switch token.kind {
    case .name("true"), .name("True"): return try expression(.constant(.bool(true)), at: token.place)
    case .name("false"), .name("False"): return try expression(.constant(.bool(false)), at: token.place)
    case .name("none"), .name("None"): return try expression(.constant(.none), at: token.place)
    case .name(let name):
      lookedUp[lookedUp.count - 1].insert(name)
      return try expression(.name(name), at: token.place)
    case .string(var text):
      while case .string(let more) = current.kind {
        text += more
        next()
      }
      return try expression(.constant(.string(text)), at: token.place)
    case .integer(let value): return try expression(.constant(.integer(value)), at: token.place)
    case .float(let value): return try expression(.constant(.float(value)), at: token.place)
    case .sign("("):
      let tuple = try parseTuple(isInParentheses: true)
      try expect(.sign(")"))
      return tuple
    case .sign("["):
      var parts: [Expression] = []
      while !isAt(sign: "]") {
        if !parts.isEmpty { try expect(.sign(",")) }
        if isAt(sign: "]") { break }
        parts.append(try parseExpression())
      }
      next()
      return try expression(.list(parts), at: token.place, over: parts)
    case .sign("{"): return try parseDictionary(at: token.place)
    default: throw fail("unexpected \(token.description)", at: token.place)
    }
  }

  private mutating func parseDictionary(at place: Place) throws(GriffinError) -> Expression {
    var members: [(key: Expression, value: Expression)] = []
    while !isAt(sign: "}") {
      if !members.isEmpty { try expect(.sign(",")) }
      if isAt(sign: "}") { break }
      let key = try parseExpression()
      try expect(.sign(":"))
      members.append((key, try parseExpression()))
    }
    next()
    return try expression(.dictionary(members), at: place, over: members.map(\.key) + members.map(\.value))
  }

  // MARK: What follows

  mutating func parsePostfix(_ value: Expression) throws(GriffinError) -> Expression {
    var value = value
    while true {
      if isAt(sign: ".") {
        let place = next().place
        let token = next()
        switch token.kind {
        case .name(let name):
          if name.hasPrefix("__") {
            throw fail(.unsafe, "the attribute \(name.shortened) reaches into the interpreter", at: token.place)
          }
          value = try expression(.attribute(value, name), at: token.place, over: [value])
        case .integer(let number):
          let key = try expression(.constant(.integer(number)), at: token.place)
          value = try expression(.item(value, key), at: place, over: [value])
        default: throw fail("expected a name or a number, found \(token.description)", at: token.place)
        }
      } else if isAt(sign: "[") {
        value = try parseItem(of: value)
      } else if isAt(sign: "(") {
        value = try parseCall(of: value)
      } else {
        return value
      }
    }
  }

  private mutating func parseCall(of value: Expression) throws(GriffinError) -> Expression {
    let place = place
    let arguments = try parseArguments()
    return try expression(.call(value, arguments), at: place, over: [value] + arguments.all)
  }

  private mutating func parseItem(of value: Expression) throws(GriffinError) -> Expression {
    let place = next().place
    var keys: [Expression] = []
    while !isAt(sign: "]") {
      if !keys.isEmpty { try expect(.sign(",")) }
      keys.append(try parseKey())
    }
    next()
    let key = keys.count == 1 ? keys[0] : try expression(.tuple(keys), at: place, over: keys)
    return try expression(.item(value, key), at: place, over: [value, key])
  }

  private mutating func parseKey() throws(GriffinError) -> Expression {
    let place = place
    var start: Expression?
    if !isAt(sign: ":") {
      let value = try parseExpression()
      guard isAt(sign: ":") else { return value }
      start = value
    }
    next()
    func isEnd(_ parser: Parser) -> Bool { parser.isAt(sign: "]") || parser.isAt(sign: ",") }
    let stop = isAt(sign: ":") || isEnd(self) ? nil : try parseExpression()
    let step = skip(.sign(":")) && !isEnd(self) ? try parseExpression() : nil
    return try expression(.slice(start: start, stop: stop, step: step), at: place, over: [start, stop, step])
  }

  mutating func parseFilters(_ value: Expression) throws(GriffinError) -> Expression {
    var value = value
    while true {
      if isAt(sign: "|") {
        value = try parseFilter(value)
      } else if isAt(name: "is") {
        value = try parseTest(value)
      } else if isAt(sign: "(") {
        value = try parseCall(of: value)
      } else {
        return value
      }
    }
  }

  /// - Parameter isInline: Whether the filter's name comes first, as in `{% filter upper %}`.
  mutating func parseFilter(_ value: Expression?, isInline: Bool = false) throws(GriffinError) -> Expression {
    var value = value
    var isFirst = isInline
    while isFirst || isAt(sign: "|") {
      if !isFirst { next() }
      isFirst = false
      let place = place
      let name = try parseDottedName()
      let arguments = isAt(sign: "(") ? try parseArguments() : .none
      value = try expression(.filter(value, name, arguments), at: place, over: [value] + arguments.all)
    }
    guard let value else { throw fail("expected a filter") }
    return value
  }

  private mutating func parseTest(_ value: Expression) throws(GriffinError) -> Expression {
    next()
    let isNegated = skip(.name("not"))
    let place = place
    let name = try parseDottedName()
    var arguments = Arguments.none
    switch current.kind {
    case .sign("("): arguments = try parseArguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw fail("tests cannot be chained with is")
    case .name, .string, .integer, .float, .sign("["), .sign("{"):
      let argument = try parsePrimary()
      arguments.positional = [try parsePostfix(argument)]
    default: break
    }
    let test = try expression(.test(value, name, arguments), at: place, over: [value] + arguments.all)
    return isNegated ? try expression(.not(test), at: place, over: [test]) : test
  }

  private mutating func parseDottedName() throws(GriffinError) -> String {
    var name = try expectName()
    while skip(.sign(".")) { name += "." + (try expectName()) }
    return name
  }

  private mutating func parseArguments() throws(GriffinError) -> Arguments {
    let place = next().place
    var arguments = Arguments()
    var isFirst = true
    while !isAt(sign: ")") {
      if !isFirst {
        try expect(.sign(","))
        if isAt(sign: ")") { break }
      }
      isFirst = false
      if skip(.sign("*")) {
        guard arguments.spread == nil, arguments.spreadKeywords == nil else { throw fail("invalid call", at: place) }
        arguments.spread = try parseExpression()
      } else if skip(.sign("**")) {
        guard arguments.spreadKeywords == nil else { throw fail("invalid call", at: place) }
        arguments.spreadKeywords = try parseExpression()
      } else if case .name(let name) = current.kind, following.kind == .sign("=") {
        guard arguments.spreadKeywords == nil else { throw fail("invalid call", at: place) }
        guard !arguments.keywords.contains(where: { $0.name == name }) else {
          throw fail("the argument \(name.shortened) is given twice")
        }
        next()
        next()
        arguments.keywords.append((name, try parseExpression()))
      } else {
        guard arguments.spread == nil, arguments.spreadKeywords == nil, arguments.keywords.isEmpty else {
          throw fail("invalid call", at: place)
        }
        arguments.positional.append(try parseExpression())
      }
    }
    try expect(.sign(")"))
    return arguments
  }
}
