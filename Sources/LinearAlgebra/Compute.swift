internal import CKernels

/// The arithmetic of a transformer: every operation, on all threads, with the same bits everywhere.
///
/// Every dot product runs 16 float lanes over `k` (lane `k mod 16`) with fused multiply-add in
/// ascending `k`, zero-padded to whole groups, and one fixed fold at the end. So the result for a
/// row of weights and a token depends on nothing else: not on how many tokens are computed
/// together, the number of threads or the instruction set. Only `multiplyPrefill` leaves this rule.
///
/// Shapes that do not fit are mistakes of the caller and trap; errors come only from a source that
/// cannot lend its bytes.
///
/// Safe: kernels are called only with memory whose shape was checked.
@safe public final class Compute: Sendable {
  /// The instructions in use.
  public let instructionSet: InstructionSet
  /// The threads in use.
  public let pool: ThreadPool

  /// What does not depend on a stored type.
  let kernels: ck_kernels
  /// Products of rows of floats.
  let floatKernels: ck_row_kernels
  /// What a call needs beside its operands.
  let scratch = Scratch()

  /// - Parameters:
  ///   - threads: Threads that work on an operation, the caller's included.
  ///   - instructionSet: One of `InstructionSet.available`.
  public init(threads: Int, instructionSet: InstructionSet = .best) {
    precondition(InstructionSet.available.contains(instructionSet), "\(instructionSet) is not available on this machine")
    self.instructionSet = instructionSet
    self.pool = ThreadPool(threads: threads)
    if let set = instructionSet.kernelSet, let vectors = unsafe ck_vector_kernels(set), let rows = unsafe ck_f32_kernels(set) {
      unsafe kernels = vectors.pointee
      unsafe floatKernels = rows.pointee
    } else {
      kernels = PlainKernels.table
      floatKernels = PlainKernels.floats
    }
  }

  /// Operations below this many multiplications are not worth waking a thread for.
  private static let smallWork = 1 << 18

  /// Shares `0..<count` among the threads in ranges, long ones first, or runs it here where the whole is little work.
  ///
  /// A range's first rows are waited for, the rest are asked for in time: hence few ranges, and short ones at the end,
  /// so that threads finish together.
  /// - Parameters:
  ///   - step: The least to take at a time; multiples of it begin the ranges.
  ///   - work: Multiplications, or what takes as long, for all of `count`.
  func share(_ count: Int, step: Int, work: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let threads = pool.threadCount
    guard work >= Compute.smallWork, threads > 1 else { return body(0..<count) }
    pool.share(count) { job in
      while let range = job.nextRange(step: step, threads: threads) { body(range) }
    }
  }
}
