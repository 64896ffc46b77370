internal import ByteStorage

/// Where a configuration speaks of rotation: `rope_scaling`, the newer `rope_parameters`, and its own keys.
///
/// Files that several tools wrote state a value more than once. The inner ones count before the outer one, whose value may be
/// a class's default that nobody meant.
///
/// - Source: `standardize_rope_params` of Hugging Face transformers 5; llama.cpp's `convert_hf_to_gguf.py`.
struct RotaryStatements {
  /// The innermost first: what they state counts in this order.
  let places: [ConfigDocument]
  /// What says how frequencies are scaled; nil where nothing does.
  let scaling: JSONValue?
  private let names: [String]

  /// Keys of the dictionaries that scale nothing.
  private static let keysWithoutScaling = ["rope_theta", "partial_rotary_factor", "rope_type", "type"]

  /// - Throws: `malformed` where `rope_parameters` is no object.
  init(_ document: ConfigDocument) throws(GriffinError) {
    let parameters = try ConfigDocument(document.value("rope_parameters") ?? [:], file: document.file)
    let outer = document.value("rope_scaling")
    let inner = try ConfigDocument(outer?.object.map { .object($0) } ?? [:], file: document.file)
    places = [inner, parameters, document]
    names = ["rope_scaling", "rope_parameters", ""]
    if let outer, outer.object == nil || RotaryStatements.scales(inner) {
      scaling = outer
    } else {
      scaling = RotaryStatements.scales(parameters) ? .object(parameters.object) : nil
    }
  }

  /// Whether a dictionary says anything of scaling: it has a type, or numbers that need one.
  private static func scales(_ place: ConfigDocument) -> Bool {
    place.value("rope_type") ?? place.value("type") != nil || !place.object.keys.allSatisfy(keysWithoutScaling.contains)
  }

  /// The innermost value that is stated.
  func first<Value>(_ read: (ConfigDocument) throws(GriffinError) -> Value?) throws(GriffinError) -> Value? {
    for place in places {
      if let value = try read(place) { return value }
    }
    return nil
  }

  /// `original_max_position_embeddings` of one place.
  static func originalPositions(_ place: ConfigDocument) throws(GriffinError) -> Int? {
    try place.integer("original_max_position_embeddings", in: 1...1_000_000_000)
  }

  /// A line for every value that the places state differently.
  /// - Throws: `malformed` for values out of range.
  static func contradictions(in document: ConfigDocument) throws(GriffinError) -> [String] {
    let statements = try RotaryStatements(document)
    var lines: [String] = []
    func compare<Value: Equatable>(
      _ key: String, _ read: (ConfigDocument) throws(GriffinError) -> Value?
    ) throws(GriffinError) {
      var stated: [(place: String, value: Value)] = []
      for (place, name) in zip(statements.places, statements.names) {
        if let value = try read(place) { stated.append((name.isEmpty ? key : "\(name).\(key)", value)) }
      }
      guard let first = stated.first, let other = stated.first(where: { $0.value != first.value }) else { return }
      lines.append("\(first.place) is \(first.value) and \(other.place) \(other.value); the former counts")
    }
    try compare("rope_theta") { (place) throws(GriffinError) in try place.double("rope_theta", in: RotaryConfiguration.baseRange) }
    try compare("original_max_position_embeddings") { (place) throws(GriffinError) in try originalPositions(place) }
    // A configuration's own `type` and `factor` are not about rotation.
    let inner = Array(zip(statements.places, statements.names).dropLast())
    let types = inner.compactMap { place, name in
      (place.value("rope_type") ?? place.value("type"))?.string.map { (name, $0.shortened(to: 40).printable) }
    }
    if types.count == 2, types[0].1 != types[1].1 {
      lines.append("\(types[0].0) is of type \(types[0].1) and \(types[1].0) of type \(types[1].1); the former counts")
    }
    for (place, name) in inner {
      if let new = place.value("rope_type")?.string, let old = place.value("type")?.string, new != old {
        let words = (new.shortened(to: 40).printable, old.shortened(to: 40).printable)
        lines.append("\(name).rope_type is \(words.0) and \(name).type \(words.1); the former counts")
      }
    }
    var factors: [Double] = []
    for (place, _) in inner {
      if let factor = try place.double("factor", in: 0...1e18) { factors.append(factor) }
    }
    if factors.count == 2, factors[0] != factors[1] {
      lines.append("rope_scaling.factor is \(factors[0]) and rope_parameters.factor \(factors[1]); the former counts")
    }
    return lines
  }
}
