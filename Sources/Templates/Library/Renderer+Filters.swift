import ByteStorage

/// Filters: those of Jinja that text needs.
extension Renderer {
  func filter(_ name: String, _ value: Value, _ given: GivenArguments, at place: Place) throws(GriffinError) -> Value {
    try charge()
    self.place = place
    if let result = try textFilter(name, value, given) { return result }
    if let result = try listFilter(name, value, given) { return result }
    if let result = try numberFilter(name, value, given) { return result }
    if let result = try mappingFilter(name, value, given) { return result }
    throw unknown("the filter \(name.shortened)")
  }

  /// Filters of any value, and of text; nil for another's name.
  private func textFilter(_ name: String, _ value: Value, _ given: GivenArguments) throws(GriffinError) -> Value? {
    switch name {
    case "default", "d":
      let arguments = try bind(given, "default_value", "boolean", to: name)
      return value.isUndefined || (arguments[1]?.isTrue ?? false && !value.isTrue) ? arguments[0] ?? .string("") : value
    case "string":
      if case .markup = value { return value }
      return .string(try string(of: value))
    case "safe": return .markup(try string(of: value))
    case "escape", "e", "forceescape":
      if case .markup = value, name != "forceescape" { return value }
      let text = try string(of: value)
      try charge(bytes: 6 * text.utf8.count)
      return .markup(PythonText.escapedForHTML(text))
    case "trim":
      return try mapText(value) { (text) throws(GriffinError) in
        try stripped(text, of: bind(given, "chars", to: name)[0], left: true, right: true)
      }
    case "upper": return try mapText(value, LetterCase.upper)
    case "lower": return try mapText(value, LetterCase.lower)
    case "capitalize": return try mapText(value, LetterCase.capitalized)
    case "title": return try mapText(value, titled)
    case "replace":
      let arguments = try bind(given, "old", "new", "count", to: name, required: 2)
      let limit =
        try arguments[2].flatMap { $0.isNone ? nil : $0 }.map { (value) throws(GriffinError) in try integer(of: value, in: name) }
        ?? -1
      return .string(
        try replaced(
          string(of: value), string(of: arguments[0] ?? .none), with: string(of: arguments[1] ?? .none),
          limit: limit < 0 ? .max : limit))
    case "indent": return .string(try indented(value, given))
    case "format":
      guard given.keywords.isEmpty || given.positional.isEmpty else {
        throw fail("can't handle positional and keyword arguments at the same time")
      }
      var dictionary = Value.Dictionary()
      for (name, value) in given.keywords { dictionary.set(name, to: value) }
      let format = try value.text == nil ? .string(string(of: value)) : value
      return try formatted(format, by: given.keywords.isEmpty ? tuple(given.positional) : .dictionary(dictionary))
    case "wordcount":
      let text = try string(of: value)
      try charge(bytes: text.utf8.count)
      var (count, isInside) = (0, false)
      for scalar in text.unicodeScalars {
        if scalar.isWordPart, !isInside { count += 1 }
        isInside = scalar.isWordPart
      }
      return .integer(count)
    case "center":
      let width = try bind(given, "width", to: name)[0] ?? .integer(80)
      return try callMethod("center", ofText: string(of: value), GivenArguments(positional: [width]))
    case "tojson": return .string(try json(value, given))
    default: return nil
    }
  }

  /// Text with something done to it, marked if it was.
  private func mapText(_ value: Value, _ change: (String) throws(GriffinError) -> String) throws(GriffinError) -> Value {
    let text = try string(of: value)
    try charge(bytes: text.utf8.count)
    let result = try change(text)
    if case .markup = value { return .markup(result) }
    return .string(result)
  }

  /// Every part between brackets, dashes and white space with a capital.
  private func titled(_ text: String) -> String {
    var (result, isStart) = ("", true)
    let scalars = Array(text.unicodeScalars)
    var start = 0
    func isBreak(_ scalar: Unicode.Scalar) -> Bool { scalar.isPythonSpace || ["-", "(", "{", "[", "<"].contains(scalar) }
    for (index, scalar) in scalars.enumerated() {
      if isBreak(scalar) {
        if !isStart { result += LetterCase.lower(Array(scalars[start..<index]), from: 1) }
        isStart = true
        result.unicodeScalars.append(scalar)
      } else if isStart {
        result += scalar.properties.uppercaseMapping
        (isStart, start) = (false, index)
      }
    }
    if !isStart { result += LetterCase.lower(Array(scalars[start...]), from: 1) }
    return result
  }

  private func indented(_ value: Value, _ given: GivenArguments) throws(GriffinError) -> String {
    let arguments = try bind(given, "width", "first", "blank", to: "indent")
    let text = try self.text(of: value, in: "indent")
    try charge(bytes: text.utf8.count)
    var indent = arguments[0]?.text
    if indent == nil {
      let width = try arguments[0].map { (value) throws(GriffinError) in try integer(of: value, in: "indent") } ?? 4
      try charge(bytes: max(width, 0))
      indent = String(repeating: " ", count: max(width, 0))
    }
    let (first, blank) = (arguments[1]?.isTrue ?? false, arguments[2]?.isTrue ?? false)
    var result = ""
    for (index, line) in lines(of: text + "\n").enumerated() {
      try charge(bytes: line.utf8.count + (indent ?? "").utf8.count)
      if index > 0 { result += "\n" }
      if index == 0 ? first : (blank || !line.isEmpty) { result += indent ?? "" }
      result += line
    }
    return result
  }

  private func json(_ value: Value, _ given: GivenArguments) throws(GriffinError) -> String {
    let arguments = try bind(given, "ensure_ascii", "indent", "separators", "sort_keys", to: "tojson")
    var indent: String?
    if let given = arguments[1], !given.isNone {
      indent = given.text
      if indent == nil {
        let width = max(0, try integer(of: given, in: "tojson"))
        try charge(bytes: width)
        indent = String(repeating: " ", count: width)
      }
    }
    var separators = (indent == nil ? ", " : ",", ": ")
    if let given = arguments[2], !given.isNone {
      let parts = try elements(of: given)
      guard parts.count == 2 else { throw fail("tojson takes two separators") }
      separators = (try text(of: parts[0], in: "tojson"), try text(of: parts[1], in: "tojson"))
      try charge(bytes: separators.0.utf8.count + separators.1.utf8.count)
    }
    let writer = JSONText(
      renderer: self, indent: indent, separators: separators, escapesUnicode: arguments[0]?.isTrue ?? false,
      sortsKeys: arguments[3]?.isTrue ?? false)
    return try writer.text(of: value)
  }
}
