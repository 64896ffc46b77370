/// What the passes of a pair take on this machine, as far as a few short ones tell.
public struct PassSeconds: Sendable {
  /// A token of a prompt, through the target.
  public var promptToken = 0.0
  /// A token of plain decoding.
  public var plainToken = 0.0
  /// A token of a text that is run over, with the target's head.
  public var textToken = 0.0
  /// A token through the target's head alone.
  public var headToken = 0.0
  /// A token of a prompt or a text, through the draft; 0 without one.
  public var draftToken = 0.0
  /// Drafting a tree.
  public var drafting = 0.0
  /// A cycle: a tree, its verification, and what is accepted.
  public var cycle = 0.0
  /// Tokens that a cycle is expected to add.
  public var tokensPerCycle = 1.0

  public init() {}
}
