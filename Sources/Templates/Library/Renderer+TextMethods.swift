import ByteStorage

/// Methods of Python's strings.
extension Renderer {
  func callMethod(_ name: String, ofText text: String, _ given: GivenArguments) throws(GriffinError) -> Value {
    try charge(bytes: text.utf8.count)
    switch name {
    case "lower", "upper", "title", "capitalize", "swapcase", "isalnum", "isalpha", "isascii", "isdigit", "islower", "isspace",
      "isupper":
      guard given.isEmpty else { throw fail("\(name) takes no arguments") }
      return property(name, of: text)
    case "strip", "lstrip", "rstrip":
      let characters = try bind(given, "chars", to: name)[0]
      return .string(try stripped(text, of: characters, left: name != "rstrip", right: name != "lstrip"))
    case "split", "rsplit":
      let arguments = try bind(given, "sep", "maxsplit", to: name)
      let limit = try arguments[1].map { (value) throws(GriffinError) in try integer(of: value, in: name) } ?? -1
      return try list(parts(of: text, between: arguments[0] ?? .none, limit: limit < 0 ? .max : limit, fromEnd: name == "rsplit"))
    case "splitlines":
      return try list(lines(of: text, keepsEnds: bind(given, "keepends", to: name)[0]?.isTrue ?? false).map { .string($0) })
    case "partition", "rpartition":
      return try partition(
        text, at: self.text(of: bind(given, "sep", to: name, required: 1)[0], in: name), fromEnd: name == "rpartition")
    case "startswith", "endswith": return .bool(try text.isFramed(given, name, self))
    case "replace":
      let arguments = try bind(given, "old", "new", "count", to: name, required: 2)
      let limit = try arguments[2].map { (value) throws(GriffinError) in try integer(of: value, in: name) } ?? -1
      return .string(
        try replaced(
          text, self.text(of: arguments[0], in: name), with: self.text(of: arguments[1], in: name),
          limit: limit < 0 ? .max : limit))
    case "join":
      return .string(try joined(elements(of: bind(given, "iterable", to: name, required: 1)[0] ?? .none), by: text, strict: true))
    case "find", "rfind", "index", "rindex", "count": return try search(text, name, given)
    case "removeprefix", "removesuffix":
      let part = try self.text(of: bind(given, "affix", to: name, required: 1)[0], in: name)
      guard name == "removeprefix" ? text.startsExactly(with: part) : text.endsExactly(with: part) else { return .string(text) }
      let bytes = Array(text.utf8)
      let rest = name == "removeprefix" ? bytes.dropFirst(part.utf8.count) : bytes.dropLast(part.utf8.count)
      return .string(String(decoding: rest, as: UTF8.self))
    case "center", "ljust", "rjust", "zfill": return try padded(text, name, given)
    case "format": return .string(try BraceFormat(self, given).text(of: text))
    default: throw unknown("the method \(name) of a str")
    }
  }

  private func property(_ name: String, of text: String) -> Value {
    let scalars = text.unicodeScalars
    func all(_ holds: (Unicode.Scalar) -> Bool) -> Value { .bool(!scalars.isEmpty && scalars.allSatisfy(holds)) }
    switch name {
    case "lower": return .string(LetterCase.lower(text))
    case "upper": return .string(LetterCase.upper(text))
    case "title": return .string(LetterCase.titled(text))
    case "capitalize": return .string(LetterCase.capitalized(text))
    case "swapcase": return .string(LetterCase.swapped(text))
    case "isalnum": return all { $0.properties.isPythonAlphanumeric }
    case "isalpha": return all { $0.properties.isPythonAlphabetic }
    case "isascii": return .bool(scalars.allSatisfy(\.isASCII))
    case "isdigit": return all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
    case "islower": return .bool(LetterCase.isAll(text, upper: false))
    case "isupper": return .bool(LetterCase.isAll(text, upper: true))
    default: return all(\.isPythonSpace)
    }
  }

  // MARK: Parts

