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
    let (pieces, table) = (pieces(record), PieceTable(jobs))
    // Of payloads that are done in parts, how many are left.
    let parts = Locked(pieces.reduce(into: [Int: Int]()) { if case .payload(let index, .some) = $1 { $0[index, default: 0] += 1 } })
    try Workers.run(threads, jobs: pieces.count, makeState: makeState) { number, state throws(GriffinError) in
      let piece = pieces[number]
      switch piece {
      case .payload(let index, .some):
        _ = try state.perform(piece, of: table)
        let left = parts.withLock { parts in
          parts[index, default: 0] -= 1
          return parts[index, default: 0]
        }
        // Whoever ends the last part hashes the whole, which is still in memory.
        guard left == 0 else { return }
        guard let digest = try state.digest(ofPayload: index, byteCount: bundle.manifest.payloads[index].byteCount) else {
          throw GriffinError(.io, file: output.partialPath, tensor: table[payload: index].name, "what was written cannot be read back")
        }
        digests.withLock { $0.payloads[index] = digest }
        record?.finish(payload: index, digest, nil)
      case .payload(let index, nil):
        let (tensor, conversion, _) = table[payload: index]
        if let done = record?.finished[index], !conversion.isMeasured(measuresErrors) || done.errors != nil,
          try state.holds(payload: index, byteCount: bundle.manifest.payloads[index].byteCount, digest: done.digest)
        {
          digests.withLock { $0.payloads[index] = done.digest }
          if let errors = done.errors { measured.withLock { $0[index] = errors } }
          meter.add(tensor.descriptor.byteCount)
          kept.add(1, ordering: .relaxed)
          return
        }
        let digest = try state.perform(piece, of: table)
        let errors = state.error.map { Manifest.Errors(rmse: $0.rmse, maximum: $0.maximum, cosine: $0.cosine) }
        digests.withLock { $0.payloads[index] = digest }
        if let errors { measured.withLock { $0[index] = errors } }
        record?.finish(payload: index, digest, errors)
      case .hash(let index):
        if let done = record?.hashed[index] {
          digests.withLock { $0.provenance[index] = done }
          return meter.add(table[file: index].byteCount)
        }
        let digest = try state.perform(piece, of: table)
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
