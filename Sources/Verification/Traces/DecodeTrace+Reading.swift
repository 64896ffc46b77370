public import ByteStorage
internal import SpeculativeDecoding

extension DecodeTrace {
  static let formatName = "griffin-trace"
  static let formatVersion = 1

  /// Nodes of a tree at most, the root included: what settings allow.
  fileprivate static let nodeLimit = 4096

  /// Reads and checks a trace file.
  /// - Throws: `malformed` with the place in the document, `unsupported` for another version or a temperature above 0.
  public init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    let value = try JSONValue.parse(file.bytes, limits: .trace, file: path)
    try self.init(value, file: path)
  }

  /// Checks a trace that has been parsed.
  /// - Parameter file: Named in errors.
  public init(_ value: JSONValue, file: String?) throws(GriffinError) {
    let document = TraceNode(value: value, path: "the document", file: file)
    let format = try document.member("format").string()
    guard format == DecodeTrace.formatName else {
      throw document.error("format is \"\(format.shortened(to: 40).printable)\"; expected \"\(DecodeTrace.formatName)\"")
    }
    let version = try document.member("version").integer(in: 0...Int.max)
    guard version == DecodeTrace.formatVersion else {
      throw GriffinError(
        .unsupported, file: file, "trace version \(version); this program reads version \(DecodeTrace.formatVersion)")
    }
    producer = try document.optional("producer")?.string() ?? ""
    acceptanceLength = try document.member("acceptance_length").number()
    settings = try DecodeSettings(document.member("settings"))
    cases = try document.member("cases").elements { (node) throws(GriffinError) in try Case(node) }
    guard !cases.isEmpty else { throw document.error("cases is empty; there is nothing to compare with") }
  }
}

extension DecodeSettings {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    let temperature = try node.optional("temperature")?.number() ?? 0
    guard temperature == 0 else {
      throw GriffinError(.unsupported, file: node.file, "the trace was sampled at temperature \(temperature); only greedy traces are compared")
    }
    self.init(
      totalTokens: try node.member("total_tokens").integer(in: 1...DecodeTrace.nodeLimit),
      depth: try node.member("depth").integer(in: DecodeSettings.depthRange),
      topK: try node.member("top_k").integer(in: DecodeSettings.topKRange),
      maxNewTokens: try node.member("max_new_tokens").integer(in: 1...1_000_000),
      stopTokens: Set(try node.member("stop_ids").integers(in: 0...Int(Int32.max))))
  }
}

extension DecodeTrace.Case {
  init(_ node: TraceNode) throws(GriffinError) {
    let ids = 0...Int(Int32.max)
    name = try node.member("name").string()
    promptIDs = try node.member("prompt_ids").integers(in: ids)
    vanillaIDs = try node.member("vanilla_ids").integers(in: ids)
    speculativeIDs = try node.member("speculative_ids").integers(in: ids)
    cycles = try node.member("cycles").elements { (node) throws(GriffinError) in try DecodeTrace.Cycle(node) }
    targetTop = try node.optional("target_top")?.scoredTokens() ?? []
    draftTop = try node.optional("draft_top")?.scoredTokens() ?? []
    minimumMargin = try node.optional("min_margin")?.number()
    guard !promptIDs.isEmpty else { throw node.error("prompt_ids is empty; a prompt has at least one token") }
  }
}

extension DecodeTrace.Cycle {
  fileprivate init(_ node: TraceNode) throws(GriffinError) {
    treeTokens = try node.member("tree_tokens").integers(in: 0...Int(Int32.max))
    treeParents = try node.member("tree_parents").integers(in: -1...DecodeTrace.nodeLimit)
    accepted = try node.member("accepted").integers(in: 0...DecodeTrace.nodeLimit)
    nextToken = try node.member("next_token").integer(in: 0...Int(Int32.max))
    selectionMargin = try node.member("selection_margin").number()
    guard treeTokens.count <= DecodeTrace.nodeLimit else {
      throw node.error("tree_tokens has \(treeTokens.count) entries; expected at most \(DecodeTrace.nodeLimit)")
    }
    guard !treeTokens.isEmpty, treeTokens.count == treeParents.count else {
      throw node.error("tree_tokens has \(treeTokens.count) entries and tree_parents \(treeParents.count); expected as many, one or more")
    }
    for (index, parent) in treeParents.enumerated() where parent >= index || (parent < 0) != (index == 0) {
      throw node.error("node \(index) has parent \(parent); expected an earlier node, and -1 for the root alone")
    }
    guard accepted.first == 0 else { throw node.error("accepted does not begin with the root, node 0") }
    for (before, after) in zip(accepted, accepted.dropFirst())
    where after >= treeParents.count || treeParents[after] != before {
      throw node.error("accepted goes from node \(before) to node \(after), which is not its child")
    }
  }
}
