import ByteStorage

/// Attributes, items and elements of values.
extension Renderer {
  /// `value.name`: a method of Python's, else a member of that name.
  func attribute(_ name: String, of value: Value) throws(GriffinError) -> Value {
    if case .undefined(let undefined) = value { throw failure(of: undefined) }
    if let found = try ownAttribute(name, of: value) { return found }
    if case .dictionary(let dictionary) = value, let found = dictionary[name] { return found }
    return missing(name, in: value)
  }

  /// `value[key]`: an item, else an attribute of that name.
  func item(_ name: Value, of value: Value) throws(GriffinError) -> Value {
    switch value {
    case .undefined(let undefined): throw failure(of: undefined)
    case .dictionary(let dictionary):
      if let found = dictionary[try key(of: name)] { return found }
    case .list(let elements), .tuple(let elements):
      if let index = name.integer {
        return position(index, in: elements.count).map { elements.values[$0] } ?? missing(name, in: value)
      }
    case .range(let range):
      if let index = name.integer {
        return position(index, in: range.count).map { .integer(range[$0]) } ?? missing(name, in: value)
      }
    case .string(let text), .markup(let text):
      guard let index = name.integer else { break }
      try charge(bytes: text.utf8.count)
      let scalars = text.unicodeScalars
      guard let position = position(index, in: scalars.count) else { return missing(name, in: value) }
      let character = String(scalars[scalars.index(scalars.startIndex, offsetBy: position)])
      if case .markup = value { return .markup(character) }
      return .string(character)
    default: break
    }
    if let name = name.text, let found = try ownAttribute(name, of: value) { return found }
    return missing(name, in: value)
  }

  private func position(_ index: Int, in count: Int) -> Int? {
    let position = index < 0 ? index + count : index
    return (0..<count).contains(position) ? position : nil
  }

  private func missing(_ name: String, in value: Value) -> Value {
    .undefined(Value.Undefined(message: "'\(value.objectName)' has no attribute '\(name.shortened)'"))
  }

  private func missing(_ name: Value, in value: Value) -> Value {
    if let name = name.text { return missing(name, in: value) }
    return .undefined(
      Value.Undefined(message: "\(value.objectName) has no element \(name.integer.map(String.init) ?? name.typeName)"))
  }

  /// What Python would find on the value itself.
  /// - Throws: `unsafe` for a name that reaches into the interpreter, `unsupported` for one of Python's that is not known here.
  private func ownAttribute(_ name: String, of value: Value) throws(GriffinError) -> Value? {
    if name.hasPrefix("__") { throw fail(.unsafe, "the attribute \(name.shortened) reaches into the interpreter") }
    switch value {
    case .namespace(let id): return namespaces[id][name]
    case .loop(let id): return try attribute(name, ofLoop: id)
    case .macro(let id): return name == "name" ? .string(macros[id].definition.name) : nil
    case .cycler(let id):
      switch name {
      case "current": return cyclers[id].items[cyclers[id].position]
      case "next", "reset": return .method(value, name)
      default: return nil
      }
    default:
      switch Methods.standing(of: name, in: value) {
      case .known: return try bounded(.method(value, name))
      case .changing:
        let message = "access to attribute '\(name)' of '\(value.typeName)' object is unsafe."
        return .undefined(Value.Undefined(message: message, isUnsafe: true))
      case .unknown: throw unknown("the attribute \(name) of a \(value.typeName)")
      case .none: return nil
      }
    }
  }

  private func attribute(_ name: String, ofLoop id: Int) throws(GriffinError) -> Value? {
    let loop = loops[id]
    switch name {
    case "index": return .integer(loop.index + 1)
    case "index0": return .integer(loop.index)
    case "revindex": return .integer(try count(id) - loop.index)
    case "revindex0": return .integer(try count(id) - loop.index - 1)
    case "length": return .integer(try count(id))
    case "first": return .bool(loop.index == 0)
    case "last": return .bool(try peek(id) == nil)
    case "previtem":
      return (loop.index == 0 ? nil : loop.before) ?? .undefined(Value.Undefined(message: "there is no previous item"))
    case "nextitem": return try peek(id) ?? .undefined(Value.Undefined(message: "there is no next item"))
    case "depth": return .integer(loop.depth + 1)
    case "depth0": return .integer(loop.depth)
    case "cycle", "changed": return .method(.loop(id), name)
    default: return nil
    }
  }

