import ByteStorage

/// Values as text: Python's `str` and `repr`.
extension Renderer {
  func string(of value: Value) throws(GriffinError) -> String {
    switch value {
    case .undefined(let undefined):
      if undefined.isUnsafe { throw failure(of: undefined) }
      return ""
    case .string(let text), .markup(let text): return text
    default:
      var text = ""
      try represent(value, into: &text)
      return text
    }
  }

  func representation(of value: Value) throws(GriffinError) -> String {
    var text = ""
    try represent(value, into: &text)
    return text
  }

  private func represent(_ value: Value, into text: inout String) throws(GriffinError) {
    try charge()
    switch value {
    case .undefined: text += "Undefined"
    case .none: text += "None"
    case .bool(let value): text += value ? "True" : "False"
    case .integer(let value): text += String(value)
    case .float(let value): text += PythonText.of(value)
    case .string(let content):
      try charge(bytes: content.utf8.count)
      text += PythonText.quoted(content)
    case .markup(let content):
      try charge(bytes: content.utf8.count)
      text += "Markup(" + PythonText.quoted(content) + ")"
    case .list(let elements): try represent(elements.values, "[", "]", into: &text)
    case .tuple(let elements): try represent(elements.values, "(", elements.count == 1 ? ",)" : ")", into: &text)
    case .dictionary(let dictionary): try represent(dictionary, into: &text)
    case .view(let kind, let elements): try represent(elements.values, "dict_\(kind.rawValue)([", "])", into: &text)
    case .range(let range):
      text += "range(\(range.start), \(range.stop)\(range.step == 1 ? "" : ", \(range.step)"))"
    case .macro(let id): text += "<Macro \(PythonText.quoted(macros[id].definition.name))>"
    case .loop(let id): text += "<LoopContext \(loops[id].index + 1)/\(try count(id))>"
    case .namespace(let id):
      text += "<Namespace "
      try nested { () throws(GriffinError) in try represent(namespaces[id], into: &text) }
      text += ">"
    case .iterator, .cycler, .joiner, .function, .method: throw fail(.unsupported, "a \(value.typeName) as text")
    }
  }

  private func represent(_ values: [Value], _ open: String, _ close: String, into text: inout String) throws(GriffinError) {
    text += open
    for (index, value) in values.enumerated() {
      if index > 0 { text += ", " }
      try represent(value, into: &text)
    }
    text += close
  }

  private func represent(_ dictionary: Value.Dictionary, into text: inout String) throws(GriffinError) {
    text += "{"
    for (index, (name, value)) in zip(dictionary.keys, dictionary.values).enumerated() {
      if index > 0 { text += ", " }
      try represent(name, into: &text)
      text += ": "
      try represent(value, into: &text)
    }
    text += "}"
  }

  // MARK: Arguments

  /// An argument that has to be text.
  func text(of value: Value?, in function: String) throws(GriffinError) -> String {
    if case .undefined(let undefined) = value { throw failure(of: undefined) }
    guard let text = value?.text else { throw fail("\(function) takes text, not \(value?.typeName ?? "nothing")") }
    return text
  }

  func integer(of value: Value?, in function: String) throws(GriffinError) -> Int {
    if case .undefined(let undefined) = value { throw failure(of: undefined) }
    guard let integer = value?.integer else { throw fail("\(function) takes an integer, not \(value?.typeName ?? "nothing")") }
    return integer
  }

  /// Where `part` is first found, as an offset in bytes; in time in proportion to both.
  func find(_ part: String, in text: String, from start: Int = 0) throws(GriffinError) -> Int? {
    try charge(bytes: text.utf8.count - start + part.utf8.count)
    return BytePattern(part).first(in: Array(text.utf8), from: start)
  }
}
