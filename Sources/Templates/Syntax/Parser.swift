import ByteStorage

/// Reads tokens into statements, by the grammar of Jinja 3.1.
struct Parser {
  private let tokens: [Token]
  private let limits: TemplateLimits
  private var index = 0
  private var nesting = 0
  /// Loops that are open in the macro that is read, for `break` and `continue`.
  var openLoops = 0
  /// The names that each open macro has looked up.
  var lookedUp: [Set<String>] = [[]]

  /// The statements of a template, and the names that it looks up.
  /// - Throws: `malformed` for what is no template, `unsupported` for what is not rendered, `unsafe` for what is too deep.
  static func statements(
    of source: String, limits: TemplateLimits
  ) throws(GriffinError) -> (statements: [Statement], names: Set<String>) {
    var parser = Parser(tokens: try Lexer.tokens(of: source, limits: limits), limits: limits)
    let (statements, _) = try parser.parseBody(until: [])
    return (statements, parser.lookedUp[0])
  }

  private init(tokens: [Token], limits: TemplateLimits) { (self.tokens, self.limits) = (tokens, limits) }

  // MARK: Tokens

  var current: Token { tokens[index] }
  var following: Token { tokens[min(index + 1, tokens.count - 1)] }
  var place: Place { current.place }

  @discardableResult
  mutating func next() -> Token {
    defer { if index < tokens.count - 1 { index += 1 } }
    return tokens[index]
  }

  func isAt(_ kind: Token.Kind) -> Bool { current.kind == kind }
  func isAt(sign: String) -> Bool { current.kind == .sign(sign) }
  func isAt(name: String) -> Bool { current.kind == .name(name) }

  mutating func skip(_ kind: Token.Kind) -> Bool {
    guard current.kind == kind else { return false }
    next()
    return true
  }

  mutating func expect(_ kind: Token.Kind) throws(GriffinError) {
    guard skip(kind) else {
      throw fail("expected \(Token(kind: kind, place: place).description), found \(current.description)")
    }
  }

  mutating func expectName() throws(GriffinError) -> String {
    guard case .name(let name) = current.kind else { throw fail("expected a name, found \(current.description)") }
    next()
    return name
  }

  func fail(_ message: String, at place: Place? = nil) -> GriffinError { fail(.malformed, message, at: place) }

  func fail(_ kind: GriffinError.Kind, _ message: String, at place: Place? = nil) -> GriffinError {
    GriffinError(kind, "\(place ?? self.place): \(message)")
  }

  // MARK: Depth

  /// Reads something that may hold itself.
  mutating func nested<Value>(_ read: (inout Parser) throws(GriffinError) -> Value) throws(GriffinError) -> Value {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= limits.nesting else { throw tooDeep() }
    return try read(&self)
  }

  private func tooDeep() -> GriffinError {
    fail(.unsafe, "more than \(limits.nesting) expressions or statements inside of each other")
  }

  /// An expression over others: also a long chain of operators is a deep one.
  func expression(_ kind: Expression.Kind, at place: Place, over parts: [Expression?] = []) throws(GriffinError) -> Expression {
    var depth = 1
    for part in parts { depth = max(depth, 1 + (part?.depth ?? 0)) }
    guard depth <= limits.nesting else { throw tooDeep() }
    return Expression(kind: kind, place: place, depth: depth)
  }
}
