import ByteStorage

/// Methods of lists, dictionaries and what templates make.
extension Renderer {
  func callMethod(_ name: String, of value: Value, _ given: GivenArguments) throws(GriffinError) -> Value {
    try charge()
    switch value {
    case .string(let text), .markup(let text): return try callMethod(name, ofText: text, given)
    case .dictionary(let dictionary): return try callMethod(name, of: dictionary, given)
    case .list(let elements), .tuple(let elements):
      if name == "copy" { return value }
      let wanted = try bind(given, "value", to: name, required: 1)[0] ?? .none
      var found = 0
      for (index, element) in elements.values.enumerated() where try equals(element, wanted) {
        if name == "index" { return .integer(index) }
        found += 1
      }
      guard name == "count" else { throw fail("\(try representation(of: wanted).shortened) is not in list") }
      return .integer(found)
    case .loop(let id): return try callMethod(name, ofLoop: id, given)
    case .cycler(let id):
      let position = cyclers[id].position
      cyclers[id].position = name == "next" ? (position + 1) % cyclers[id].items.count : 0
      return name == "next" ? cyclers[id].items[position] : .none
    default: throw unknown("the method \(name)")
    }
  }

  private func callMethod(_ name: String, of dictionary: Value.Dictionary, _ given: GivenArguments) throws(GriffinError) -> Value
  {
    guard name != "get" else {
      guard given.keywords.isEmpty else { throw fail("dict.get() takes no keyword arguments") }
      let arguments = try bind(given, "key", "default", to: "get", required: 1)
      return dictionary[try key(of: arguments[0] ?? .none)] ?? arguments[1] ?? .none
    }
    guard given.isEmpty else { throw fail("\(name) takes no arguments") }
    try charge(dictionary.count)
    switch name {
    case "items": return try bounded(.view(.items, Value.Elements(dictionary.items)))
    case "keys": return .view(.keys, Value.Elements(dictionary.keys))
    case "values": return .view(.values, Value.Elements(dictionary.values))
    default: return .dictionary(dictionary)
    }
  }

  private func callMethod(_ name: String, ofLoop id: Int, _ given: GivenArguments) throws(GriffinError) -> Value {
    guard given.keywords.isEmpty else { throw fail("\(name) takes no keyword arguments") }
    guard name == "changed" else {
      guard !given.positional.isEmpty else { throw fail("no items for cycling given") }
      return given.positional[max(loops[id].index, 0) % given.positional.count]
    }
    if let last = loops[id].lastChanged, last.count == given.positional.count {
      var isSame = true
      for (old, new) in zip(last, given.positional) where try !equals(old, new) { isSame = false }
      if isSame { return .bool(false) }
    }
    loops[id].lastChanged = given.positional
    return .bool(true)
  }
}
