/// A strict pull parser for JSON from outside: events in document order, in bounded memory.
///
/// Refused, beyond what RFC 8259 refuses: duplicate keys of one object (compared byte by byte after
/// unescaping), lone surrogates, a byte order mark, numbers that no finite `Double` approximates,
/// and whatever exceeds `JSONLimits`. Nothing but the keys of the objects that are open is kept, at
/// 8 to 16 bytes a key.
///
/// `next` and its kin make a `String` of every text. Large lists are read by `nextToken`, which lends
/// the bytes of a text where they stand: hundreds of megabytes a second.
///
/// ```swift
/// var reader = JSONReader(file.bytes, limits: .config, file: file.path)
/// try reader.beginObject("the configuration")
/// while let key = try reader.nextKey() {
///   if key == "hidden_size" { hiddenSize = try reader.readInteger(key) } else { try reader.skipValue() }
/// }
/// try reader.finish()
/// ```
///
/// - Source: RFC 8259.
public struct JSONReader: ~Copyable, ~Escapable {
  /// One step through a document.
  public enum Event: Sendable, Hashable {
    case beginObject, endObject, beginArray, endArray
    /// The name of the member whose value comes next.
    case key(String)
    case string(String)
    /// A number without fraction or exponent that fits an `Int`.
    case integer(Int)
    /// Any other number.
    case number(Double)
    case bool(Bool)
    case null
    /// The document is over, and nothing but white space followed it.
    case endOfDocument
  }

  /// One step through a document, without the text of a key or a string, which `text` lends.
  public enum Token: Sendable, Hashable {
    case beginObject, endObject, beginArray, endArray, key, string
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case null
    case endOfDocument
  }

  enum Expectation {
    case value, firstElement, firstKey, commaOrEnd, nothing
  }

  struct Container {
    var isObject: Bool
    var keys = JSONKeySet()
  }

  let bytes: RawSpan
  let limits: JSONLimits
  let file: String?
  let baseOffset: Int
  var position = 0
  var expectation = Expectation.value
  /// Open containers are `containers[..<depth]`; the rest are kept for their storage.
  var containers: [Container] = []
  var depth = 0
  var valueCount = 0
  var eventPosition = 0
  /// Where the last key or string stands between its quotes, if it stands there as it is.
  var plainText: Range<Int>? = 0..<0
  /// Whether keys are remembered, so that one that is there twice is refused. Who keeps them all anyway may look for that alone, and read the
  /// document again with this set where there is one, which is then refused by its place.
  public var refusesDuplicateKeys = true
  /// The last text that held escapes, without them.
  var unescapedText: [UInt8] = []
  /// Over the bytes of a key and not over their canonical form, which can be the same for many different keys.
  private static let keyHash = ByteHash()

