internal import ByteStorage

/// Reads the small trees of a tokenizer.json: what surrounds the model.
///
/// Only what released models use is known; everything else is refused by its name.
struct TokenizerSteps {
  let file: String

  private static let mark = Array("▁".utf8)

  func normalizer(_ value: JSONValue) throws(GriffinError) -> [NormalizerStep] {
    guard value != .null else { return [] }
    switch value["type"]?.string {
    case "Sequence":
      var steps: [NormalizerStep] = []
      for step in value["normalizers"]?.array ?? [] { steps += try normalizer(step) }
      return steps
    case "NFC": return [.compose]
    case "Prepend": return [.prepend(Array((value["prepend"]?.string ?? "").utf8))]
    case "Replace":
      guard let pattern = value["pattern"]?["String"]?.string, !pattern.isEmpty, let content = value["content"]?.string else {
        throw unsupported("normalizer", "Replace with a regular expression")
      }
      return [.replace(Array(pattern.utf8), with: Array(content.utf8))]
    case let other: throw unsupported("normalizer", other)
    }
  }

  /// - Returns: The steps, and whether words become bytes at the end.
  func preTokenizer(_ value: JSONValue) throws(GriffinError) -> (steps: [PreTokenizerStep], isByteLevel: Bool) {
    guard value != .null else { return ([], false) }
    switch value["type"]?.string {
    case "Sequence":
      var steps: [PreTokenizerStep] = []
      var isByteLevel = false
      for step in value["pretokenizers"]?.array ?? [] {
        guard !isByteLevel else { throw unsupported("pre_tokenizer", "a step after ByteLevel") }
        let (more, isLast) = try preTokenizer(step)
        steps += more
        isByteLevel = isLast
      }
      return (steps, isByteLevel)
    case "ByteLevel":
      var steps: [PreTokenizerStep] = value["add_prefix_space"]?.bool ?? true ? [.prependSpace] : []
      if value["use_regex"]?.bool ?? true { steps.append(.words(.gpt2)) }
      return (steps, true)
    case "Split": return ([.words(try pattern(of: value))], false)
    case "Metaspace":
      let mark = Array((value["replacement"]?.string ?? "▁").utf8)
      return ([.spaceMarks(mark: mark, prefix: try prefixScheme(value), splits: value["split"]?.bool ?? true)], false)
    case let other: throw unsupported("pre_tokenizer", other)
    }
  }

  private func pattern(of value: JSONValue) throws(GriffinError) -> WordPattern {
    guard let expression = value["pattern"]?["Regex"]?.string else { throw unsupported("pre_tokenizer", "Split at a text") }
    // The patterns leave nothing out, so that keeping what they match is keeping everything.
    switch (value["behavior"]?.string, value["invert"]?.bool ?? false) {
    case ("Isolated", _), ("Removed", true): break
    case (let behavior, _): throw unsupported("pre_tokenizer", "Split with behavior \(behavior ?? "missing")")
    }
    guard let pattern = WordPattern(expression: expression) else {
      throw unsupported("pre_tokenizer", "Split by the expression \(expression.shortened(to: 200))")
    }
    return pattern
  }

  private func prefixScheme(_ value: JSONValue) throws(GriffinError) -> PreTokenizerStep.PrefixScheme {
    switch value["prepend_scheme"]?.string {
    case "always": .always
    case "first": .first
    case "never": .never
    case nil: value["add_prefix_space"]?.bool ?? true ? .always : .never
    case let other?: throw unsupported("pre_tokenizer", "Metaspace with prepend_scheme \(other)")
    }
  }

