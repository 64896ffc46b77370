internal import Bundles
internal import ByteStorage
internal import Models
internal import Quantization
internal import Tensors

/// What a packed pair has otherwise than its source: each difference a suspect, named by what happened to it.
struct SourceSuspects {
  let packed: PairModels
  let source: PairModels
  let cancellation: Cancellation

  /// Elements up to which a tensor is looked for among all others.
  private static let smallElements = 1 << 18
  /// Unrelated tensors after which nothing else is expected of the rest.
  private static let enoughUnrelated = 24

  func all() throws -> [Suspect] {
    var suspects: [Suspect] = []
    if packed.target.family.name == source.target.family.name {
      suspects += try compared(
        .target, packed.target.tensors, packed.target.configuration, source.target.tensors, source.target.configuration,
        repaired: { configuration, replacements, names in
          PairModels(target: try packed.target.altered(configuration, replacements, names: names), draft: packed.draft)
        },
        spoiled: { configuration, replacements, names in
          PairModels(target: try source.target.altered(configuration, replacements, names: names), draft: source.draft)
        })
    }
    if let own = packed.draft, let other = source.draft, DraftKind.areAlike(own.kind, other.kind) {
      suspects += try compared(
        .draft, own.tensors, own.configuration, other.tensors, other.configuration,
        repaired: { configuration, replacements, names in
          PairModels(target: packed.target, draft: try own.altered(configuration, replacements, names: names))
        },
        spoiled: { configuration, replacements, names in
          PairModels(target: packed.target, draft: try other.altered(configuration, replacements, names: names))
        })
    }
    suspects.append(
      Suspect(
        kind: "target", cause: "the target is not the source's, and no part of it alone explains what is lost",
        remedy: "convert the target again from the source, or keep more bits (--quantize q8_0)", half: .target, precision: .half,
        repaired: { PairModels(target: source.target, draft: packed.draft) }))
    guard packed.draft != nil else { return suspects }
    suspects.append(
      Suspect(
        kind: "draft", cause: "the draft is not the source's, and no part of it alone explains what is lost",
        remedy: "convert the draft again from the source, or keep more bits (--draft-quantize copy)", half: .draft, precision: .half,
        repaired: { PairModels(target: packed.target, draft: source.draft) }))
    return suspects
  }

  private typealias Altered = (TransformerConfiguration?, [TensorRole: Replacement], _ names: [TensorRole: String]) throws -> PairModels

  /// The differences of one half.
  private func compared(
    _ half: Component, _ mine: BoundTensors, _ configuration: TransformerConfiguration, _ theirs: BoundTensors,
    _ other: TransformerConfiguration, repaired: @escaping Altered, spoiled: @escaping Altered
  ) throws -> [Suspect] {
    var suspects: [Suspect] = []
    let layers = source.target.configuration.layerCount
    for part in ConfigurationPart.all {
      guard let better = part.taken(from: other, into: configuration) else { continue }
      let (actual, expected) = (part.text(configuration, layersOfTarget: layers), part.text(other, layersOfTarget: layers))
      let cause =
        part.kind == "taps"
        ? "the \(half) reads \(actual) of its target where the source's reads \(expected): \(part.words) is wrong (tap layers)"
        : "the \(half)'s \(part.words) is \(actual) where the source has \(expected)"
      let worse = part.taken(from: configuration, into: other)
      suspects.append(
        Suspect(
          kind: part.kind, cause: cause, remedy: "set \(part.words) of the \(half)'s config.json to what the source has, and convert again",
          half: half, precision: .exact, parts: ["\(half) configuration \(part.kind)"],
          repaired: { try repaired(better, [:], [:]) }, spoiled: worse.map { worse in { try spoiled(worse, [:], [:]) } }))
    }
    let names = Dictionary((mine.bindings + theirs.bindings).map { ($0.role, $0.name) }, uniquingKeysWith: { first, _ in first })
    for difference in try differences(half, mine, configuration, theirs) {
      // A vocabulary map goes with its mask, where there is one.
      let roles = Set(difference.roles).union(difference.roles.contains(where: \.isVocabulary) ? [.vocabularyOffsets, .vocabularyMask] : [])
      func tensors(_ source: BoundTensors) -> [TensorRole: Replacement] {
        Dictionary(uniqueKeysWithValues: roles.map { role in (role, Replacement.stored(source[role].map { (source.source, index: $0) })) })
      }
      let (replacements, originals) = (tensors(theirs), tensors(mine))
      suspects.append(
        Suspect(
          kind: difference.kind, cause: difference.cause, remedy: difference.remedy, half: half, precision: difference.precision,
          parts: Set(difference.names.map { "\(half) \($0)" }), repaired: { try repaired(nil, replacements, names) }, spoiled: { try spoiled(nil, originals, names) }))
    }
    return suspects
  }

  /// Tensors that differ from the source's in one way.
  private struct Difference {
    let roles: [TensorRole]
    let names: [String]
    let kind, cause, remedy: String
    let precision: Suspect.Precision
  }

