import ByteStorage

/// What a template computes with: Python's values, as far as text needs them.
///
/// Everything that can change or hold itself lies in the renderer's tables, and a value only names it; so no value is part of
/// itself, and copies cost nothing.
indirect enum Value: Sendable {
  case undefined(Undefined)
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case string(String)
  /// Text that `safe` or `escape` marked: what is added to it is escaped.
  case markup(String)
  case list(Elements)
  case tuple(Elements)
  case dictionary(Dictionary)
  /// What `keys`, `values` and `items` give.
  case view(View, Elements)
  case range(Range)
  /// A Python iterator: elements that are gone once they were looked at.
  case iterator(Int)
  case namespace(Int)
  case macro(Int)
  case loop(Int)
  case cycler(Int)
  case joiner(Int)
  case function(Function)
  case method(Value, String)

  /// What is not there, and why: it prints as nothing, and using it is an error.
  struct Undefined: Sendable {
    var message: String
    /// An attribute that is refused whatever is done with it.
    var isUnsafe = false
  }

  enum View: String, Sendable { case keys, values, items }

  /// The functions that every template has.
  enum Function: String, Sendable, CaseIterable {
    case range, dict, namespace, joiner, cycler
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
  }

  /// Values in a row, with their depth.
  struct Elements: Sendable {
    let values: [Value]
    let depth: Int

    init(_ values: [Value]) {
      self.values = values
      depth = 1 + values.reduce(0) { max($0, $1.depth) }
    }

    var count: Int { values.count }
  }

  struct Range: Sendable {
    var start: Int
    /// As it was given, which need not be a step's multiple away.
    var stop: Int
    var step: Int
    var count: Int

    subscript(index: Int) -> Int { start + index * step }
  }
}

extension Value {
  static func list(of values: [Value]) -> Value { .list(Elements(values)) }
  static func tuple(of values: [Value]) -> Value { .tuple(Elements(values)) }

  /// Values inside of each other.
  var depth: Int {
    switch self {
    case .list(let elements), .tuple(let elements), .view(_, let elements): elements.depth
    case .dictionary(let dictionary): dictionary.depth
    case .method(let value, _): value.depth + 1
    default: 0
    }
  }

  /// The text of a string, marked or not.
  var text: String? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }
  var isNone: Bool { if case .none = self { true } else { false } }

  /// The number that a boolean or an integer is.
  var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    default: nil
    }
  }

  var double: Double? {
    if case .float(let value) = self { return value }
    return integer.map(Double.init)
  }

  /// Python's truth of a value.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .list(let elements), .tuple(let elements), .view(_, let elements): elements.count > 0
    case .dictionary(let dictionary): dictionary.count > 0
    case .range(let range): range.count > 0
    default: true
    }
  }

  /// Python's name of the type.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "NoneType"
    case .bool: "bool"
    case .integer: "int"
    case .float: "float"
    case .string: "str"
    case .markup: "Markup"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .view(let kind, _): "dict_\(kind.rawValue)"
    case .range: "range"
    case .iterator: "generator"
    case .namespace: "Namespace"
    case .macro: "Macro"
    case .loop: "LoopContext"
    case .cycler: "Cycler"
    case .joiner: "Joiner"
    case .function, .method: "function"
    }
  }

  /// How messages about attributes name a value.
  var objectName: String {
    switch self {
    case .none: "None"
    case .namespace, .joiner, .cycler: "jinja2.utils.\(typeName) object"
    case .macro, .loop: "jinja2.runtime.\(typeName) object"
    case .markup: "markupsafe.Markup object"
    default: "\(typeName) object"
    }
  }
}

extension Value {
  /// A document from outside.
  init(_ document: JSONValue) {
    switch document {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .float(value)
    case .string(let text): self = .string(text)
    case .array(let elements): self = .list(of: elements.map { Value($0) })
    case .object(let object):
      var dictionary = Dictionary()
      for member in object.members { dictionary.set(member.key, to: Value(member.value)) }
      self = .dictionary(dictionary)
    }
  }
}
