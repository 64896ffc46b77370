import ByteStorage

/// Filters of lists.
extension Renderer {
  func listFilter(_ name: String, _ value: Value, _ given: GivenArguments) throws(GriffinError) -> Value? {
    switch name {
    case "length", "count": return .integer(try count(of: value))
    case "first":
      if case .iterator(let id) = value, let first = iterators[id].popFirst() { return first }
      return try elements(of: value).first ?? .undefined(Value.Undefined(message: "No first item, sequence was empty."))
    case "last":
      if case .iterator = value { throw fail("'generator' object is not reversible") }
      return try elements(of: value).last ?? .undefined(Value.Undefined(message: "No last item, sequence was empty."))
    case "list": return try list(elements(of: value))
    case "join":
      let arguments = try bind(given, "d", "attribute", to: name)
      var values = try elements(of: value)
      if let path = arguments[1], !path.isNone { values = try members(path, of: values) }
      return .string(try joined(values, by: string(of: arguments[0] ?? .string("")), strict: false))
    case "reverse":
      if let text = value.text {
        try charge(bytes: text.utf8.count)
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
      }
      return try iterator(elements(of: value).reversed())
    case "sort":
      let arguments = try bind(given, "reverse", "case_sensitive", "attribute", to: name)
      let values = try elements(of: value)
      let keys = try sortKeys(of: values, arguments[2], isExact: arguments[1]?.isTrue ?? false)
      return try list(sorted(keys, reversed: arguments[0]?.isTrue ?? false).map { values[$0] })
    case "unique":
      let arguments = try bind(given, "case_sensitive", "attribute", to: name)
      let values = try elements(of: value)
      let keys = try plainKeys(of: values, arguments[1], isExact: arguments[0]?.isTrue ?? false)
      var (seen, result): (Set<Value.Key>, [Value]) = ([], [])
      for (key, value) in zip(keys, values) where seen.insert(try self.key(of: key)).inserted { result.append(value) }
      return try iterator(result)
    case "min", "max":
      let arguments = try bind(given, "case_sensitive", "attribute", to: name)
      let values = try elements(of: value)
      let keys = try plainKeys(of: values, arguments[1], isExact: arguments[0]?.isTrue ?? false)
      guard !values.isEmpty else { return .undefined(Value.Undefined(message: "No aggregated item, sequence was empty.")) }
      var best = 0
      for index in values.indices.dropFirst()
      where try isBefore(keys[name == "min" ? index : best], keys[name == "min" ? best : index]) {
        best = index
      }
      return values[best]
    case "batch":
      let arguments = try bind(given, "linecount", "fill_with", to: name, required: 1)
      let size = try integer(of: arguments[0], in: name)
      guard size > 0 else { throw fail(.unsupported, "a batch without elements") }
      return try batches(elements(of: value), size, fill: arguments[1])
    case "slice":
      let arguments = try bind(given, "slices", "fill_with", to: name, required: 1)
      return try slices(elements(of: value), integer(of: arguments[0], in: name), fill: arguments[1])
    case "map", "select", "reject", "selectattr", "rejectattr": return try chosen(name, value, given)
    default: return nil
    }
  }

  private func batches(_ values: [Value], _ size: Int, fill: Value?) throws(GriffinError) -> Value {
    var batches: [Value] = []
    var start = 0
    while start < values.count {
      var batch = Array(values[start..<(start + min(size, values.count - start))])
      if let fill, !fill.isNone, batch.count < size {
        try charge(size - batch.count)
        batch += repeatElement(fill, count: size - batch.count)
      }
      batches.append(try list(batch))
      start += batch.count
    }
    return try iterator(batches)
  }

  private func slices(_ values: [Value], _ count: Int, fill: Value?) throws(GriffinError) -> Value {
    guard count != 0 else { throw fail("integer division or modulo by zero") }
    guard count > 0 else { return try iterator([]) }
    try charge(count)
    let (size, longer) = (values.count / count, values.count % count)
    var (slices, start): ([Value], Int) = ([], 0)
    for index in 0..<count {
      let end = start + size + (index < longer ? 1 : 0)
      var slice = Array(values[start..<end])
      if let fill, !fill.isNone, index >= longer { slice.append(fill) }
      slices.append(try list(slice))
      start = end
    }
    return try iterator(slices)
  }

  // MARK: Attributes

