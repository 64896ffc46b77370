internal import ByteStorage
internal import Patterns

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
    case "NFC", "NFD", "NFKC", "NFKD":
      return NormalForm(rawValue: value["type"]?.string ?? "").map { [.normalize($0)] } ?? []
    case "Lowercase": return [.lowercase]
    case "Strip":
      return [.strip(left: value["strip_left"]?.bool ?? true, right: value["strip_right"]?.bool ?? true)]
    case "StripAccents": return [.stripAccents]
    case "Prepend": return [.prepend(Array((value["prepend"]?.string ?? "").utf8))]
    case "Replace":
      guard let content = value["content"]?.string else { throw unsupported("normalizer", "Replace without a content") }
      if let expression = value["pattern"]?["Regex"]?.string {
        return [.replaceMatches(try pattern(expression, "normalizer"), with: Array(content.utf8))]
      }
      guard let text = value["pattern"]?["String"]?.string, !text.isEmpty else {
        throw unsupported("normalizer", "Replace of nothing")
      }
      return [.replace(Array(text.utf8), with: Array(content.utf8))]
    case let other: throw unsupported("normalizer", other)
    }
  }

  /// - Returns: The steps, and whether words become bytes.
  func preTokenizer(_ value: JSONValue) throws(GriffinError) -> (steps: [PreTokenizerStep], isByteLevel: Bool) {
    var steps = try preTokenizerSteps(value)
    let spellings = steps.count { $0 == .spellBytes }
    guard spellings <= 1 else { throw unsupported("pre_tokenizer", "a second ByteLevel") }
    // Spelling them out is for the steps that follow.
    if steps.last == .spellBytes { steps.removeLast() }
    return (steps, spellings == 1)
  }

  private func preTokenizerSteps(_ value: JSONValue) throws(GriffinError) -> [PreTokenizerStep] {
    guard value != .null else { return [] }
    switch value["type"]?.string {
    case "Sequence":
      var steps: [PreTokenizerStep] = []
      for step in value["pretokenizers"]?.array ?? [] { steps += try preTokenizerSteps(step) }
      return steps
    case "ByteLevel":
      var steps: [PreTokenizerStep] = value["add_prefix_space"]?.bool ?? true ? [.prependSpace] : []
      if value["use_regex"]?.bool ?? true { steps.append(.words(.gpt2)) }
      return steps + [.spellBytes]
    case "Split": return [try split(value)]
    case "Digits":
      return [.split(TextSplit(.number, value["individual_digits"]?.bool ?? false ? .isolated : .contiguous))]
    case "Punctuation": return [.split(TextSplit(.punctuation, try behavior(value, "Punctuation", default: .isolated)))]
    case "WhitespaceSplit": return [.split(TextSplit(.whiteSpace, .removed))]
    case "Whitespace": return [.split(TextSplit(.wordsAndSigns, .removed, isInverted: true))]
    case "BertPreTokenizer":
      return [.split(TextSplit(.whiteSpace, .removed)), .split(TextSplit(.punctuation, .isolated))]
    case "CharDelimiterSplit":
      guard let text = value["delimiter"]?.string, text.unicodeScalars.count == 1 else {
        throw unsupported("pre_tokenizer", "CharDelimiterSplit without a character")
      }
      return [.split(TextSplit(try TextPattern(literal: text), .removed))]
    case "Metaspace":
      let mark = Array((value["replacement"]?.string ?? "▁").utf8)
      return [.spaceMarks(mark: mark, prefix: try prefixScheme(value), splits: value["split"]?.bool ?? true)]
    case let other: throw unsupported("pre_tokenizer", other)
    }
  }

  private func split(_ value: JSONValue) throws(GriffinError) -> PreTokenizerStep {
    let behavior = try behavior(value, "Split", default: nil)
    let isInverted = value["invert"]?.bool ?? false
    guard let expression = value["pattern"]?["Regex"]?.string else {
      guard let text = value["pattern"]?["String"]?.string, !text.isEmpty else {
        throw unsupported("pre_tokenizer", "Split at nothing")
      }
      do throws(GriffinError) {
        return .split(TextSplit(try TextPattern(literal: text), behavior, isInverted: isInverted))
      } catch {
        throw located(error, "pre_tokenizer")
      }
    }
    // The known ones leave nothing out, so that keeping what they match is keeping everything.
    if behavior == .isolated || behavior == .removed && isInverted && expression.hasSuffix(#"|\s+"#),
      let known = WordPattern(expression: expression)
    {
      return .words(known)
    }
    return .split(TextSplit(try pattern(expression, "pre_tokenizer"), behavior, isInverted: isInverted))
  }

  private func behavior(
    _ value: JSONValue, _ step: String, default other: TextSplit.Behavior?
  ) throws(GriffinError) -> TextSplit.Behavior {
    guard let name = value["behavior"]?.string else {
      guard let other else { throw unsupported("pre_tokenizer", "\(step) without a behavior") }
      return other
    }
    guard let behavior = TextSplit.Behavior(rawValue: name) else {
      throw unsupported("pre_tokenizer", "\(step) with behavior \(name.shortened(to: 40))")
    }
    return behavior
  }

  private func pattern(_ expression: String, _ member: String) throws(GriffinError) -> TextPattern {
    do throws(GriffinError) { return try TextPattern(expression) } catch { throw located(error, member) }
  }

  private func located(_ error: GriffinError, _ member: String) -> GriffinError {
    GriffinError(error.kind, file: file, "\(member): \(error.message)")
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
      case .replaceMatches(_, let content): try lengthen(content.count + 1, "normalizer: Replace")
      case .normalize(let form): try lengthen(form.lengthening, "normalizer: \(form.rawValue)")
      case .collapseSpaces, .lowercase, .strip, .stripAccents: break
      }
    }
    for step in preTokenizer {
      switch step {
      case .spaceMarks(let mark, _, _): try lengthen(mark.count, "pre_tokenizer: Metaspace")
      case .spellBytes: try lengthen(2, "pre_tokenizer: ByteLevel")
      case .words, .split, .prependSpace: break
      }
    }
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
