public import ByteStorage
internal import Conversion
internal import SpeculativeDecoding

extension ShareRecord {
  /// Shares at most; a bound for what is read.
  private static let countLimit = 1_000_000
  /// A record holds what thousands of prompts decoded.
  private static let limits = JSONLimits(bytes: 1 << 30, depth: 16, values: 64_000_000, stringBytes: 64 << 20)

  /// Reads and checks a record.
  /// - Throws: `malformed` with the place in the document, `unsupported` for another version.
  public init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    try self.init(try JSONValue.parse(file.bytes, limits: ShareRecord.limits, file: path), file: path)
  }

  /// Checks a record that has been parsed.
  init(_ value: JSONValue, file: String?) throws(GriffinError) {
    let document = TraceNode(value: value, path: "the document", file: file)
    let format = try document.member("format").string()
    guard format == ShareRecord.formatName else {
      throw document.error("format is \"\(format.shortened(to: 40).printable)\"; expected \"\(ShareRecord.formatName)\"")
    }
    let version = try document.member("version").integer(in: 0...Int.max)
    guard version == ShareRecord.formatVersion else {
      throw GriffinError(.unsupported, file: file, "share version \(version); this program reads version \(ShareRecord.formatVersion)")
    }
    let parts = try document.member("of").elements { (node) throws(GriffinError) in
      (name: try node.member("part").string(), value: try node.member("value").string())
    }
    let places = try document.member("share").integers(in: 0...ShareRecord.countLimit)
    guard places.count == 2, places[0] < places[1] else { throw document.error("share is \(places); expected [index, count], the index below the count") }
    var units: [Int: UnitObservation] = [:]
    for (unit, seen) in try document.member("units").elements(ShareRecord.unit) {
      guard units.updateValue(seen, forKey: unit) == nil else { throw document.error("unit \(unit) is there twice") }
    }
    self.init(parts: parts, share: Share(places[0], of: places[1]), units: units, file: file)
  }

  private static func unit(_ node: TraceNode) throws(GriffinError) -> (Int, UnitObservation) {
    var seen = UnitObservation()
    seen.cases = try node.member("cases").elements { (node) throws(GriffinError) in try CaseResult(node) }
    seen.others = try node.member("others").elements { (node) throws(GriffinError) in try CaseResult(node) }
    seen.windows = try node.member("windows").elements { (node) throws(GriffinError) in try WindowObservation(node) }
    guard seen.others.isEmpty || seen.others.count == seen.cases.count else {
      throw node.error("cases has \(seen.cases.count) entries and others \(seen.others.count); expected as many, or none")
    }
    return (try node.member("unit").integer(in: 0...Int(Int32.max)), seen)
  }
}

extension CaseResult {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    let trace = try DecodeTrace.Case(node.member("trace"))
    let scores = try node.member("tree_scores").elements { (node) throws(GriffinError) in
      try node.numbers(UInt32.self).map { Float(bitPattern: $0) }
    }
    guard scores.count == trace.cycles.count, zip(scores, trace.cycles).allSatisfy({ $0.count == $1.treeTokens.count }) else {
      throw node.error("tree_scores does not have a score for each node of each cycle's tree")
    }
    var (position, cycles) = (trace.promptIDs.count, [CycleRecord]())
    for (cycle, scores) in zip(trace.cycles, scores) {
      var draft = DraftRecord()
      draft.selectionMargin = Float(cycle.selectionMargin)
      if cycles.isEmpty {
        draft.candidates = trace.draftTop.map { DraftRecord.Candidate(token: $0.token, score: Float($0.score), parent: -1, level: 0) }
      }
      let tree = DraftTree(tokens: cycle.treeTokens, parents: cycle.treeParents, scores: scores)
      cycles.append(CycleRecord(position: position, tree: tree, draft: draft, accepted: cycle.accepted, nextToken: cycle.nextToken))
      position += cycle.accepted.count
    }
    self.init(
      name: trace.name, promptIDs: trace.promptIDs, vanillaIDs: trace.vanillaIDs, speculativeIDs: trace.speculativeIDs,
      firstDivergence: try node.optional("first_divergence").map { (node) throws(GriffinError) in try Divergence(node) },
      cycles: cycles, secondsVanilla: try node.member("seconds_vanilla").number(),
      secondsSpeculative: try node.member("seconds_speculative").number(), minimumMargin: trace.minimumMargin, targetTop: trace.targetTop,
      phases: try node.optional("phase_seconds").map { (node) throws(GriffinError) in try PhaseSeconds(node) })
    guard isIdentical == (vanillaIDs == speculativeIDs || cycles.isEmpty) else {
      throw node.error("first_divergence does not say whether vanilla_ids and speculative_ids are equal")
    }
  }
}

