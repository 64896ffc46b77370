public import ByteStorage
internal import LinearAlgebra

/// What single passes cost on this machine, after the prompt that was prepared last.
extension PairDecoder {
  /// The nodes of the largest tree whose pass is timed.
  public static let costliestTree = 64

  /// Readies both models and gives a tree to time passes with: drafted, so that a mixture's experts are chosen as in decoding.
  /// - Throws: What the sources throw.
  /// - Precondition: `prepare` has succeeded, and `canSpeculate`.
  public func costTree(cancellation: Cancellation = Cancellation()) throws -> DraftTree {
    guard let drafter else { preconditionFailure("there is no draft") }
    precondition(!prompt.isEmpty, "a prompt is prepared first")
    try restart(drafter, root: firstToken, cancellation: cancellation)
    return try drafter.draft(root: firstToken, settings: DecodeSettings(totalTokens: PairDecoder.costliestTree)).tree
  }

  /// Seconds of the target's pass over the first nodes of a tree, with its head.
  /// - Precondition: `costTree` has been called since `prepare`.
  public func targetSeconds(nodes count: Int, of tree: DraftTree) throws -> Double {
    let part = DraftTree(
      tokens: Array(tree.tokens.prefix(count)), parents: Array(tree.parents.prefix(count)), scores: Array(tree.scores.prefix(count)))
    let start = ContinuousClock.now
    try target.decode(part, features: &features)
    try target.logits(features, into: &logits)
    let seconds = start.secondsSince
    target.truncate(to: prompt.count)
    return seconds
  }

  /// Seconds of drafting a tree after the prompt.
  /// - Precondition: `costTree` has been called since `prepare`.
  public func draftSeconds(_ settings: DecodeSettings) throws -> Double {
    guard let drafter else { preconditionFailure("there is no draft") }
    let start = ContinuousClock.now
    _ = try drafter.draft(root: firstToken, settings: settings)
    return start.secondsSince
  }

  /// Seconds of feeding so many accepted tokens to the draft, whose cache holds them no longer afterwards.
  /// - Precondition: `costTree` has been called since `prepare`.
  public func extensionSeconds(tokens count: Int) throws -> Double {
    guard let drafter else { preconditionFailure("there is no draft") }
    let length = drafter.length
    selected.resize(tokens: count)
    let start = ContinuousClock.now
    try drafter.extend(features: selected, tokens: [Int](repeating: firstToken, count: count))
    let seconds = start.secondsSince
    drafter.truncate(to: length)
    return seconds
  }
}
