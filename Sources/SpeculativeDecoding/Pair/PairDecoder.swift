public import ByteStorage
public import LinearAlgebra
public import Models

/// A target and, where there is one, its draft, decoding from a prompt, plainly and speculatively.
///
/// The prompt is decoded once, and both ways of going on start from its caches: `prepare`, then `decodePlainly`
/// or `decodeSpeculatively` in any order.
public final class PairDecoder {
  let target: TargetDecoder
  let drafter: TreeDrafter?
  let compute: Compute
  /// Whether the draft reads states of the target's layers, and not its last ones.
  let readsTaps: Bool
  /// What the draft reads of the prompt, a row a token, from which it starts.
  private(set) var promptFeatures: Activations
  var features, selected: Activations
  private var last: Activations
  var logits: Activations
  private(set) var prompt: [Int] = []
  private(set) var firstToken = 0
  private var firstLogits: [Float] = []
  /// Seconds of the target's pass over the prompt.
  public private(set) var promptSeconds = 0.0

  /// Prompt tokens that go through the target together; bounds the memory of a long prompt.
  private static let prefillChunk = 512

  /// - Precondition: The two fit, as `ModelPair` checks.
  /// - Throws: What the tensors' source throws, and `unsupported` for element types or kinds that are not decoded.
  public init(target model: TargetModel, draft: DraftModel?, compute: Compute) throws {
    let taps = try draft?.configuration.eagle3?.tappedLayers(ofTarget: model.configuration.layerCount) ?? []
    let target = try TargetDecoder(model, compute: compute, taps: taps)
    self.target = target
    self.compute = compute
    readsTaps = !taps.isEmpty
    drafter = try draft.map {
      TreeDrafter(try DraftDecoders.make($0, context: DraftContext(target: target, compute: compute)), compute: compute)
    }
    let hidden = model.configuration.hiddenSize
    let featureColumns = max(taps.count, 1) * hidden
    promptFeatures = Activations(columns: featureColumns)
    features = Activations(columns: hidden)
    last = Activations(columns: hidden)
    selected = Activations(columns: featureColumns)
    logits = Activations(columns: model.configuration.vocabularySize)
  }

  /// Whether there is a draft to speculate with.
  public var canSpeculate: Bool { drafter != nil }

  /// The draft at work, for passes that no tree is made of.
  var draftDecoder: (any DraftDecoder)? { drafter?.decoder }
  /// Rows in the draft's cache.
  var draftLength: Int { drafter?.length ?? 0 }
  /// Empties the draft's cache.
  func truncateDraft() { drafter?.truncate(to: 0) }

  /// Empties both caches: until `prepare` there is no prompt to go on from.
  func forgetPrompt() {
    prompt = []
    target.truncate(to: 0)
    truncateDraft()
  }

