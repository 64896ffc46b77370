internal import ByteStorage

/// A place in a trace or a record, for reading it with messages that say where.
struct TraceNode {
  let value: JSONValue
  let path: String
  let file: String?

  func error(_ message: String) -> GriffinError { GriffinError(.malformed, file: file, "\(path): \(message)") }

  func optional(_ key: String) throws(GriffinError) -> TraceNode? {
    guard let object = value.object else { throw error("expected an object") }
    guard let member = object[key], member != .null else { return nil }
    return TraceNode(value: member, path: path == "the document" ? key : "\(path).\(key)", file: file)
  }

  func member(_ key: String) throws(GriffinError) -> TraceNode {
    guard let member = try optional(key) else { throw error("\(key) is missing") }
    return member
  }

  func string() throws(GriffinError) -> String {
    guard let string = value.string else { throw error("expected a string") }
    return string
  }

  func number() throws(GriffinError) -> Double {
    guard let number = value.double else { throw error("expected a number") }
    return number
  }

  func integer(in range: ClosedRange<Int>) throws(GriffinError) -> Int {
    guard let integer = value.integer, range.contains(integer) else {
      throw error("expected an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  func elements<Element>(_ read: (TraceNode) throws(GriffinError) -> Element) throws(GriffinError) -> [Element] {
    guard let array = value.array else { throw error("expected an array") }
    var elements: [Element] = []
    for (index, value) in array.enumerated() {
      elements.append(try read(TraceNode(value: value, path: "\(path)[\(index)]", file: file)))
    }
    return elements
  }

  func integers(in range: ClosedRange<Int>) throws(GriffinError) -> [Int] {
    guard let array = value.array else { throw error("expected an array") }
    var integers: [Int] = []
    integers.reserveCapacity(array.count)
    for (index, value) in array.enumerated() {
      guard let integer = value.integer, range.contains(integer) else {
        throw error("[\(index)]: expected an integer from \(range.lowerBound) to \(range.upperBound)")
      }
      integers.append(integer)
    }
    return integers
  }

  func scoredTokens() throws(GriffinError) -> [DecodeTrace.ScoredToken] {
    try elements { (node) throws(GriffinError) in
      guard let pair = node.value.array, pair.count == 2, let token = pair[0].integer, let score = pair[1].double else {
        throw node.error("expected [token id, score]")
      }
      return DecodeTrace.ScoredToken(token: token, score: score)
    }
  }
}