  // MARK: Elements

  /// What a `for` goes through.
  func elements(of value: Value) throws(GriffinError) -> [Value] {
    switch value {
    case .undefined(let undefined):
      if undefined.isUnsafe { throw failure(of: undefined) }
      return []
    case .list(let elements), .tuple(let elements), .view(_, let elements):
      try charge(elements.count)
      return elements.values
    case .dictionary(let dictionary):
      try charge(dictionary.count)
      return dictionary.keys
    case .string(let text), .markup(let text):
      let scalars = text.unicodeScalars
      try charge(scalars.count)
      if case .markup = value { return scalars.map { .markup(String($0)) } }
      return scalars.map { .string(String($0)) }
    case .range(let range):
      try charge(range.count)
      return (0..<range.count).map { .integer(range[$0]) }
    case .iterator(let id):
      try charge(iterators[id].count)
      defer { iterators[id] = [] }
      return Array(iterators[id])
    case .loop(let id):
      var rest: [Value] = []
      while let next = try peek(id) {
        loops[id].after = nil
        rest.append(next)
      }
      return rest
    default: throw fail("'\(value.typeName)' object is not iterable")
    }
  }

  /// Python's `len`.
  func count(of value: Value) throws(GriffinError) -> Int {
    switch value {
    case .undefined: return 0
    case .list(let elements), .tuple(let elements), .view(_, let elements): return elements.count
    case .dictionary(let dictionary): return dictionary.count
    case .range(let range): return range.count
    case .loop(let id): return try count(id)
    default:
      guard let text = value.text else { throw fail("object of type '\(value.typeName)' has no len()") }
      try charge(bytes: text.utf8.count)
      return text.unicodeScalars.count
    }
  }

  // MARK: Slices

  /// `value[start:stop:step]`, with Python's way to count from the end.
  func slice(_ value: Value, start: Int?, stop: Int?, step: Int?) throws(GriffinError) -> Value {
    guard step != 0 else { throw fail("slice step cannot be zero") }
    let step = step ?? 1
    switch value {
    case .undefined(let undefined): throw failure(of: undefined)
    case .list(let elements): return try list(picked(elements.values, start, stop, step))
    case .tuple(let elements): return try tuple(picked(elements.values, start, stop, step))
    case .string(let text), .markup(let text):
      try charge(bytes: text.utf8.count)
      let part = String(String.UnicodeScalarView(picked(Array(text.unicodeScalars), start, stop, step)))
      if case .markup = value { return .markup(part) }
      return .string(part)
    case .range(let range):
      let (first, last) = bounds(range.count, start, stop, step)
      let count = indices(range.count, start, stop, step).count
      let stride = try whole(range.step.multipliedReportingOverflow(by: step))
      return .range(
        Value.Range(
          start: try edge(first, of: range), stop: try edge(last, of: range), step: stride, count: count))
    default: throw fail("'\(value.typeName)' object is not subscriptable")
    }
  }

  private func picked<Element>(_ elements: [Element], _ start: Int?, _ stop: Int?, _ step: Int) -> [Element] {
    let indices = indices(elements.count, start, stop, step)
    if step == 1, let first = indices.first, let last = indices.last { return Array(elements[first...last]) }
    return indices.map { elements[$0] }
  }

  /// An element, or what would be one before the first or after the last.
  private func edge(_ index: Int, of range: Value.Range) throws(GriffinError) -> Int {
    let distance = try whole(index.multipliedReportingOverflow(by: range.step))
    return try whole(range.start.addingReportingOverflow(distance))
  }

  /// Where a slice begins, and the index that it does not reach.
  private func bounds(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> (Int, Int) {
    func clamped(_ bound: Int?, missing: Int) -> Int {
      guard let bound else { return missing }
      let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
      return min(max(bound < 0 ? bound + count : bound, low), high)
    }
    return (clamped(start, missing: step > 0 ? 0 : count - 1), clamped(stop, missing: step > 0 ? count : -1))
  }

  private func indices(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
    let (first, last) = bounds(count, start, stop, step)
    guard step > 0 ? first < last : first > last else { return [] }
    // A step beyond all elements takes the first alone; anything longer could overflow.
    if step.magnitude >= count.magnitude { return [first] }
    return Array(stride(from: first, to: last, by: step))
  }
}
