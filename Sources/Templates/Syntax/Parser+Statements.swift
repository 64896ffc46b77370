import ByteStorage

/// Statements.
extension Parser {
  /// Statements of Jinja that reach other files, or make no sense without them.
  private static let reaching: Set<String> = ["import", "from", "include", "extends", "block"]

  /// Everything up to a statement that ends it, which is read too, but for what follows its name.
  /// - Parameter ends: Empty for the whole template.
  mutating func parseBody(until ends: [String]) throws(GriffinError) -> (body: [Statement], end: String) {
    var body: [Statement] = []
    while true {
      let token = next()
      switch token.kind {
      case .text(let text): body.append(.text(text))
      case .variableBegin:
        body.append(.output(try parseTuple()))
        try expect(.variableEnd)
      case .blockBegin:
        guard case .name(let name) = current.kind else { throw fail("expected a statement, found \(current.description)") }
        if ends.contains(name) {
          next()
          return (body, name)
        }
        body.append(try nested { (parser) throws(GriffinError) in try parser.parseStatement(name) })
        try expect(.blockEnd)
      case .end:
        guard ends.isEmpty else { throw fail("the template ends before \(ends.joined(separator: " or "))") }
        return (body, "")
      default: throw fail("unexpected \(token.description)", at: token.place)
      }
    }
  }

  private mutating func parseStatement(_ name: String) throws(GriffinError) -> Statement {
    let place = next().place
    switch name {
    case "if": return try parseIf()
    case "for": return try parseFor(at: place)
    case "set": return try parseSet(at: place)
    case "macro": return .macro(try parseMacro(name: try expectName(), at: place, end: "endmacro"))
    case "call": return try parseCall(at: place)
    case "with": return try parseWith(at: place)
    case "filter":
      let filter = try parseFilter(nil, isInline: true)
      return .filterBlock(filter, try parseBlock(end: "endfilter"))
    case "print":
      var parts: [Expression] = []
      while !isAt(.blockEnd) {
        if !parts.isEmpty { try expect(.sign(",")) }
        parts.append(try parseExpression())
      }
      return .output(try expression(.concatenation(parts), at: place, over: parts))
    case "generation":
      return .generation(try parseBlock(end: "endgeneration"))
    case "break", "continue":
      guard openLoops > 0 else { throw fail("\(name) outside of a loop", at: place) }
      return name == "break" ? .stop(place) : .skip(place)
    default:
      if Parser.reaching.contains(name) {
        throw fail(.unsafe, "the statement \(name) reaches beyond the template", at: place)
      }
      throw fail(.unsupported, "the statement \(name.shortened) is not known", at: place)
    }
  }

  /// A body with one end.
  private mutating func parseBlock(end: String) throws(GriffinError) -> [Statement] {
    try parseBlock(until: [end]).body
  }

  private mutating func parseBlock(until ends: [String]) throws(GriffinError) -> (body: [Statement], end: String) {
    _ = skip(.sign(":"))
    try expect(.blockEnd)
    return try parseBody(until: ends)
  }

  private mutating func parseIf() throws(GriffinError) -> Statement {
    var branches: [(test: Expression, body: [Statement])] = []
    while true {
      let test = try parseTuple(withConditional: false)
      let (body, end) = try parseBlock(until: ["elif", "else", "endif"])
      branches.append((test, body))
      switch end {
      case "elif": continue
      case "else": return .conditional(branches, otherwise: try parseBlock(end: "endif"))
      default: return .conditional(branches, otherwise: [])
      }
    }
  }

  private mutating func parseFor(at place: Place) throws(GriffinError) -> Statement {
    let target = try parseTarget(endsAt: "in")
    try expect(.name("in"))
    let items = try parseTuple(withConditional: false, endsAt: "recursive")
    let condition = skip(.name("if")) ? try parseExpression() : nil
    let isRecursive = skip(.name("recursive"))
    openLoops += 1
    let (body, end) = try parseBlock(until: ["endfor", "else"])
    openLoops -= 1
    let otherwise = end == "else" ? try parseBlock(end: "endfor") : []
    return .loop(
      LoopStatement(
        target: target, items: items, condition: condition, isRecursive: isRecursive, body: body, otherwise: otherwise,
        place: place))
  }

