/// Reading what is expected, for callers who know their document.
extension JSONReader {
  /// Reads `{`.
  /// - Parameter what: What the object is, for the error where something else is there.
  public mutating func beginObject(_ what: String) throws(GriffinError) {
    let token = try nextToken()
    guard token == .beginObject else { throw mismatch(what, expected: "an object", found: token) }
  }

  /// Reads `[`.
  public mutating func beginArray(_ what: String) throws(GriffinError) {
    let token = try nextToken()
    guard token == .beginArray else { throw mismatch(what, expected: "an array", found: token) }
  }

  /// Reads the next key of the innermost object, or its `}`, which gives nil.
  public mutating func nextKey() throws(GriffinError) -> String? {
    try goesOnWithKey() ? textString : nil
  }

  /// Reads the next key of the innermost object, which `text` then lends, or its `}`.
  /// - Returns: Whether there was a key.
  public mutating func goesOnWithKey() throws(GriffinError) -> Bool {
    switch try nextToken() {
    case .key: return true
    case .endObject: return false
    default: preconditionFailure("a key where no object is open or a value is due")
    }
  }

  /// Whether the innermost array goes on; where it does not, its `]` is read.
  public mutating func hasNextElement() throws(GriffinError) -> Bool {
    precondition(depth > 0 && !containers[depth - 1].isObject, "hasNextElement() where no array is open")
    let byte = nextSignificantByte()
    if byte == UInt8(ascii: "]"), expectation != .value {
      _ = try nextToken()
      return false
    }
    if expectation == .commaOrEnd {
      guard byte == UInt8(ascii: ",") else { throw unexpected(byte, expected: "',' or ']' after an element") }
      position += 1
    }
    expectation = .value
    return true
  }

  public mutating func readString(_ what: String) throws(GriffinError) -> String {
    let event = try next()
    guard case .string(let text) = event else { throw mismatch(what, expected: "a string", found: event) }
    return text
  }

  public mutating func readInteger(_ what: String) throws(GriffinError) -> Int {
    let token = try nextToken()
    guard case .integer(let value) = token else { throw mismatch(what, expected: "an integer", found: token) }
    return value
  }

  /// Reads a number, integer or not.
  public mutating func readNumber(_ what: String) throws(GriffinError) -> Double {
    let event = try next()
    switch event {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    default: throw mismatch(what, expected: "a number", found: event)
    }
  }

  public mutating func readBool(_ what: String) throws(GriffinError) -> Bool {
    let event = try next()
    guard case .bool(let value) = event else { throw mismatch(what, expected: "true or false", found: event) }
    return value
  }

  /// Reads past one value, however deep, with every check.
  public mutating func skipValue() throws(GriffinError) {
    let outer = depth
    repeat { _ = try nextToken() } while depth > outer
  }

  /// Reads one value as a tree. For small values of large documents.
  public mutating func readValue() throws(GriffinError) -> JSONValue {
    try tree(from: next())
  }

  /// Reads the end of the document.
  public mutating func finish() throws(GriffinError) {
    guard try nextToken() == .endOfDocument else { preconditionFailure("finish() inside the document") }
  }

  private mutating func tree(from event: Event) throws(GriffinError) -> JSONValue {
    switch event {
    case .string(let text): return .string(text)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .bool(let value): return .bool(value)
    case .null: return .null
    case .beginArray:
      var elements: [JSONValue] = []
      while true {
        let element = try next()
        if element == .endArray { return .array(elements) }
        elements.append(try tree(from: element))
      }
    case .beginObject:
      var members: [JSONObject.Member] = []
      while let key = try nextKey() {
        members.append(JSONObject.Member(key: key, value: try tree(from: next())))
      }
      return .object(JSONObject(distinct: members))
    case .endObject, .endArray, .key, .endOfDocument: preconditionFailure("no value is due here")
    }
  }

  /// A well-formed value of the wrong kind, at the last token.
  public func mismatch(_ what: String, expected: String, found token: Token) -> GriffinError {
    mismatch(what, expected: expected, found: event(of: token))
  }

  /// A well-formed value of the wrong kind, at the last event.
  public func mismatch(_ what: String, expected: String, found event: Event) -> GriffinError {
    let found =
      switch event {
      case .beginObject, .endObject: "an object"
      case .beginArray, .endArray: "an array"
      case .key(let key): "the key \"\(key.shortened())\""
      case .string(let text): "the string \"\(text.shortened(to: 60))\""
      case .integer(let value): "\(value)"
      case .number(let value): "\(value)"
      case .bool(let value): "\(value)"
      case .null: "null"
      case .endOfDocument: "the end of the document"
      }
    return failure(.malformed, "\(what.shortened()): expected \(expected), found \(found)", at: eventPosition)
  }
}
