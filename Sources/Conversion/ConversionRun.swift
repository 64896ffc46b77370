public import ByteStorage

/// From inputs to a finished bundle in one call: what `griffin convert` does.
///
/// ```swift
/// let inputs = try ConversionInputs(target: target, draft: draft)
/// let (result, plan) = try ConversionRun(inputs, output: "pair.griffin").run()
/// print(result.digest, plan.sharing.embedding as Any)
/// ```
public struct ConversionRun: Sendable {
  /// What a conversion is busy with.
  public enum Phase: String, Sendable, Hashable {
    /// Comparing embeddings.
    case comparing
    /// Reading, converting, hashing and writing.
    case converting
    /// Waiting for the disk.
    case finishing
  }

  /// Told of the phase, and of bytes done and bytes in all of that phase; from one thread at a time.
  public typealias Progress = @Sendable (_ phase: Phase, _ done: Int, _ total: Int) -> Void

  public let inputs: ConversionInputs
  /// The path of the bundle to be.
  public let output: String
  /// Whether to replace a file that is there.
  public let force: Bool
  public let threads: Int
  /// What the process may take of memory.
  public let memoryByteCount: Int
  /// Whether what is encoded is decoded again, to say how far it moved.
  public let measuresErrors: Bool
  public let cancellation: Cancellation
  public let progress: Progress?

  public init(
    _ inputs: ConversionInputs, output: String, force: Bool = false, threads: Int = Workers.processorCount,
    memoryByteCount: Int = ConversionPlan.defaultMemoryByteCount, measuresErrors: Bool = false,
    cancellation: Cancellation = Cancellation(), progress: Progress? = nil
  ) {
    (self.inputs, self.output, self.force, self.threads) = (inputs, output, force, threads)
    (self.memoryByteCount, self.measuresErrors) = (memoryByteCount, measuresErrors)
    (self.cancellation, self.progress) = (cancellation, progress)
  }

  /// Compares, plans, writes. Whatever it throws, neither the output nor a partial file is left.
  /// - Throws: `usage` where the output is an input; `exists` or `uncreatable` where it cannot be made; what
  ///   `Sharing`, `ConversionPlan` and `execute` throw.
  public func run() throws(GriffinError) -> (result: ConversionResult, plan: ConversionPlan) {
    try inputs.checkOutput(path: output)
    // Taken first, so that a name that cannot be had is known before the long work.
    let file = try OutputFile(path: output, force: force)
    defer { file.discard() }
    let sharing = try Sharing(
      comparing: inputs, threads: threads, cancellation: cancellation, progress: ConversionRun.report(.comparing, to: progress))
    let plan = try ConversionPlan(inputs, sharing: sharing, measuresErrors: measuresErrors)
    let result = try plan.execute(
      to: file, threads: threads, memoryByteCount: memoryByteCount, cancellation: cancellation, progress: progress)
    return (result, plan)
  }

  static func report(_ phase: Phase, to progress: Progress?) -> ProgressMeter.Report? {
    guard let progress else { return nil }
    return { done, total in progress(phase, done, total) }
  }
}