  private mutating func parseSet(at place: Place) throws(GriffinError) -> Statement {
    let target = try parseTarget(withAttribute: true)
    if skip(.sign("=")) { return .set(target, try parseTuple(), place) }
    let filter = isAt(sign: "|") ? try parseFilter(nil) : nil
    return .setBlock(target, filter: filter, try parseBlock(end: "endset"), place)
  }

  private mutating func parseWith(at place: Place) throws(GriffinError) -> Statement {
    var values: [(Target, Expression)] = []
    while !isAt(.blockEnd) {
      if !values.isEmpty { try expect(.sign(",")) }
      let target = try parseTarget()
      try expect(.sign("="))
      values.append((target, try parseExpression()))
    }
    return .with(values, try parseBlock(end: "endwith"), place)
  }

  // MARK: Macros

  private mutating func parseMacro(name: String, at place: Place, end: String) throws(GriffinError) -> MacroDefinition {
    let parameters = try parseParameters()
    return try parseMacroBody(name, parameters, at: place, end: end)
  }

  private mutating func parseParameters() throws(GriffinError) -> [(name: String, fallback: Expression?)] {
    var parameters: [(name: String, fallback: Expression?)] = []
    try expect(.sign("("))
    while !isAt(sign: ")") {
      if !parameters.isEmpty { try expect(.sign(",")) }
      let name = try parseAssignableName()
      if skip(.sign("=")) {
        parameters.append((name, try parseExpression()))
      } else {
        guard parameters.last?.fallback == nil else { throw fail("a parameter without a default after one with it") }
        parameters.append((name, nil))
      }
    }
    try expect(.sign(")"))
    return parameters
  }

  private mutating func parseMacroBody(
    _ name: String, _ parameters: [(name: String, fallback: Expression?)], at place: Place, end: String
  ) throws(GriffinError) -> MacroDefinition {
    let loops = openLoops
    openLoops = 0
    lookedUp.append([])
    let body = try parseBlock(end: end)
    let names = lookedUp.removeLast()
    lookedUp[lookedUp.count - 1].formUnion(names)
    openLoops = loops
    return MacroDefinition(
      name: name, parameters: parameters, body: body, usesCaller: names.contains("caller"),
      usesKeywords: names.contains("kwargs"), usesPositional: names.contains("varargs"), place: place)
  }

  private mutating func parseCall(at place: Place) throws(GriffinError) -> Statement {
    let parameters = isAt(sign: "(") ? try parseParameters() : []
    let call = try parseExpression()
    guard case .call = call.kind else { throw fail("expected a call", at: call.place) }
    return .callBlock(try parseMacroBody("caller", parameters, at: place, end: "endcall"), call)
  }

  // MARK: Targets

  /// Names that always mean the same and cannot be assigned to.
  private static let constants: Set<String> = ["true", "false", "none", "True", "False", "None"]

  private mutating func parseAssignableName() throws(GriffinError) -> String {
    let place = place
    let name = try expectName()
    guard !Parser.constants.contains(name) else { throw fail("\(name) cannot be assigned to", at: place) }
    return name
  }

  private mutating func parseTarget(endsAt end: String? = nil, withAttribute: Bool = false) throws(GriffinError) -> Target {
    var targets: [Target] = []
    var isTuple = false
    while true {
      if !targets.isEmpty { try expect(.sign(",")) }
      if isTupleEnd(endsAt: end) || isAt(sign: "=") { break }
      targets.append(try parseOneTarget(withAttribute: withAttribute))
      guard isAt(sign: ",") else { break }
      isTuple = true
    }
    guard let first = targets.first else { throw fail("expected a name, found \(current.description)") }
    return isTuple ? .several(targets) : first
  }

  private mutating func parseOneTarget(withAttribute: Bool) throws(GriffinError) -> Target {
    if skip(.sign("(")) {
      let target = try nested { (parser) throws(GriffinError) in try parser.parseTarget(withAttribute: withAttribute) }
      try expect(.sign(")"))
      return target
    }
    let place = place
    let name = try parseAssignableName()
    guard withAttribute, skip(.sign(".")) else { return .name(name) }
    lookedUp[lookedUp.count - 1].insert(name)
    return .attribute(name, try expectName(), place)
  }
}