  /// - Parameter characters: Those to take away; nil or none for white space.
  func stripped(_ text: String, of characters: Value?, left: Bool, right: Bool) throws(GriffinError) -> String {
    try charge(bytes: text.utf8.count)
    var set: Set<Unicode.Scalar>?
    if let characters, !characters.isNone {
      let list = try self.text(of: characters, in: "strip")
      try charge(bytes: list.utf8.count)
      set = Set(list.unicodeScalars)
    }
    func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
    var scalars = text.unicodeScalars[...]
    if left { scalars = scalars.drop(while: goes) }
    if right { while let last = scalars.last, goes(last) { scalars.removeLast() } }
    return String(scalars)
  }

  func parts(of text: String, between separator: Value, limit: Int, fromEnd: Bool) throws(GriffinError) -> [Value] {
    try charge(bytes: text.utf8.count)
    let bytes = Array(text.utf8)
    guard !separator.isNone else { return words(of: text, limit: limit, fromEnd: fromEnd) }
    let separator = try self.text(of: separator, in: "split")
    guard !separator.isEmpty else { throw fail("empty separator") }
    try charge(bytes: separator.utf8.count)
    let pattern = BytePattern(separator)
    let places = fromEnd ? pattern.allFromEnd(in: bytes, limit: limit) : pattern.all(in: bytes, limit: limit)
    var (values, start): ([Value], Int) = ([], 0)
    for place in places + [bytes.count] {
      values.append(.string(String(decoding: bytes[start..<place], as: UTF8.self)))
      start = place + pattern.count
    }
    return values
  }

  private func words(of text: String, limit: Int, fromEnd: Bool) -> [Value] {
    var words: [String] = []
    var rest = text.unicodeScalars[...]
    while true {
      if fromEnd {
        while let last = rest.last, last.isPythonSpace { rest.removeLast() }
      } else {
        rest = rest.drop(while: \.isPythonSpace)
      }
      guard !rest.isEmpty else { break }
      guard words.count < limit else {
        words.append(String(rest))
        break
      }
      if fromEnd {
        let start = rest.lastIndex(where: \.isPythonSpace).map { rest.index(after: $0) } ?? rest.startIndex
        words.append(String(rest[start...]))
        rest = rest[..<start]
      } else {
        let end = rest.firstIndex(where: \.isPythonSpace) ?? rest.endIndex
        words.append(String(rest[..<end]))
        rest = rest[end...]
      }
    }
    return (fromEnd ? words.reversed() : words).map { .string($0) }
  }

