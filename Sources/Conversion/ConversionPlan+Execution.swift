internal import Bundles
public import ByteStorage
internal import Quantization
internal import Synchronization
public import Tensors

/// What a conversion made.
public struct ConversionResult: Sendable {
  /// The bundle's digest.
  public let digest: SHA256Digest
  /// Bytes of the file.
  public let byteCount: Int
  public let tensorCount: Int
  public let payloadCount: Int
  /// Bytes of the weight files that were read.
  public let sourceByteCount: Int
  public let types: [ElementType: Int]
  /// How far the values of encoded tensors moved, in the manifest's order; empty where that was not measured.
  public let errors: [EncodingLoss]
  /// What became of an earlier run's work; nil where there was none to continue.
  public internal(set) var resumption: Resumption?
}

/// What became of the work of a run that did not finish.
public enum Resumption: Sendable, Hashable {
  /// So many payloads of tensors were there and were kept.
  case continued(kept: Int, of: Int)
  /// It was of another conversion and was thrown away.
  case restarted(reason: String)
}

extension ConversionPlan {
  /// Bytes that one thread reads at a time: large enough for a disk, small enough for a cache.
  static let chunkByteCount = 1 << 20
  /// What a conversion may take of memory unless it is told otherwise; half of it is for the threads' buffers.
  public static let defaultMemoryByteCount = 256 << 20

  /// Carries the plan out and gives the file its name. The bytes do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - output: The file to be; discarded by its owner where this throws.
  ///   - threads: Threads to read, convert, hash and write on.
  ///   - memoryByteCount: What the process may take of memory.
  ///   - cancellation: Looked at between chunks.
  ///   - progress: Told of bytes of the source that are done and of all, each counted once.
  /// - Throws: `space` or `io` where writing fails; what reading the inputs throws; `changed` where an input is no
  ///   longer what it was; `interrupted`; `exists` where another file took the name meanwhile.
  public func execute(
    to output: OutputFile, threads: Int, memoryByteCount: Int = ConversionPlan.defaultMemoryByteCount,
    cancellation: Cancellation = Cancellation(), progress: ConversionRun.Progress? = nil
  ) throws(GriffinError) -> ConversionResult {
    try execute(
      to: output, record: nil, threads: threads, memoryByteCount: memoryByteCount, cancellation: cancellation, progress: progress)
  }

  /// The same, noting what is finished in a record, and leaving out what it says is finished and the file holds.
  func execute(
    to output: OutputFile, record: ConversionRecord?, threads: Int, memoryByteCount: Int, cancellation: Cancellation,
    progress: ConversionRun.Progress?
  ) throws(GriffinError) -> ConversionResult {
    let writer = try BundleWriter(plan: bundle, output: output)
    let meter = ProgressMeter(total: workByteCount, report: report(to: progress))
    let digests = Locked((payloads: bundle.manifest.payloads.map(\.digest), provenance: bundle.manifest.provenance.map(\.digest)))
    let payloadJobCount = jobs.count { if case .payload = $0 { true } else { false } }
    let measured = Locked([Int: Manifest.Errors]())
    let kept = Atomic(0)
    for (index, attachment) in attachments.enumerated() {
      try writer.write(attachment.frame.rawBytes, toPayload: index, at: 0)
    }
    // A thread's buffers take up to four times its chunk: what is read, its floats, and what they become.
    let chunk = max(64 << 10, min(ConversionPlan.chunkByteCount, memoryByteCount / 8 / max(threads, 1)))
    let makeState: @Sendable () -> PayloadWriter = {
      PayloadWriter(writer, chunkByteCount: chunk, measuresErrors: measuresErrors, cancellation: cancellation, meter: meter)
    }
    let tasks = ConversionTask.all(of: self, record)
    let pieces = Locked(tasks.reduce(into: [Int: Int]()) { if $1.rows != nil { $0[$1.job, default: 0] += 1 } })
    try Workers.run(threads, jobs: tasks.count, makeState: makeState) { task, state throws(GriffinError) in
      let job = tasks[task].job
      switch jobs[job] {
      case .payload(let index, let tensor, let conversion, let name) where tasks[task].rows != nil:
        _ = try state.write(tensor, by: conversion, toPayload: index, name: name, rows: tasks[task].rows)
        let left = pieces.withLock { pieces in
          pieces[job, default: 0] -= 1
          return pieces[job, default: 0]
        }
        // Whoever ends the last piece hashes the whole, which is still in memory.
        guard left == 0 else { return }
        guard let digest = try state.digest(ofPayload: index, byteCount: bundle.manifest.payloads[index].byteCount) else {
          throw GriffinError(.io, file: output.partialPath, tensor: name, "what was written cannot be read back")
        }
        digests.withLock { $0.payloads[index] = digest }
        record?.finish(payload: index, digest, nil)
      case .payload(let index, let tensor, let conversion, let name):
        let byteCount = bundle.manifest.payloads[index].byteCount
        if let done = record?.finished[index], !conversion.isMeasured(measuresErrors) || done.errors != nil,
          try state.holds(payload: index, byteCount: byteCount, digest: done.digest)
        {
          digests.withLock { $0.payloads[index] = done.digest }
          if let errors = done.errors { measured.withLock { $0[index] = errors } }
          meter.add(jobs[job].byteCount)
          kept.add(1, ordering: .relaxed)
          return
        }
        let digest = try state.write(tensor, by: conversion, toPayload: index, name: name)
        let errors = state.error.map { Manifest.Errors(rmse: $0.rmse, maximum: $0.maximum, cosine: $0.cosine) }
        digests.withLock { $0.payloads[index] = digest }
        if let errors { measured.withLock { $0[index] = errors } }
        record?.finish(payload: index, digest, errors)
      case .provenance(let index, let file):
        if let done = record?.hashed[index] {
          digests.withLock { $0.provenance[index] = done }
          return meter.add(file.byteCount)
        }
        let digest = try state.hash(file)
        digests.withLock { $0.provenance[index] = digest }
        record?.finish(hash: index, digest)
      }
    }
    try inputs.checkUnchanged()
    try cancellation.check()
    let (payloadDigests, provenanceDigests) = digests.withLock { ($0.payloads, $0.provenance) }
    progress?(.finishing, 0, bundle.fileByteCount)
    let errors = measured.withLock(\.self)
    let digest = try writer.finish(payloadDigests: payloadDigests, provenanceDigests: provenanceDigests, errors: errors)
    progress?(.finishing, bundle.fileByteCount, bundle.fileByteCount)
    return ConversionResult(
      digest: digest, byteCount: bundle.fileByteCount, tensorCount: bundle.manifest.tensors.count,
      payloadCount: bundle.manifest.payloads.count, sourceByteCount: inputs.sourceByteCount,
      types: bundle.manifest.typeCounts(), errors: EncodingLoss.list(bundle.manifest, errors),
      resumption: output.isResumed ? .continued(kept: kept.load(ordering: .relaxed), of: payloadJobCount) : nil)
  }
}