  private func differences(
    _ half: Component, _ mine: BoundTensors, _ configuration: TransformerConfiguration, _ theirs: BoundTensors
  ) throws -> [Difference] {
    var natures: [(role: TensorRole, name: String, nature: TensorNature)] = []
    for binding in theirs.bindings where mine[binding.role] == nil && !binding.role.isVocabulary && !isSameEmbedding(binding.role, theirs, half) {
      let remedy = "convert from a draft that has it, and check that the configuration does not say that there is none"
      natures.append((binding.role, binding.name, TensorNature(kind: "missing", words: "is missing", remedy: remedy)))
    }
    for binding in mine.bindings {
      try cancellation.check()
      guard let place = theirs[binding.role] else {
        guard !isSameEmbedding(binding.role, mine, half) else { continue }
        natures.append((binding.role, binding.name, TensorNature(kind: "added", words: "is not in the source", remedy: "leave it out")))
        continue
      }
      guard try !mine.hasSameBytes(binding.index, as: theirs, place) else { continue }
      // Where one matrix after the other is another's, the model is.
      let isBrief = natures.count >= SourceSuspects.enoughUnrelated && natures.allSatisfy { $0.nature.kind == "unrelated" || !$0.role.isMatrix }
      if let nature = try nature(binding, mine, configuration, theirs, isBrief: isBrief) { natures.append((binding.role, binding.name, nature)) }
    }
    return group(natures, half, matrices: mine.bindings.count { $0.role.isMatrix })
  }

  /// A draft without embeddings uses the target's: a copy of those is no difference.
  private func isSameEmbedding(_ role: TensorRole, _ tensors: BoundTensors, _ half: Component) -> Bool {
    guard half == .draft, role == .tokenEmbedding, let index = tensors[role], let other = source.target.tensors[role] else { return false }
    return (try? tensors.hasSameBytes(index, as: source.target.tensors, other)) ?? false
  }

  private func nature(
    _ binding: BoundTensors.Binding, _ mine: BoundTensors, _ configuration: TransformerConfiguration, _ theirs: BoundTensors, isBrief: Bool
  ) throws -> TensorNature? {
    let type = mine.source.tensors[binding.index].type
    if binding.role.isVocabulary {
      return TensorNature(kind: "differs", words: "is not the source's", remedy: "take d2t and t2d as the source has them: offsets, draft id + d2t = target id")
    }
    guard let packed = try mine.values(binding.role), let source = try theirs.values(binding.role) else {
      let isCoarser = type.category == .block
      return TensorNature(
        kind: isCoarser ? "quantized" : "damaged", words: isCoarser ? "is stored as \(type)" : "is not the source's",
        remedy: "convert it again from the source", isSpecific: false)
    }
    guard packed.rows == source.rows, packed.columns == source.columns else { return nil }
    var others: [(name: String, values: Matrix)] = []
    // Whoever is far off may be another; norms are all alike.
    if packed.distance(to: source) > (binding.role.isMatrix ? 0.3 : 0.01) {
      let shape = theirs.source.tensors[theirs[binding.role] ?? 0].shape
      // Large ones are looked for in their own layer alone.
      let isSmall = shape.elementCount <= SourceSuspects.smallElements
      for other in theirs.bindings
      where !isBrief && other.role != binding.role && theirs.source.tensors[other.index].shape == shape && (isSmall || other.role.layer == binding.role.layer) {
        if let values = try theirs.values(other.role) { others.append((other.name, values)) }
      }
    }
    let nature = TensorNature.of(
      binding.role, packed: packed, source: source, isBlockType: type.category == .block, typeName: type.rawValue,
      configuration: configuration, isBrief: isBrief, others: others)
    return nature.kind == "equal" ? nil : nature
  }

  /// One suspect for all tensors that share a group and what happened to them.
  private func group(_ natures: [(role: TensorRole, name: String, nature: TensorNature)], _ half: Component, matrices: Int) -> [Difference] {
    var result: [Difference] = []
    let unlike = natures.filter { $0.role.isMatrix && ["unrelated", "damaged"].contains($0.nature.kind) && $0.nature.distance > 0.5 }
    if matrices > 2, unlike.count * 4 >= matrices * 3 {
      let subject = half == .draft ? "the draft was trained for another target, or is another training of the source's" : "the target is another model than the source's"
      result.append(
        Difference(
          roles: natures.map(\.role), names: natures.map(\.name), kind: "\(half)_unrelated",
          cause: "\(subject): \(unlike.count) of its \(matrices) matrices have nothing in common with the source's",
          remedy: half == .draft ? "convert the draft that was released for this target" : "convert the target that the draft was released for",
          precision: .exact))
    }
    struct Key: Hashable { let group: TensorGroup; let kind: String }
    let groups = Dictionary(grouping: natures) { Key(group: TensorGroup($0.role), kind: $0.nature.kind) }
    for (key, members) in groups.sorted(by: { ($0.key.group.rawValue, $0.key.kind) < ($1.key.group.rawValue, $1.key.kind) }) {
      let worst = members.max { $0.nature.distance < $1.nature.distance } ?? members[0]
      let names = members.map(\.name)
      let subject = "\(key.group.words): \(names.listed)"
      let verb = members.count > 1 ? ", the worst of which " : " "
      result.append(
        Difference(
          roles: members.map(\.role), names: names, kind: "\(key.group.rawValue)_\(key.kind)",
          cause: "the \(half)'s \(subject)\(verb)\(worst.nature.words)", remedy: worst.nature.remedy,
          precision: worst.nature.isSpecific ? .exact : members.count > 1 ? .group : .tensors))
    }
    return result
  }
}

extension DraftKind {
  /// Whether two kinds have the same tensors.
  fileprivate static func areAlike(_ left: DraftKind, _ right: DraftKind) -> Bool {
    let names: Set = [left.name, right.name]
    return names.count == 1 || names == ["eagle", "hass"]
  }
}
