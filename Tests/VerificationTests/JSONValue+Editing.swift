import ByteStorage

extension JSONValue {
  /// A step into a document.
  enum Step: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case member(String)
    case element(Int)

    init(stringLiteral value: String) { self = .member(value) }
    init(integerLiteral value: Int) { self = .element(value) }
  }

  /// The document with the value at `path` replaced, or taken away.
  func setting(_ path: [Step], to value: JSONValue?) -> JSONValue {
    guard let step = path.first else { return value ?? .null }
    let rest = Array(path.dropFirst())
    switch (step, self) {
    case (.member(let key), .object(var object)):
      object[key] = rest.isEmpty ? value : (object[key] ?? .null).setting(rest, to: value)
      return .object(object)
    case (.element(let index), .array(var array)):
      array[index] = array[index].setting(rest, to: value)
      return .array(array)
    default:
      preconditionFailure("\(step) leads nowhere")
    }
  }
}
