/// A JSON document as a tree, for documents small enough to hold.
///
/// Reads as strictly as `JSONReader`; writes the same bytes for the same tree, always.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number with a fraction or an exponent, or one beyond `Int`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// Reads one document.
  /// - Parameter file: Named in errors.
  /// - Throws: `malformed` where the bytes are not JSON, `unsafe` where they exceed a limit.
  public static func parse(
    _ bytes: RawSpan, limits: JSONLimits, file: String? = nil
  ) throws(GriffinError) -> JSONValue {
    var reader = JSONReader(bytes, limits: limits, file: file)
    let value = try reader.readValue()
    try reader.finish()
    return value
  }
}

extension JSONValue {
  public var isNull: Bool { self == .null }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The value of an integer; also of a number such as `1e3` or `2.0` that is one exactly.
  public var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }
  /// The value of a number of either kind.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// A member's value; nil where there is none, or where this is no object.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// What kind of value this is, for messages: `an object`, `a string`.
  public var kindDescription: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue {
  /// A number, or null.
  package static func optional(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Member(key: $0, value: $1) }))
  }
}