  func lines(of text: String, keepsEnds: Bool = false) -> [String] {
    var (lines, line): ([String], String.UnicodeScalarView) = ([], String.UnicodeScalarView())
    var follows = false
    for scalar in text.unicodeScalars {
      if follows, scalar == "\n" {
        // The second half of a line end.
        if keepsEnds { lines[lines.count - 1] += "\n" }
        follows = false
        continue
      }
      follows = scalar == "\r"
      guard scalar.isLineEnd else {
        line.append(scalar)
        continue
      }
      if keepsEnds { line.append(scalar) }
      lines.append(String(line))
      line = String.UnicodeScalarView()
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  private func partition(_ text: String, at separator: String, fromEnd: Bool) throws(GriffinError) -> Value {
    guard !separator.isEmpty else { throw fail("empty separator") }
    let values = try parts(of: text, between: .string(separator), limit: 1, fromEnd: fromEnd)
    guard values.count == 2 else {
      return try tuple(fromEnd ? [.string(""), .string(""), .string(text)] : [.string(text), .string(""), .string("")])
    }
    return try tuple([values[0], .string(separator), values[1]])
  }

  // MARK: Making

  func replaced(_ text: String, _ old: String, with new: String, limit: Int) throws(GriffinError) -> String {
    try charge(bytes: text.utf8.count + old.utf8.count + new.utf8.count)
    guard !old.isEmpty else {
      // Python puts the new text before every character and at the end.
      var (result, count) = (String.UnicodeScalarView(), 0)
      try charge(bytes: new.utf8.count, times: min(limit, text.unicodeScalars.count + 1))
      for scalar in text.unicodeScalars {
        if count < limit { result.append(contentsOf: new.unicodeScalars) }
        count += 1
        result.append(scalar)
      }
      if count < limit { result.append(contentsOf: new.unicodeScalars) }
      return String(result)
    }
    let bytes = Array(text.utf8)
    let places = BytePattern(old).all(in: bytes, limit: limit)
    guard !places.isEmpty else { return text }
    try charge(bytes: new.utf8.count, times: places.count)
    var (result, start): ([UInt8], Int) = ([], 0)
    for place in places {
      result += bytes[start..<place]
      result += new.utf8
      start = place + old.utf8.count
    }
    result += bytes[start...]
    return String(decoding: result, as: UTF8.self)
  }

  /// - Parameter strict: Whether every value has to be text.
  func joined(_ values: [Value], by separator: String, strict: Bool) throws(GriffinError) -> String {
    var text = ""
    for (index, value) in values.enumerated() {
      let part = strict ? try self.text(of: value, in: "join") : try string(of: value)
      try charge(bytes: part.utf8.count + separator.utf8.count)
      if index > 0 { text += separator }
      text += part
    }
    return text
  }

  private func search(_ text: String, _ name: String, _ given: GivenArguments) throws(GriffinError) -> Value {
    let part = try self.text(of: bind(given, "sub", to: name, required: 1)[0], in: name)
    try charge(bytes: text.utf8.count + part.utf8.count)
    let bytes = Array(text.utf8)
    let pattern = BytePattern(part)
    if name == "count" {
      return .integer(part.isEmpty ? text.unicodeScalars.count + 1 : pattern.all(in: bytes).count)
    }
    let fromEnd = name.hasPrefix("r")
    let place =
      part.isEmpty
      ? (fromEnd ? bytes.count : 0) : fromEnd ? pattern.allFromEnd(in: bytes, limit: 1).first : pattern.first(in: bytes, from: 0)
    guard let place else {
      guard name.hasSuffix("find") else { throw fail("substring not found") }
      return .integer(-1)
    }
    return .integer(String(decoding: bytes[..<place], as: UTF8.self).unicodeScalars.count)
  }

  private func padded(_ text: String, _ name: String, _ given: GivenArguments) throws(GriffinError) -> Value {
    let arguments =
      try name == "zfill" ? bind(given, "width", to: name, required: 1) : bind(given, "width", "fillchar", to: name, required: 1)
    let width = try integer(of: arguments[0], in: name)
    let fill =
      try name == "zfill" ? "0" : arguments[1].map { (value) throws(GriffinError) in try self.text(of: value, in: name) } ?? " "
    guard fill.unicodeScalars.count == 1 else { throw fail("The fill character must be exactly one character long") }
    let missing = max(0, width.subtractingReportingOverflow(text.unicodeScalars.count).partialValue)
    guard width > 0, missing > 0 else { return .string(text) }
    try charge(bytes: fill.utf8.count, times: missing)
    func filled(_ count: Int) -> String { String(repeating: fill, count: count) }
    switch name {
    case "ljust": return .string(text + filled(missing))
    case "rjust": return .string(filled(missing) + text)
    case "zfill":
      let sign = text.unicodeScalars.first.map { $0 == "-" || $0 == "+" } ?? false
      return .string(
        sign
          ? String(text.unicodeScalars.prefix(1)) + filled(missing) + String(text.unicodeScalars.dropFirst())
          : filled(missing) + text)
    default:
      // Python puts the odd one to the left where the width is odd.
      let left = missing / 2 + (missing & width & 1)
      return .string(filled(left) + text + filled(missing - left))
    }
  }
}

extension String {
  func startsExactly(with other: String) -> Bool { utf8.starts(with: other.utf8) }

  func endsExactly(with other: String) -> Bool {
    utf8.count >= other.utf8.count && utf8.suffix(other.utf8.count).elementsEqual(other.utf8)
  }

  /// `startswith` and `endswith`, which take several texts too.
  fileprivate func isFramed(_ given: GivenArguments, _ name: String, _ renderer: Renderer) throws(GriffinError) -> Bool {
    let wanted = try renderer.bind(given, "prefix", to: name, required: 1)[0] ?? .none
    var all = [wanted]
    if case .tuple(let elements) = wanted { all = elements.values }
    for value in all {
      let part = try renderer.text(of: value, in: name)
      try renderer.charge(bytes: part.utf8.count)
      if name == "startswith" ? startsExactly(with: part) : endsExactly(with: part) { return true }
    }
    return false
  }
}
