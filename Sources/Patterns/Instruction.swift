/// One instruction of a compiled expression. Places are indices of instructions.
enum Instruction: Sendable, Hashable {
  case scalar(ScalarSet)
  /// As many scalars of a set as there are, up to `maximum`; fewer are tried afterwards unless it is possessive.
  case run(ScalarSet, minimum: Int, maximum: Int, PatternNode.Greed)
  /// Goes on at `first`, and at `second` if that fails.
  case either(first: Int, second: Int)
  case jump(Int)
  /// Notes where a round of a loop begins.
  case beginRound(slot: Int)
  /// Leaves the loop where its round took nothing.
  case endRound(slot: Int, exit: Int)
  /// Matches the instructions that follow, to their `accept`, for themselves, then goes on at `next`.
  case atomic(next: Int)
  case look(isNegative: Bool, next: Int)
  /// Steps back before a look-behind.
  case back(Int)
  case anchor(PatternNode.Anchor)
  case accept
}
