import ByteStorage

/// Filters of numbers and dictionaries.
extension Renderer {
  func numberFilter(_ name: String, _ value: Value, _ given: GivenArguments) throws(GriffinError) -> Value? {
    switch name {
    case "abs":
      if case .float(let number) = value { return .float(abs(number)) }
      guard let number = value.integer else { throw try unusable(value, "abs()") }
      return number < 0 ? try negated(.integer(number)) : .integer(number)
    case "int":
      let arguments = try bind(given, "default", "base", to: name)
      let base = try arguments[1].map { (value) throws(GriffinError) in try integer(of: value, in: name) } ?? 10
      return try whole(value, base: base) ?? arguments[0] ?? .integer(0)
    case "float":
      let fallback = try bind(given, "default", to: name)[0] ?? .float(0)
      if case .undefined(let undefined) = value { throw failure(of: undefined) }
      return (value.text.map(Renderer.double) ?? value.double).map { .float($0) } ?? fallback
    case "round":
      let arguments = try bind(given, "precision", "method", to: name)
      guard try arguments[0].map({ (value) throws(GriffinError) in try integer(of: value, in: name) }) ?? 0 == 0 else {
        throw unknown("the precision of round")
      }
      guard let number = value.double else { throw try unusable(value, "round()") }
      switch arguments[1]?.text ?? "common" {
      case "common": return value.integer == nil ? .float(number.rounded(.toNearestOrEven)) : .integer(value.integer ?? 0)
      // Python's go through an integer, which has no negative zero.
      case "ceil": return .float(number.rounded(.up) + 0)
      case "floor": return .float(number.rounded(.down) + 0)
      default: throw fail("method must be common, ceil or floor")
      }
    case "sum":
      let arguments = try bind(given, "attribute", "start", to: name)
      var values = try elements(of: value)
      if let path = arguments[0], !path.isNone { values = try members(path, of: values) }
      var sum = arguments[1] ?? .integer(0)
      if sum.text != nil { throw fail("sum() can't sum strings [use ''.join(seq) instead]") }
      for value in values { sum = try arithmetic(.add, sum, value) }
      return sum
    default: return nil
    }
  }

  /// nil where there is no number in it.
  private func whole(_ value: Value, base: Int) throws(GriffinError) -> Value? {
    if case .undefined(let undefined) = value { throw failure(of: undefined) }
    if let number = value.integer { return .integer(number) }
    var number = value.double
    if let text = value.text {
      guard base == 10 else { throw unknown("the base of int") }
      let digits = text.filter { $0 != "_" }.trimmedOfSpace
      if let whole = Int(digits) { return .integer(whole) }
      if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !digits.isEmpty {
        throw fail(.unsupported, "a number beyond 64 bits")
      }
      number = Renderer.double(text)
    }
    guard let number, number.isFinite else {
      if value.text == nil, let number, number.isInfinite { return nil }
      return nil
    }
    guard let result = Int(exactly: number.rounded(.towardZero)) else { throw fail(.unsupported, "a number beyond 64 bits") }
    return .integer(result)
  }

  /// Python's `float` of a text.
  private static func double(_ text: String) -> Double? {
    let trimmed = text.trimmedOfSpace
    let unsigned = trimmed.drop { $0 == "-" || $0 == "+" }
    switch unsigned.lowercased() {
    case "inf", "infinity", "nan": break
    default:
      guard unsigned.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2E, 0x2B, 0x2D, 0x45, 0x65].contains($0) }) else {
        return nil
      }
    }
    return Double(trimmed.hasSuffix(".") ? trimmed + "0" : trimmed)
  }

  func mappingFilter(_ name: String, _ value: Value, _ given: GivenArguments) throws(GriffinError) -> Value? {
    switch name {
    case "items":
      guard given.isEmpty else { throw fail("items takes no arguments") }
      if value.isUndefined { return try iterator([]) }
      guard case .dictionary(let dictionary) = value else { throw fail("Can only get item pairs from a mapping.") }
      return try iterator(dictionary.items)
    case "dictsort":
      let arguments = try bind(given, "case_sensitive", "by", "reverse", to: name)
      if case .undefined(let undefined) = value { throw failure(of: undefined) }
      guard case .dictionary(let dictionary) = value else { throw fail("'\(value.typeName)' object has no attribute 'items'") }
      let by = arguments[1]?.text ?? "key"
      guard by == "key" || by == "value" else { throw fail("You can only sort by either \"key\" or \"value\"") }
      var keys: [Value] = []
      for key in by == "key" ? dictionary.keys : dictionary.values {
        keys.append(try folded(key, isExact: arguments[0]?.isTrue ?? false))
      }
      let items = dictionary.items
      return try list(sorted(keys, reversed: arguments[2]?.isTrue ?? false).map { items[$0] })
    case "attr":
      let key = try text(of: bind(given, "name", to: name, required: 1)[0], in: name)
      if case .dictionary = value, Methods.standing(of: key, in: value) == nil {
        return .undefined(Value.Undefined(message: "'dict object' has no attribute '\(key.shortened)'"))
      }
      return try attribute(key, of: value)
    case "groupby":
      let arguments = try bind(given, "attribute", "default", "case_sensitive", to: name, required: 1)
      return try groups(elements(of: value), arguments)
    default: return nil
    }
  }

  private func groups(_ values: [Value], _ arguments: [Value?]) throws(GriffinError) -> Value {
    let path = arguments[0] ?? .none
    let real = try members(path, of: values, fallback: arguments[1])
    var keys: [Value] = []
    for key in real { keys.append(try folded(key, isExact: arguments[2]?.isTrue ?? false)) }
    var groups: [(key: Value, name: Value, values: [Value])] = []
    for index in try sorted(keys, reversed: false) {
      if let last = groups.last, try equals(last.key, keys[index]) {
        groups[groups.count - 1].values.append(values[index])
      } else {
        groups.append((keys[index], real[index], [values[index]]))
      }
    }
    var result: [Value] = []
    for group in groups { result.append(try tuple([group.name, list(group.values)])) }
    return try list(result)
  }
}

extension String {
  fileprivate var trimmedOfSpace: String {
    var scalars = unicodeScalars.drop(while: \.isPythonSpace)
    while let last = scalars.last, last.isPythonSpace { scalars.removeLast() }
    return String(scalars)
  }
}
