internal import Bundles
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
  /// Whether to replace a file that is there, and a partial file that is not continued.
  public let force: Bool
  /// Whether to continue a partial file that an earlier run left.
  public let resume: Bool
  public let threads: Int
  /// What the process may take of memory.
  public let memoryByteCount: Int
  /// Whether what is encoded is decoded again, to say how far it moved.
  public let measuresErrors: Bool
  public let cancellation: Cancellation
  public let progress: Progress?

  public init(
    _ inputs: ConversionInputs, output: String, force: Bool = false, resume: Bool = false, threads: Int = Workers.processorCount,
    memoryByteCount: Int = ConversionPlan.defaultMemoryByteCount, measuresErrors: Bool = false,
    cancellation: Cancellation = Cancellation(), progress: Progress? = nil
  ) {
    (self.inputs, self.output, self.force, self.resume, self.threads) = (inputs, output, force, resume, threads)
    (self.memoryByteCount, self.measuresErrors) = (memoryByteCount, measuresErrors)
    (self.cancellation, self.progress) = (cancellation, progress)
  }

  /// Compares, plans, writes. An error leaves neither the output nor a partial file; an interrupt or a full disk leaves the
  /// partial file with its record, which a run with `resume` continues. A run that cannot continue one leaves it as it was.
  /// - Throws: `usage` where the output is an input; `exists` or `uncreatable` where it cannot be made; `exists` where a
  ///   partial file is of another conversion; what `Sharing`, `ConversionPlan` and `execute` throw.
  public func run() throws(GriffinError) -> (result: ConversionResult, plan: ConversionPlan) {
    try inputs.checkOutput(path: output)
    // Taken first, so that a name that cannot be had is known before the long work.
    let file = try openOutput()
    var isUnderWay = false
    do throws(GriffinError) {
      if let done = try runAsForecast(file, isUnderWay: &isUnderWay) { return done }
      let sharing = try Sharing(
        comparing: inputs, threads: threads, cancellation: cancellation, progress: ConversionRun.report(.comparing, to: progress))
      let plan = try ConversionPlan(inputs, sharing: sharing, measuresErrors: measuresErrors)
      let (record, resumption) = try openRecord(plan, file)
      isUnderWay = true
      var result = try plan.execute(
        to: file, record: record, threads: threads, memoryByteCount: memoryByteCount, cancellation: cancellation,
        progress: progress)
      if let resumption { result.resumption = resumption }
      return (result, plan)
    } catch {
      throw leave(file, after: error, isUnderWay: isUnderWay)
    }
  }

  /// Carries the conversion out as one of a pair with one embedding, where that would save reading a far one twice.
  /// - Parameter isUnderWay: Set once something is written.
  /// - Returns: nil where there is nothing to save, or where it has two; the file is then as it was.
  private func runAsForecast(
    _ file: OutputFile, isUnderWay: inout Bool
  ) throws(GriffinError) -> (result: ConversionResult, plan: ConversionPlan)? {
    guard !file.isResumed, !measuresErrors, let forecast = try EmbeddingForecast(inputs, threads: threads, cancellation: cancellation) else { return nil }
    let plan = forecast.comparing(try ConversionPlan(inputs, sharing: forecast.sharing))
    let (record, _) = try openRecord(plan, file)
    isUnderWay = true
    do throws(GriffinError) {
      let result = try plan.execute(
        to: file, record: record, threads: threads, memoryByteCount: memoryByteCount, cancellation: cancellation, progress: progress)
      return (result, plan)
    } catch {
      guard forecast.isWrong else { throw error }
      try file.restart()
      isUnderWay = false
      return nil
    }
  }

  private func openOutput() throws(GriffinError) -> OutputFile {
    do throws(GriffinError) {
      return try OutputFile(path: output, force: force, leftover: resume ? .resume : force ? .replace : .refuseResumable)
    } catch {
      guard error.kind == .space else { throw error }
      let plan = try ConversionPlan(inputs, sharing: Sharing(unread: inputs), measuresErrors: measuresErrors)
      throw error.needing(plan.bundle.fileByteCount)
    }
  }

  /// Takes over the record of a partial file, or begins one.
  private func openRecord(
    _ plan: ConversionPlan, _ file: OutputFile
  ) throws(GriffinError) -> (ConversionRecord, Resumption?) {
    let identity = ConversionIdentity(plan)
    var resumption: Resumption?
    if file.isResumed {
      do throws(GriffinError) {
        let record = try ConversionRecord.resume(identity, file) { (input) throws(GriffinError) in try hash(input) }
        try file.checkRoom(byteCount: plan.bundle.fileByteCount)
        return (record, nil)
      } catch {
        guard force, error.kind == .exists else { throw error }
        resumption = .restarted(reason: error.message)
        try file.restart()
      }
    }
    // The record comes before the file's bytes: a partial file with bytes has a record.
    try file.checkRoom(byteCount: plan.bundle.fileByteCount)
    do throws(GriffinError) {
      return (try ConversionRecord.begin(identity, file), resumption)
    } catch {
      throw error.kind == .space ? error.needing(plan.bundle.fileByteCount) : error
    }
  }

  private func hash(_ file: InputFile) throws(GriffinError) -> SHA256Digest {
    var buffer = ByteBuffer(byteCount: ConversionPlan.chunkByteCount)
    return try SHA256Digest(of: file, through: &buffer, cancellation: cancellation)
  }

  /// Keeps or removes the partial file.
  /// - Parameter isUnderWay: Whether this run began to write.
  /// - Returns: The error, with a hint where there is something to continue.
  private func leave(_ file: OutputFile, after error: GriffinError, isUnderWay: Bool) -> GriffinError {
    // What an earlier run left stays as it was until this one writes.
    let isKept = isUnderWay
      ? (file.isReserved || file.isResumed) && [.interrupted, .space].contains(error.kind) : file.isResumed
    guard isKept else {
      file.discard()
      return error
    }
    file.keep()
    var error = error
    if [.interrupted, .space].contains(error.kind) {
      error.hints.append("\(file.partialPath) is kept; the same command with --resume continues it")
    }
    return error
  }

  static func report(_ phase: Phase, to progress: Progress?) -> ProgressMeter.Report? {
    guard let progress else { return nil }
    return { done, total in progress(phase, done, total) }
  }
}

extension GriffinError {
  /// The same, saying how many bytes the output takes.
  fileprivate func needing(_ byteCount: Int) -> GriffinError {
    var error = self
    error.message += "; \(byteCount) bytes are needed"
    return error
  }
}
