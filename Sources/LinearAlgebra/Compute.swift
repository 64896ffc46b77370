/// The arithmetic of a transformer: every operation, on all threads, with the same bits everywhere.
///
/// Every dot product runs 16 float lanes over `k` (lane `k mod 16`) with fused multiply-add in
/// ascending `k`, zero-padded to whole groups, and one fixed fold at the end. So the result for a
/// row of weights and a token depends on nothing else: not on how many tokens are computed
/// together, the number of threads or the instruction set. Only `multiplyPrefill` leaves this rule.
///
/// Shapes that do not fit are mistakes of the caller and trap; errors come only from a source that
/// cannot lend its bytes.
public final class Compute: Sendable {
  /// The instructions in use.
  public let instructionSet: InstructionSet
  /// The threads in use.
  public let pool: ThreadPool

  /// - Parameters:
  ///   - threads: Threads that work on an operation, the caller's included.
  ///   - instructionSet: One of `InstructionSet.available`.
  public init(threads: Int, instructionSet: InstructionSet = .best) {
    precondition(InstructionSet.available.contains(instructionSet), "\(instructionSet) is not available on this machine")
    self.instructionSet = instructionSet
    self.pool = ThreadPool(threads: threads)
  }
}
