import ByteStorage

extension Value {
  /// What a key of a dictionary is equal by: numbers by their value, texts by their bytes.
  enum Key: Sendable, Hashable {
    case undefined, none
    case integer(Int)
    case float(Double)
    case string(ExactString)
    case tuple([Key])
    /// What is equal to itself alone, by its kind and number.
    case object(String, Int)
  }

  /// A Python dictionary: members in the order in which they came.
  struct Dictionary: Sendable {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    private var positions: [Key: Int] = [:]
    private(set) var depth = 1

    var count: Int { keys.count }

    subscript(key: Key) -> Value? { positions[key].map { values[$0] } }

    /// - Parameter key: What `name` is equal by.
    mutating func set(_ name: Value, _ key: Key, to value: Value) {
      depth = max(depth, 1 + value.depth, 1 + name.depth)
      if let position = positions[key] {
        values[position] = value
      } else {
        positions[key] = keys.count
        keys.append(name)
        values.append(value)
      }
    }

    subscript(name: String) -> Value? { self[.string(ExactString(name))] }

    mutating func set(_ name: String, to value: Value) { set(.string(name), .string(ExactString(name)), to: value) }

    /// Pairs of key and value.
    var items: [Value] { zip(keys, values).map { .tuple(of: [$0, $1]) } }
  }
}
