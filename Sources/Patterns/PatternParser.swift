internal import ByteStorage

/// Reads an expression in Oniguruma's syntax. What another engine reads otherwise is marked below.
struct PatternParser {
  let scalars: [Unicode.Scalar]
  var position = 0
  /// Whether letters stand for both their cases, and `.` for line ends too.
  private(set) var ignoresCase = false
  private var dotTakesLineEnds = false
  private var depth = 0
  /// Whether the outermost class that is being read is a negated one.
  var isInNegatedClass = false
  private let expression: String

  /// - Throws: `unsafe` where the expression is too long.
  init(_ expression: String) throws(GriffinError) {
    guard expression.utf8.count <= PatternLimits.bytes else {
      throw GriffinError(
        .unsafe, "an expression has \(expression.utf8.count) bytes; at most \(PatternLimits.bytes) are read")
    }
    (self.expression, scalars) = (expression, Array(expression.unicodeScalars))
  }

  mutating func parse() throws(GriffinError) -> PatternNode {
    let node = try alternatives()
    guard position == scalars.count else { throw malformed("a `)` that closes nothing") }
    return node
  }

  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  /// Goes one level deeper for as long as `body` runs.
  mutating func nested<Result>(
    _ body: (inout PatternParser) throws(GriffinError) -> Result
  ) throws(GriffinError) -> Result {
    depth += 1
    guard depth <= PatternLimits.depth else {
      throw GriffinError(
        .unsafe, "the expression \(TextPattern.quoted(expression)) nests more than \(PatternLimits.depth) deep")
    }
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func alternatives() throws(GriffinError) -> PatternNode {
    var parts = [try sequence()]
    while take("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence() throws(GriffinError) -> PatternNode {
    var parts: [PatternNode] = []
    var lastLetter: Unicode.Scalar?
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = position
      guard let atom = try atom() else { continue }
      let isLetter = ignoresCase && position == start + 1 && scalar.properties.isAlphabetic
      if isLetter, let last = lastLetter, PatternCase.pairsFold(last, scalar) {
        throw unsupported("\"\(last)\(scalar)\" in any case, which one character may stand for,")
      }
      lastLetter = isLetter ? scalar : nil
      parts.append(try quantified(atom))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// - Returns: nil for what takes no place, such as a comment.
  private mutating func atom() throws(GriffinError) -> PatternNode? {
    guard let scalar = next else { return nil }
    position += 1
    switch scalar {
    case "(": return try group()
    case "[": return .scalar(try nested { (parser) throws(GriffinError) in try parser.characterClass() })
    case ".": return .scalar(ScalarSet(dotTakesLineEnds ? .not(.ranges([])) : .not(.ranges([0x0A...0x0A]))))
    // Every line's, in any mode: Oniguruma has no other.
    case "^": return .anchor(.lineStart)
    case "$": return .anchor(.lineEnd)
    case "*", "+", "?": throw malformed("a `\(scalar)` that repeats nothing")
    case "\\": return try escape()
    default: return .scalar(try literal(scalar))
    }
  }

  func literal(_ scalar: Unicode.Scalar) throws(GriffinError) -> ScalarSet {
    guard ignoresCase else { return ScalarSet(scalar.value) }
    guard let cases = PatternCase.all(of: scalar) else { throw unsupported("\"\(scalar)\" in any case") }
    return ScalarSet(.ranges(cases.map { $0...$0 }))
  }

  private mutating func escape() throws(GriffinError) -> PatternNode {
    guard let scalar = next else { throw malformed("a `\\` at the end") }
    switch scalar {
    case "A": position += 1; return .anchor(.textStart)
    case "z": position += 1; return .anchor(.textEnd)
    case "Z": position += 1; return .anchor(.lastLineEnd)
    case "b": position += 1; return .anchor(.wordBoundary)
    case "B": position += 1; return .anchor(.noWordBoundary)
    default: return .scalar(try escapedSet())
    }
  }

  // MARK: Groups

  private mutating func group() throws(GriffinError) -> PatternNode? {
    guard take("?") else { return try inside() }
    if take(":") { return try inside() }
    if take(">") { return .atomic(try inside()) }
    if take("=") { return .lookAhead(try inside(), isNegative: false) }
    if take("!") { return .lookAhead(try inside(), isNegative: true) }
    if take("<=") { return .lookBehind(try behind(), isNegative: false) }
    if take("<!") { return .lookBehind(try behind(), isNegative: true) }
    if take("#") {
      while let scalar = next, scalar != ")" { position += scalar == "\\" ? 2 : 1 }
      guard take(")") else { throw malformed("a comment without its `)`") }
      return nil
    }
    if take("<") {
      guard let first = next, first.properties.isAlphabetic || first == "_" else { throw unsupported("a group's name") }
      while let scalar = next, scalar != ">" { position += 1 }
      guard take(">") else { throw malformed("a name without its `>`") }
      return try inside()
    }
    return try options()
  }

  private mutating func inside() throws(GriffinError) -> PatternNode {
    let (before, dot) = (ignoresCase, dotTakesLineEnds)
    let node = try nested { (parser) throws(GriffinError) in try parser.alternatives() }
    guard take(")") else { throw malformed("a `(` without its `)`") }
    (ignoresCase, dotTakesLineEnds) = (before, dot)
    return node
  }

  /// A look-behind, whose alternatives are of fixed length each.
  private mutating func behind() throws(GriffinError) -> PatternNode {
    let node = try inside()
    var choices = [node]
    if case .alternatives(let parts) = node { choices = parts }
    guard choices.allSatisfy({ $0.fixedCount != nil }) else { throw unsupported("a look-behind of no fixed length") }
    return node
  }

  /// `(?i)`, `(?i:…)`, `(?m-i:…)`; `m` is what others call `s`.
  private mutating func options() throws(GriffinError) -> PatternNode? {
    let start = position
    let (before, dot) = (ignoresCase, dotTakesLineEnds)
    var isOn = true
    while let scalar = next {
      position += 1
      switch scalar {
      case "i": ignoresCase = isOn
      case "m": dotTakesLineEnds = isOn
      case "-" where isOn: isOn = false
      case ":":
        let node = try inside()
        (ignoresCase, dotTakesLineEnds) = (before, dot)
        return node
      case ")":
        // Elsewhere engines differ in what it holds for.
        guard start == 2 else { throw unsupported("an option that is not at the beginning") }
        return nil
      default: throw unsupported("the group \"(?\(scalar)\"")
      }
    }
    throw malformed("a `(` without its `)`")
  }

  // MARK: Repetition

  private mutating func quantified(_ atom: PatternNode) throws(GriffinError) -> PatternNode {
    let node: PatternNode
    if take("*") {
      node = repeated(atom, 0, nil)
    } else if take("+") {
      node = repeated(atom, 1, nil)
    } else if take("?") {
      node = repeated(atom, 0, 1)
    } else if let (minimum, maximum, isExact) = try interval() {
      // Oniguruma stops counting where a round takes nothing.
      if atom.canBeEmpty { throw unsupported("a counted repetition of what may be empty") }
      // `{1,3}+` repeats `{1,3}`, and `{3}?` makes it optional.
      let greed: PatternNode.Greed = !isExact && take("?") ? .lazy : .greedy
      let counted = PatternNode.repetition(atom, minimum: minimum, maximum: maximum, greed)
      if take("+") {
        node = .repetition(counted, minimum: 1, maximum: nil, .greedy)
      } else {
        node = isExact && take("?") ? .repetition(counted, minimum: 0, maximum: 1, .greedy) : counted
      }
    } else {
      return atom
    }
    switch atom {
    case .anchor, .lookAhead, .lookBehind: throw unsupported("repeating what takes no text")
    default: break
    }
    if let scalar = next, "*+?".unicodeScalars.contains(scalar) { throw unsupported("a repetition of a repetition") }
    let place = position
    guard try interval() == nil else {
      position = place
      throw unsupported("a repetition of a repetition")
    }
    return node
  }

  private mutating func repeated(_ atom: PatternNode, _ minimum: Int, _ maximum: Int?) -> PatternNode {
    let greed: PatternNode.Greed = take("?") ? .lazy : take("+") ? .possessive : .greedy
    return .repetition(atom, minimum: minimum, maximum: maximum, greed)
  }

  /// `{n}`, `{n,}`, `{n,m}` and `{,m}`; a brace that is none of them is a brace.
  private mutating func interval() throws(GriffinError) -> (minimum: Int, maximum: Int?, isExact: Bool)? {
    let start = position
    guard take("{") else { return nil }
    let low = number()
    let hasComma = take(",")
    let high = hasComma ? number() : low
    guard take("}"), low != nil || high != nil else {
      position = start
      return nil
    }
    let minimum = low ?? 0
    guard minimum <= high ?? minimum, max(minimum, high ?? 0) <= PatternLimits.instructions else {
      throw unsupported("a repetition of \(minimum) to \(high.map { "\($0)" } ?? "any") times")
    }
    return (minimum, high, !hasComma)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1 << 20)
      position += 1
    }
    return value
  }

  // MARK: Errors

  func malformed(_ what: String) -> GriffinError {
    GriffinError(.malformed, "the expression \(TextPattern.quoted(expression)) is none: \(what), at character \(position)".printable)
  }

  func unsupported(_ what: String) -> GriffinError {
    GriffinError(
      .unsupported, "the expression \(TextPattern.quoted(expression)): \(what) at character \(position) is not read".printable)
  }
}
