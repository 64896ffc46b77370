internal import ByteStorage

/// Tensors of a model by what they are for, whatever their layer: a name with its numbers left open.
struct TensorGroup {
  let component: String
  /// `layers.#.self_attn.q_proj.weight`.
  let kind: String
  var types: [String: Int] = [:]
  var count = 0
  var byteCount = 0

  /// Rows that a table takes; the rest is summed.
  static let most = 40

  /// Component, kind and layer of a tensor's name; the layer is its first number.
  static func parts(of name: String) -> (component: String, kind: String, layer: Int?) {
    let path = name.split(separator: "/", maxSplits: 1)
    let component = path.count == 2 ? String(path[0]) : ""
    var layer: Int?
    let kind = (path.last ?? "").split(separator: ".").map { part -> String in
      guard part.allSatisfy(\.isNumber), let number = Int(part) else { return String(part) }
      layer = layer ?? number
      return "#"
    }
    return (component, kind.joined(separator: "."), layer)
  }

  /// A kind without what nearly all have.
  static func short(_ kind: String) -> String {
    var text = kind[...]
    for prefix in ["model.", "layers.#."] where text.hasPrefix(prefix) && text.count > prefix.count { text = text.dropFirst(prefix.count) }
    if text.hasSuffix(".weight") { text = text.dropLast(7) }
    return String(text)
  }

  /// All of a model's, in the order in which they come.
  static func all(_ tensors: [JSONValue]) -> [TensorGroup] {
    var (groups, places): ([TensorGroup], [String: Int]) = ([], [:])
    for tensor in tensors {
      let (component, kind, _) = parts(of: tensor.string("name") ?? "")
      let key = component + "/" + kind
      let place = places[key] ?? groups.count
      if place == groups.count {
        // Beyond any model there is; what is made to have more names is not listed by them.
        guard groups.count < 4096 else { continue }
        places[key] = place
        groups.append(TensorGroup(component: component, kind: kind))
      }
      groups[place].types[tensor.string("type") ?? "?", default: 0] += 1
      groups[place].count += 1
      groups[place].byteCount += tensor.integer("bytes") ?? 0
    }
    return groups
  }
}