extension CaseResult.Divergence {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    let ids = 0...Int(Int32.max)
    self.init(
      position: try node.member("position").integer(in: ids), vanilla: try node.optional("vanilla")?.integer(in: ids),
      speculative: try node.optional("speculative")?.integer(in: ids), margin: try node.optional("margin")?.number())
  }
}

extension PhaseSeconds {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    self.init(prompt: try node.member("prompt").number())
    (plain, draftPrompt) = (try node.optional("plain")?.number(), try node.optional("draft_prompt")?.number())
    (drafting, target) = (try node.optional("drafting")?.number(), try node.optional("target")?.number())
  }
}

extension WindowObservation {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    tokenCount = try node.member("tokens").integer(in: 0...Int(Int32.max))
    misses = try node.optional("misses").map { (node) throws(GriffinError) in try Misses(node) }
    otherMisses = try node.optional("misses_source").map { (node) throws(GriffinError) in try Misses(node) }
    comparison = try node.optional("comparison").map { (node) throws(GriffinError) in try TextComparison(node) }
    let lengths = [misses?.aligned.count, otherMisses?.aligned.count, comparison?.divergences.count].compactMap(\.self)
    guard lengths.allSatisfy({ $0 == tokenCount }) else { throw node.error("its parts are not of \(tokenCount) tokens, as it says") }
  }
}

extension WindowObservation.Misses {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    aligned = try node.member("first_pass").marks("01-").map { $0 == "-" ? nil : $0 == "1" }
    let counts = 0...Int(Int32.max)
    let (trials, successes) = (try node.member("trials").integers(in: counts), try node.member("successes").integers(in: counts))
    guard let counts = MisalignmentCounts(trials: trials, successes: successes) else {
      throw node.error("trials and successes are not those of \(MisalignmentCounts.passes) passes")
    }
    self.counts = counts
  }
}

extension TextComparison {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    func numbers(_ key: String) throws(GriffinError) -> [Double] {
      try node.member(key).numbers(UInt64.self).map { Double(bitPattern: $0) }
    }
    (divergences, overlaps) = (try numbers("kl"), try numbers("overlap"))
    agreements = try node.member("agree").marks("01").map { $0 == "1" }
    (losses, otherLosses) = (try numbers("loss"), try numbers("loss_source"))
    guard overlaps.count == divergences.count, agreements.count == divergences.count, losses.count == max(0, divergences.count - 1),
      otherLosses.count == losses.count
    else { throw node.error("kl, overlap and agree are not as long, or loss and loss_source not one shorter") }
  }
}

extension TraceNode {
  /// Little-endian numbers in base64, as their bit patterns.
  fileprivate func numbers<Pattern: FixedWidthInteger>(_: Pattern.Type) throws(GriffinError) -> [Pattern] {
    let width = Pattern.bitWidth / 8
    guard let bytes = Base64.decode(try string()), bytes.count.isMultiple(of: width) else {
      throw error("expected numbers of \(width) bytes in base64")
    }
    return stride(from: 0, to: bytes.count, by: width).map { start in
      (0..<width).reduce(0) { $0 | Pattern(bytes[start + $1]) << Pattern($1 * 8) }
    }
  }

  /// A text of these characters alone.
  fileprivate func marks(_ allowed: String) throws(GriffinError) -> [Character] {
    let marks = Array(try string())
    guard marks.allSatisfy(allowed.contains) else { throw error("expected a text of \"\(allowed)\" alone") }
    return marks
  }
}