  /// The ids before and after a text.
  func surroundings(_ value: JSONValue) throws(GriffinError) -> (prefix: [Int], suffix: [Int]) {
    guard value != .null else { return ([], []) }
    switch value["type"]?.string {
    case "ByteLevel": return ([], [])
    case "Sequence":
      var (prefix, suffix): ([Int], [Int]) = ([], [])
      for step in value["processors"]?.array ?? [] {
        let (before, after) = try surroundings(step)
        prefix = before + prefix
        suffix += after
        try checkCount(prefix.count + suffix.count)
      }
      return (prefix, suffix)
    case "TemplateProcessing":
      var (prefix, suffix): ([Int], [Int]) = ([], [])
      var isAfter = false
      for part in value["single"]?.array ?? [] {
        if part["Sequence"] != nil {
          isAfter = true
          continue
        }
        guard let name = part["SpecialToken"]?["id"]?.string,
          let ids = value["special_tokens"]?[name]?["ids"]?.array, ids.allSatisfy({ $0.integer != nil })
        else { throw GriffinError(.malformed, file: file, "post_processor: the template names a token without ids") }
        try checkCount(prefix.count + suffix.count + ids.count)
        if isAfter { suffix += ids.compactMap(\.integer) } else { prefix += ids.compactMap(\.integer) }
      }
      return (prefix, suffix)
    case let other: throw unsupported("post_processor", other)
    }
  }

  private func checkCount(_ count: Int) throws(GriffinError) {
    guard count <= TokenizerLimits.surroundings else {
      throw GriffinError(
        .unsafe, file: file, "post_processor: more than \(TokenizerLimits.surroundings) tokens go around a text")
    }
  }

  /// Holds steps to what they may make of a text.
  /// - Throws: `unsafe` for more steps than any tokenizer has, and for steps that lengthen a text without bound.
  func checkCost(_ normalizer: [NormalizerStep], _ preTokenizer: [PreTokenizerStep]) throws(GriffinError) {
    for (member, count) in [("normalizer", normalizer.count), ("pre_tokenizer", preTokenizer.count)]
    where count > TokenizerLimits.steps {
      throw GriffinError(.unsafe, file: file, "\(member): \(count) steps; at most \(TokenizerLimits.steps) are read")
    }
    var factor = 1
    func lengthen(_ times: Int, _ step: String) throws(GriffinError) {
      factor *= min(max(1, times), TokenizerLimits.lengthening + 1)
      guard factor <= TokenizerLimits.lengthening else {
        throw GriffinError(
          .unsafe, file: file, "\(step) makes a text more than \(TokenizerLimits.lengthening) times as long, with the steps before it")
      }
    }
    for step in normalizer {
      switch step {
      case .prepend(let text): try lengthen((text.count + 7) / 8, "normalizer: Prepend")
      case .replace(let pattern, let content): try lengthen((content.count + pattern.count - 1) / pattern.count, "normalizer: Replace")
      case .collapseSpaces, .compose: break
      }
    }
    for case .spaceMarks(let mark, _, _) in preTokenizer { try lengthen(mark.count, "pre_tokenizer: Metaspace") }
  }

  func decoding(_ value: JSONValue, isByteLevel: Bool) throws(GriffinError) -> TokenizerParts.Decoding {
    guard value != .null else { return isByteLevel ? .bytes : .spaceMarks }
    let steps = value["type"]?.string == "Sequence" ? value["decoders"]?.array ?? [] : [value]
    if isByteLevel {
      guard steps.count == 1, steps[0]["type"]?.string == "ByteLevel" else {
        throw unsupported("decoder", steps.first { $0["type"]?.string != "ByteLevel" }?["type"]?.string)
      }
      return .bytes
    }
    var decoding = TokenizerParts.Decoding(spaceMark: [])
    var isFused = false
    for step in steps {
      switch step["type"]?.string {
      case "Replace" where step["content"]?.string == " " && step["pattern"]?["String"]?.string != nil:
        decoding.spaceMark = Array((step["pattern"]?["String"]?.string ?? "").utf8)
      case "Metaspace":
        decoding.spaceMark = Array((step["replacement"]?.string ?? "▁").utf8)
        decoding.dropsFirstMarks = try prefixScheme(step) != .never
      case "ByteFallback": decoding.decodesBytes = true
      case "Fuse": isFused = true
      case "Strip" where isFused && step["content"]?.string == " " && step["stop"]?.integer ?? 0 == 0:
        decoding.strippedSpaces = max(0, step["start"]?.integer ?? 0)
      case let other: throw unsupported("decoder", other)
      }
    }
    return decoding
  }

  private func unsupported(_ member: String, _ name: String?) -> GriffinError {
    GriffinError(.unsupported, file: file, "\(member): \(name ?? "a step without a type") is not read".printable)
  }
}
