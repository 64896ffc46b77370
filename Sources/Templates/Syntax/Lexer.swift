import ByteStorage

/// Cuts a template into tokens, as Jinja 3.1 does with `trim_blocks` and `lstrip_blocks`: a line end after a block tag goes,
/// and so does the white space before one that begins a line.
struct Lexer {
  let source: [Unicode.Scalar]
  let limits: TemplateLimits
  var position = 0
  var place = Place.start
  var tokens: [Token] = []
  /// Whether what was read last ends a line.
  private var isLineStart = true

  /// - Throws: `unsafe` for a template that is too long, `malformed` where a tag does not end.
  static func tokens(of source: String, limits: TemplateLimits) throws(GriffinError) -> [Token] {
    guard source.utf8.count <= limits.templateBytes else {
      throw GriffinError(
        .unsafe, "the chat template has \(source.utf8.count) bytes; at most \(limits.templateBytes) are read")
    }
    var lexer = Lexer(source: Lexer.normalized(source), limits: limits)
    try lexer.run()
    return lexer.tokens
  }

  private init(source: [Unicode.Scalar], limits: TemplateLimits) { (self.source, self.limits) = (source, limits) }

  /// One kind of line end, and the last one gone.
  private static func normalized(_ source: String) -> [Unicode.Scalar] {
    var scalars = LineEnds.normalized(source.unicodeScalars)
    if scalars.last == "\n" { scalars.removeLast() }
    return scalars
  }

  private mutating func run() throws(GriffinError) {
    while let tag = nextTag() {
      // The text before the tag, less what the tag takes of it.
      try add(text: source[position..<cut(before: tag)])
      advance(to: tag.start)
      switch tag.kind {
      case .comment:
        guard let end = closing("#}", from: tag.inside) else { throw fail("the comment does not end") }
        advance(to: end)
      case .raw:
        advance(to: tag.inside)
        try readRaw()
      case .variable, .block:
        let (begin, isBlock) = (Token(kind: tag.kind == .block ? .blockBegin : .variableBegin, place: place), tag.kind == .block)
        tokens.append(begin)
        advance(to: tag.inside)
        try readTag(isBlock: isBlock, from: begin.place)
      }
      isLineStart = source[position - 1] == "\n"
    }
    try add(text: source[position...])
    tokens.append(Token(kind: .end, place: place))
  }

  // MARK: Tags

  private enum TagKind { case variable, block, comment, raw }

  private struct Tag {
    var kind: TagKind
    var start: Int
    /// Where its inside begins, after the sign.
    var inside: Int
    var sign: Unicode.Scalar?
  }

  private func nextTag() -> Tag? {
    var index = position
    while index + 1 < source.count {
      defer { index += 1 }
      guard source[index] == "{" else { continue }
      let kind: TagKind
      switch source[index + 1] {
      case "{": kind = .variable
      case "%": kind = .block
      case "#": kind = .comment
      default: continue
      }
      let sign = index + 2 < source.count && (source[index + 2] == "-" || source[index + 2] == "+") ? source[index + 2] : nil
      let inside = index + (sign == nil ? 2 : 3)
      if kind == .block, let end = rawBegin(from: inside) { return Tag(kind: .raw, start: index, inside: end, sign: sign) }
      return Tag(kind: kind, start: index, inside: inside, sign: sign)
    }
    return nil
  }

  /// Where the text before a tag ends, for what is printed.
  private func cut(before tag: Tag) -> Int {
    cut(position..<tag.start, sign: tag.sign, strips: tag.kind != .variable)
  }

  private func cut(_ text: Range<Int>, sign: Unicode.Scalar?, strips: Bool) -> Int {
    var end = text.upperBound
    if sign == "-" {
      while end > text.lowerBound, source[end - 1].isPythonSpace { end -= 1 }
      return end
    }
    guard sign == nil, strips else { return end }
    while end > text.lowerBound, source[end - 1] != "\n" {
      guard source[end - 1].isPythonSpace else { return text.upperBound }
      end -= 1
    }
    return end > text.lowerBound || isLineStart ? end : text.upperBound
  }

  /// Where the inside of `{% raw %}` begins, if this is one.
  private func rawBegin(from start: Int) -> Int? {
    guard let word = skip("raw", from: skipSpace(start)) else { return nil }
    let end = skipSpace(word)
    if let close = skip("-%}", from: end) { return skipSpace(close) }
    return skip("%}", from: end)
  }

  private mutating func readRaw() throws(GriffinError) {
    let begin = position
    // The raw tag itself begins no line for the one that ends it.
    isLineStart = source[position - 1] == "\n"
    var index = position
    while index < source.count {
      if let inside = skip("{%", from: index) {
        let sign = inside < source.count && (source[inside] == "-" || source[inside] == "+") ? source[inside] : nil
        let word = skip("endraw", from: skipSpace(sign == nil ? inside : inside + 1))
        if let word, let end = closing("%}", at: skipSpace(word)) {
          try add(text: source[begin..<cut(begin..<index, sign: sign, strips: true)])
          return advance(to: end)
        }
      }
      index += 1
    }
    throw fail("{% raw %} does not end")
  }

  /// The end of what closes here: `+` keeps what follows, `-` takes its white space, and neither takes a line end.
  func closing(_ mark: String, at index: Int) -> Int? {
    if let end = skip("-" + mark, from: index) { return skipSpace(end) }
    if mark != "}}", let end = skip("+" + mark, from: index) { return end }
    guard let end = skip(mark, from: index) else { return nil }
    return mark != "}}" && end < source.count && source[end] == "\n" ? end + 1 : end
  }

  private func closing(_ mark: String, from start: Int) -> Int? {
    var index = start
    while index < source.count {
      if let end = closing(mark, at: index) { return end }
      index += 1
    }
    return nil
  }

  // MARK: Steps

  private mutating func add(text: ArraySlice<Unicode.Scalar>) throws(GriffinError) {
    guard !text.isEmpty else { return }
    try add(.text(String(String.UnicodeScalarView(text))))
  }

  mutating func add(_ kind: Token.Kind, at place: Place? = nil) throws(GriffinError) {
    guard tokens.count < limits.tokens else { throw fail(.unsafe, "the template has more than \(limits.tokens) parts") }
    tokens.append(Token(kind: kind, place: place ?? self.place))
  }

  mutating func advance(to end: Int) {
    for scalar in source[position..<end] {
      if scalar == "\n" { place = Place(line: place.line + 1, column: 1) } else { place.column += 1 }
    }
    position = end
  }

  func skipSpace(_ start: Int) -> Int {
    var index = start
    while index < source.count, source[index].isPythonSpace { index += 1 }
    return index
  }

  /// The index after `text`, if it stands there.
  func skip(_ text: String, from start: Int) -> Int? {
    var index = start
    for scalar in text.unicodeScalars {
      guard index < source.count, source[index] == scalar else { return nil }
      index += 1
    }
    return index
  }

  func fail(_ message: String, at place: Place? = nil) -> GriffinError { fail(.malformed, message, at: place) }

  func fail(_ kind: GriffinError.Kind, _ message: String, at place: Place? = nil) -> GriffinError {
    GriffinError(kind, "\(place ?? self.place): \(message)")
  }
}