  /// - Parameters:
  ///   - bytes: The document and nothing else.
  ///   - limits: What it may cost.
  ///   - file: Named in errors.
  ///   - baseOffset: Where `bytes` starts in the file; added to every offset.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, limits: JSONLimits, file: String? = nil, baseOffset: Int = 0) {
    (self.bytes, self.limits, self.file, self.baseOffset) = (bytes, limits, file, baseOffset)
  }

  /// The offset in the file of the first byte of the last event.
  public var offset: Int { baseOffset + eventPosition }

  /// The UTF-8 of the last key or string, without its escapes; lent until the next step.
  public var text: RawSpan {
    @_lifetime(borrow self)
    get {
      // Sound: the document outlives the reader, and the reader's own buffer is borrowed with it.
      guard let plainText else { return unsafe _overrideLifetime(unescapedText.rawBytes, borrowing: self) }
      return unsafe _overrideLifetime(bytes.extracting(plainText), borrowing: self)
    }
  }

  /// Where in the document the last key or string stands between its quotes; nil for one that is written with escapes.
  public var textRange: Range<Int>? { plainText }

  /// Reads the next event; after the document `.endOfDocument`, however often it is asked for.
  /// - Throws: `malformed` where the bytes are not JSON, `unsafe` where they exceed a limit.
  public mutating func next() throws(GriffinError) -> Event { event(of: try nextToken()) }

  /// Reads the next token; after the document `.endOfDocument`, however often it is asked for.
  /// - Throws: `malformed` where the bytes are not JSON, `unsafe` where they exceed a limit.
  public mutating func nextToken() throws(GriffinError) -> Token {
    if position == 0 && bytes.byteCount > limits.bytes {
      throw failure(.unsafe, "expected at most \(limits.bytes) bytes of JSON, found \(bytes.byteCount)", at: 0)
    }
    let byte = nextSignificantByte()
    eventPosition = position
    switch expectation {
    case .value:
      return try readValueEvent(byte)
    case .firstElement:
      return byte == UInt8(ascii: "]") ? close() : try readValueEvent(byte)
    case .firstKey:
      return byte == UInt8(ascii: "}") ? close() : try readKeyEvent(byte)
    case .commaOrEnd:
      let isObject = containers[depth - 1].isObject
      if byte == UInt8(ascii: isObject ? "}" : "]") { return close() }
      guard byte == UInt8(ascii: ",") else {
        throw unexpected(byte, expected: isObject ? "',' or '}' after a member" : "',' or ']' after an element")
      }
      position += 1
      let following = nextSignificantByte()
      eventPosition = position
      return isObject ? try readKeyEvent(following) : try readValueEvent(following)
    case .nothing:
      guard byte == nil else { throw unexpected(byte, expected: "nothing after the end of the JSON document") }
      return .endOfDocument
    }
  }

  /// Skips white space; nil at the end of the bytes.
  mutating func nextSignificantByte() -> UInt8? {
    while position < bytes.byteCount {
      let byte = bytes[position]
      switch byte {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return byte
      }
    }
    return nil
  }

  private mutating func readValueEvent(_ byte: UInt8?) throws(GriffinError) -> Token {
    try count()
    let token: Token
    switch byte {
    case UInt8(ascii: "{"): return try open(isObject: true)
    case UInt8(ascii: "["): return try open(isObject: false)
    case UInt8(ascii: "\""): 
      try readStringLiteral()
      token = .string
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): token = try readNumberLiteral()
    case UInt8(ascii: "t"): token = try readWord("true", .bool(true))
    case UInt8(ascii: "f"): token = try readWord("false", .bool(false))
    case UInt8(ascii: "n"): token = try readWord("null", .null)
    default: throw unexpected(byte, expected: "a JSON value")
    }
    expectation = depth == 0 ? .nothing : .commaOrEnd
    return token
  }

  private mutating func readKeyEvent(_ byte: UInt8?) throws(GriffinError) -> Token {
    guard byte == UInt8(ascii: "\"") else { throw unexpected(byte, expected: "a quoted key") }
    try count()
    let start = position
    try readStringLiteral()
    if refusesDuplicateKeys { try recordKey(at: start) }
    guard nextSignificantByte() == UInt8(ascii: ":") else {
      throw unexpected(position < bytes.byteCount ? bytes[position] : nil, expected: "':' after a key")
    }
    position += 1
    expectation = .value
    return .key
  }

  /// Remembers the key of the innermost object that was read last.
  private mutating func recordKey(at start: Int) throws(GriffinError) {
    let hash = UInt32(truncatingIfNeeded: JSONReader.keyHash(text, 0..<text.byteCount))
    var probe = containers[depth - 1].keys.probe(hash)
    while let earlier = containers[depth - 1].keys.nextCandidate(&probe) {
      // The set holds hashes and offsets only, so the earlier key is read again to be sure.
      let (resume, key) = (position, text.copied)
      position = earlier
      try readStringLiteral()
      let isSame = text.equals(key.rawBytes)
      position = start
      try readStringLiteral()
      position = resume
      if isSame {
        throw failure(
          .malformed, "duplicate key \"\(textString.shortened())\"; the first is at byte \(baseOffset + earlier)", at: start)
      }
    }
    containers[depth - 1].keys.insert(hash, offset: start)
  }

  private mutating func open(isObject: Bool) throws(GriffinError) -> Token {
    guard depth < limits.depth else {
      throw failure(.unsafe, "objects and arrays are nested deeper than \(limits.depth)", at: position)
    }
    if depth == containers.count { containers.append(Container(isObject: isObject)) }
    containers[depth].isObject = isObject
    containers[depth].keys.removeAll()
    depth += 1
    position += 1
    expectation = isObject ? .firstKey : .firstElement
    return isObject ? .beginObject : .beginArray
  }

  private mutating func close() -> Token {
    depth -= 1
    position += 1
    expectation = depth == 0 ? .nothing : .commaOrEnd
    return containers[depth].isObject ? .endObject : .endArray
  }

  private mutating func count() throws(GriffinError) {
    valueCount += 1
    guard valueCount <= limits.values else {
      throw failure(.unsafe, "more than \(limits.values) values in one JSON document", at: position)
    }
  }

  /// The last key or string as a `String`.
  var textString: String { text.utf8Text ?? "" }

  func event(of token: Token) -> Event {
    switch token {
    case .beginObject: .beginObject
    case .endObject: .endObject
    case .beginArray: .beginArray
    case .endArray: .endArray
    case .key: .key(textString)
    case .string: .string(textString)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .bool(let value): .bool(value)
    case .null: .null
    case .endOfDocument: .endOfDocument
    }
  }

  func failure(_ kind: GriffinError.Kind, _ message: String, at position: Int) -> GriffinError {
    GriffinError(kind, file: file, offset: baseOffset + position, message)
  }

  /// What was found at `position` is not what JSON has there.
  func unexpected(_ byte: UInt8?, expected: String) -> GriffinError {
    if let error = position <= 1 ? foreignEncoding() : bareNumber() { return error }
    let found =
      switch byte {
      case nil: "the end of the text"
      case .some(0x21...0x7E): "'\(Character(UnicodeScalar(byte ?? 0)))'"
      case .some(let byte): "byte \(byte)"
      }
    return failure(.malformed, "expected \(expected), found \(found)", at: position)
  }
}