  /// Decodes a prompt, which becomes the start of what follows.
  /// - Parameter tokens: At least one id, each within the vocabulary.
  /// - Throws: `usage` for an empty prompt or an id outside the vocabulary, and what the source throws.
  public func prepare(prompt tokens: [Int], cancellation: Cancellation = Cancellation()) throws {
    let vocabulary = target.configuration.vocabularySize
    guard !tokens.isEmpty else { throw GriffinError(.usage, "the prompt is empty; it needs at least one token") }
    if let outside = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw GriffinError(.usage, "prompt id \(outside) is outside the vocabulary of \(vocabulary)")
    }
    let start = ContinuousClock.now
    forgetPrompt()
    promptFeatures.resize(tokens: tokens.count)
    for start in stride(from: 0, to: tokens.count, by: PairDecoder.prefillChunk) {
      try cancellation.check()
      let chunk = Array(tokens[start..<min(tokens.count, start + PairDecoder.prefillChunk)])
      try target.decode(chunk, isPrefill: true, features: &features)
      for row in chunk.indices { copyDraftFeature(row, to: start + row, of: &promptFeatures) }
      compute.copyRows([chunk.count - 1], of: features, into: &last)
    }
    prompt = tokens
    try target.logits(last, into: &logits)
    firstToken = compute.argmax(logits.row(0))
    firstLogits = logits.values(ofRow: 0)
    promptSeconds = start.secondsSince
  }

  /// Copies what the draft reads of a token of the target's last pass.
  private func copyDraftFeature(_ row: Int, to place: Int, of matrix: inout Activations) {
    if readsTaps {
      matrix.copyRow(row, of: target.tapped, to: place)
    } else {
      matrix.copyRow(row, of: features, to: place)
    }
  }

  /// Keeps what the draft reads of all tokens of the target's last pass.
  func takeFeatures(_ count: Int) {
    promptFeatures.resize(tokens: count)
    for row in 0..<count { copyDraftFeature(row, to: row, of: &promptFeatures) }
  }

  /// Brings some of what was kept to where the draft is fed from.
  func takeFeatures(_ rows: Range<Int>) { compute.copyRows(Array(rows), of: promptFeatures, into: &selected) }

  /// The target's logits after the prompt, `[vocab_size]`.
  public var promptLogits: [Float] { firstLogits }

  /// The target's best tokens after the prompt, best first, with their logits.
  public func promptTop(_ count: Int) -> [(token: Int, logit: Float)] {
    compute.topK(firstLogits.span, count).map { ($0, firstLogits[$0]) }
  }

  /// Decoding a token a pass, greedily unless the settings sample.
  /// - Parameter onToken: Told each token as it comes.
  /// - Throws: `usage` for settings out of range, `interrupted`, and what the source throws.
  /// - Precondition: `prepare` has succeeded.
  public func decodePlainly(
    _ settings: DecodeSettings, cancellation: Cancellation = Cancellation(), onToken: (Int) -> Void = { _ in }
  ) throws -> PlainRun {
    precondition(!prompt.isEmpty, "a prompt is prepared first")
    try settings.validate()
    target.truncate(to: prompt.count)
    let start = ContinuousClock.now
    var choice = TokenChoice(settings.sampling, compute)
    let first = choice.next(firstLogits.span)
    var ids = [first]
    var margin = PairDecoder.margin(firstLogits.span, best: firstToken)
    onToken(first)
    while !settings.isComplete(ids) {
      try cancellation.check()
      try target.decode([ids[ids.count - 1]], features: &features)
      try target.logits(features, into: &logits)
      let next = choice.next(logits.row(0))
      margin = min(margin, PairDecoder.margin(logits.row(0), best: compute.argmax(logits.row(0))))
      ids.append(next)
      onToken(next)
    }
    return PlainRun(ids: settings.cut(ids), minimumMargin: Double(margin), seconds: start.secondsSince)
  }

  /// Speculative decoding, a drafted tree a target pass, greedily unless the settings sample.
  /// - Parameter onCycle: Told each cycle as it ends.
  /// - Throws: As `decodePlainly`.
  /// - Precondition: `prepare` has succeeded, and `canSpeculate`.
  public func decodeSpeculatively(
    _ settings: DecodeSettings, cancellation: Cancellation = Cancellation(), onCycle: (CycleRecord) -> Void = { _ in }
  ) throws -> SpeculativeRun {
    guard let drafter else { preconditionFailure("there is no draft") }
    precondition(!prompt.isEmpty, "a prompt is prepared first")
    try settings.validate()
    let start = ContinuousClock.now
    var (ids, cycles): ([Int], [CycleRecord]) = ([], [])
    var choice = TokenChoice(settings.sampling, compute)
    var root = choice.next(firstLogits.span)
    try restart(drafter, root: root, cancellation: cancellation)
    let draftPromptSeconds = start.secondsSince
    while !settings.isComplete(ids) {
      try cancellation.check()
      let (position, begin) = (target.length, ContinuousClock.now)
      let (tree, record) = try drafter.draft(root: root, settings: settings)
      let drafted = ContinuousClock.now
      try target.decode(tree, features: &features)
      try target.logits(features, into: &logits)
      let (accepted, next) = choice.walk(tree, logits)
      target.keep(prefix: position, rows: accepted.map { position + $0 })
      let targetSeconds = drafted.secondsSince
      selected.resize(tokens: accepted.count)
      for (row, node) in accepted.enumerated() { copyDraftFeature(node, to: row, of: &selected) }
      try drafter.extend(features: selected, tokens: accepted.dropFirst().map { tree.tokens[$0] } + [next])
      let cycle = CycleRecord(
        position: position, tree: tree, draft: record, accepted: accepted, nextToken: next,
        draftSeconds: begin.secondsSince - targetSeconds, targetSeconds: targetSeconds)
      cycles.append(cycle)
      ids += cycle.emitted
      root = next
      onCycle(cycle)
    }
    return SpeculativeRun(ids: settings.cut(ids), cycles: cycles, seconds: start.secondsSince, draftPromptSeconds: draftPromptSeconds)
  }

  /// A tree drafted after the prompt and the target's best token, and the target's logits at each of its nodes.
  /// - Throws: As `decodeSpeculatively`.
  /// - Precondition: `prepare` has succeeded, and `canSpeculate`.
  package func firstTree(
    _ settings: DecodeSettings, cancellation: Cancellation = Cancellation()
  ) throws -> (tree: DraftTree, logits: [[Float]]) {
    guard let drafter else { preconditionFailure("there is no draft") }
    try restart(drafter, root: firstToken, cancellation: cancellation)
    let (tree, _) = try drafter.draft(root: firstToken, settings: settings)
    try target.decode(tree, features: &features)
    try target.logits(features, into: &logits)
    var rows: [[Float]] = []
    for node in 0..<tree.nodeCount { rows.append(logits.values(ofRow: node)) }
    target.truncate(to: prompt.count)
    return (tree, rows)
  }

  /// The draft's logits of the token after the prompt and the target's best token, `[outputWidth]`.
  /// - Precondition: `prepare` has succeeded, and `canSpeculate`.
  package func firstDraftLogits() throws -> [Float] {
    guard let drafter else { preconditionFailure("there is no draft") }
    try restart(drafter, root: firstToken, cancellation: Cancellation())
    return try drafter.firstLogits()
  }

  /// Takes both models back to the prompt: the draft is fed the whole of it, in chunks.
  func restart(_ drafter: TreeDrafter, root: Int, cancellation: Cancellation) throws {
    target.truncate(to: prompt.count)
    drafter.truncate(to: 0)
    let following = prompt.dropFirst() + [root]
    for start in stride(from: 0, to: prompt.count, by: PairDecoder.prefillChunk) {
      try cancellation.check()
      let rows = start..<min(prompt.count, start + PairDecoder.prefillChunk)
      takeFeatures(rows)
      try drafter.extend(features: selected, tokens: rows.map { following[following.startIndex + $0] })
    }
  }

  /// The gap between the best logit and the next.
  private static func margin(_ logits: Span<Float>, best: Int) -> Float {
    var second = -Float.infinity
    for index in logits.indices where index != best { second = max(second, logits[index]) }
    return logits[best] - second
  }
}

/// What decoding gave.
public struct PlainRun: Sendable {
  /// Generated ids, ended by the first stop token or cut.
  public let ids: [Int]
  /// The smallest gap between the two best logits along the way.
  public let minimumMargin: Double
  /// Seconds after the prompt.
  public let seconds: Double
}

/// What speculative decoding gave.
public struct SpeculativeRun: Sendable {
  public init(ids: [Int], cycles: [CycleRecord], seconds: Double, draftPromptSeconds: Double = 0) {
    (self.ids, self.cycles, self.seconds, self.draftPromptSeconds) = (ids, cycles, seconds, draftPromptSeconds)
  }

  /// Generated ids, ended by the first stop token or cut.
  public let ids: [Int]
  public let cycles: [CycleRecord]
  /// Seconds after the target's pass over the prompt; the draft's is included.
  public let seconds: Double
  /// Seconds of the draft's pass over the prompt.
  public let draftPromptSeconds: Double
}
