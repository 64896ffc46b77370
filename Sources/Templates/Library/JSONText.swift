import ByteStorage

/// `tojson` as transformers gives it to templates: Python's `json.dumps`, nothing escaped for HTML.
struct JSONText {
  let renderer: Renderer
  var indent: String?
  var separators: (item: String, key: String)
  var escapesUnicode = false
  var sortsKeys = false

  func text(of value: Value) throws(GriffinError) -> String {
    var text = ""
    try write(value, depth: 0, to: &text)
    return text
  }

  private func write(_ value: Value, depth: Int, to text: inout String) throws(GriffinError) {
    try renderer.charge()
    switch value {
    case .none: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .float(let value): text += number(value)
    case .string(let content), .markup(let content): try write(content, to: &text)
    case .list(let elements), .tuple(let elements):
      guard elements.count > 0 else {
        text += "[]"
        return
      }
      text += "["
      for (index, element) in elements.values.enumerated() {
        try separate(index, depth: depth + 1, to: &text)
        try write(element, depth: depth + 1, to: &text)
      }
      try close("]", depth: depth, to: &text)
    case .dictionary(let dictionary):
      guard dictionary.count > 0 else {
        text += "{}"
        return
      }
      text += "{"
      for (index, (name, value)) in try members(dictionary).enumerated() {
        try separate(index, depth: depth + 1, to: &text)
        try write(key(name), to: &text)
        text += separators.key
        try write(value, depth: depth + 1, to: &text)
      }
      try close("}", depth: depth, to: &text)
    case .undefined(let undefined) where undefined.isUnsafe: throw renderer.failure(of: undefined)
    default: throw renderer.fail("Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private func members(_ dictionary: Value.Dictionary) throws(GriffinError) -> [(Value, Value)] {
    let members = Array(zip(dictionary.keys, dictionary.values))
    guard sortsKeys else { return members }
    return try renderer.sorted(members.map(\.0), reversed: false).map { members[$0] }
  }

  private func key(_ name: Value) throws(GriffinError) -> String {
    switch name {
    case .string(let text), .markup(let text): return text
    case .none: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .float(let value): return number(value)
    default: throw renderer.fail("keys must be str, int, float, bool or None, not \(name.typeName)")
    }
  }

  private func number(_ value: Double) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : PythonText.of(value)
  }

  // MARK: Lines

  private func separate(_ index: Int, depth: Int, to text: inout String) throws(GriffinError) {
    if index > 0 { text += separators.item }
    try breakLine(depth, to: &text)
  }

  private func close(_ bracket: String, depth: Int, to text: inout String) throws(GriffinError) {
    try breakLine(depth, to: &text)
    text += bracket
  }

  private func breakLine(_ depth: Int, to text: inout String) throws(GriffinError) {
    guard let indent else { return }
    try renderer.charge(bytes: indent.utf8.count, times: depth)
    text += "\n"
    for _ in 0..<depth { text += indent }
  }

  private func write(_ content: String, to text: inout String) throws(GriffinError) {
    try renderer.charge(bytes: content.utf8.count)
    text.appendJSON(content, isASCII: escapesUnicode)
  }
}