  /// `a.b.0` of a value, step by step.
  func member(_ path: Value, of value: Value, fallback: Value? = nil) throws(GriffinError) -> Value {
    var result = value
    let parts =
      path.text.map {
        $0.split(separator: ".", omittingEmptySubsequences: false).map { part -> Value in
          !part.isEmpty && part.unicodeScalars.allSatisfy(\.isDigit)
            ? Int(part).map { .integer($0) } ?? .string(String(part)) : .string(String(part))
        }
      } ?? [path]
    for part in parts {
      try charge()
      result = try item(part, of: result)
      if let fallback, result.isUndefined { result = fallback }
    }
    return result
  }

  func members(_ path: Value, of values: [Value], fallback: Value? = nil) throws(GriffinError) -> [Value] {
    var result: [Value] = []
    for value in values { result.append(try member(path, of: value, fallback: fallback)) }
    return result
  }

  private func chosen(_ name: String, _ value: Value, _ given: GivenArguments) throws(GriffinError) -> Value {
    guard value.isTrue else { return try iterator([]) }
    var (given, result): (GivenArguments, [Value]) = (given, [])
    let place = place
    if name == "map", given.positional.isEmpty, let index = given.keywords.firstIndex(where: { $0.name == "attribute" }) {
      let path = given.keywords.remove(at: index).value
      let fallback = try bind(given, "default", to: name)[0].flatMap { $0.isNone ? nil : $0 }
      return try iterator(members(path, of: elements(of: value), fallback: fallback))
    }
    var path: Value?
    if name.hasSuffix("attr") {
      guard !given.positional.isEmpty else { throw fail("Missing parameter for attribute name") }
      path = given.positional.removeFirst()
    }
    var function: String?
    if !given.positional.isEmpty { function = try text(of: given.positional.removeFirst(), in: name) }
    for element in try elements(of: value) {
      if name == "map" {
        guard let function else { throw fail("map requires a filter argument") }
        result.append(try nested { () throws(GriffinError) in try filter(function, element, given, at: place) })
        continue
      }
      let looked = try path.map { (path) throws(GriffinError) in try member(path, of: element) } ?? element
      let holds =
        try function.map { (function) throws(GriffinError) in try test(function, looked, given, at: place) } ?? looked.isTrue
      if holds == name.hasPrefix("select") { result.append(element) }
    }
    return try iterator(result)
  }

  // MARK: Order

  /// What values are sorted by: a list of attributes each, letters of one case alike.
  private func sortKeys(of values: [Value], _ attributes: Value?, isExact: Bool) throws(GriffinError) -> [Value] {
    let paths: [Value] =
      attributes?.text.map { $0.split(separator: ",", omittingEmptySubsequences: false).map { .string(String($0)) } }
      ?? [attributes ?? .none]
    var keys: [Value] = []
    for value in values {
      var parts: [Value] = []
      for path in paths { parts.append(try folded(path.isNone ? value : member(path, of: value), isExact: isExact)) }
      keys.append(try list(parts))
    }
    return keys
  }

  private func plainKeys(of values: [Value], _ path: Value?, isExact: Bool) throws(GriffinError) -> [Value] {
    var keys: [Value] = []
    for value in values {
      keys.append(
        try folded(
          path.flatMap { $0.isNone ? nil : $0 }.map { (path) throws(GriffinError) in try member(path, of: value) } ?? value,
          isExact: isExact))
    }
    return keys
  }

  func folded(_ value: Value, isExact: Bool) throws(GriffinError) -> Value {
    guard !isExact, let text = value.text else { return value }
    try charge(bytes: text.utf8.count)
    return .string(LetterCase.lower(text))
  }

  func isBefore(_ left: Value, _ right: Value) throws(GriffinError) -> Bool { try compare(.less, left, right) }

  /// The order of values as indices, equal ones as they stand.
  func sorted(_ keys: [Value], reversed: Bool) throws(GriffinError) -> [Int] {
    var indices = Array(keys.indices)
    if reversed { indices.reverse() }
    indices = try merged(indices[...], keys)
    return reversed ? indices.reversed() : indices
  }

  private func merged(_ indices: ArraySlice<Int>, _ keys: [Value]) throws(GriffinError) -> [Int] {
    guard indices.count > 1 else { return Array(indices) }
    let middle = indices.startIndex + indices.count / 2
    let (left, right) = (try merged(indices[..<middle], keys), try merged(indices[middle...], keys))
    var (result, first, second): ([Int], Int, Int) = ([], 0, 0)
    while first < left.count, second < right.count {
      if try isBefore(keys[right[second]], keys[left[first]]) {
        result.append(right[second])
        second += 1
      } else {
        result.append(left[first])
        first += 1
      }
    }
    return result + left[first...] + right[second...]
  }
}
