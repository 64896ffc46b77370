internal import Bundles
public import ByteStorage
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
}

extension ConversionPlan {
  /// Bytes that one thread holds at a time: large enough for a disk, small enough for a cache.
  private static let chunkByteCount = 1 << 20
  /// What the buffers of all threads may take together.
  private static let memoryByteCount = 128 << 20

  /// Carries the plan out and gives the file its name. The bytes do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - output: The file to be; discarded by its owner where this throws.
  ///   - threads: Threads to read, convert, hash and write on.
  ///   - cancellation: Looked at between chunks.
  ///   - progress: Told of bytes done and bytes in all: payloads, and weight files for their digests.
  /// - Throws: `space` or `io` where writing fails; what reading the inputs throws; `changed` where an input is no
  ///   longer what it was; `interrupted`; `exists` where another file took the name meanwhile.
  public func execute(
    to output: OutputFile, threads: Int, cancellation: Cancellation = Cancellation(),
    progress: ConversionRun.Progress? = nil
  ) throws(GriffinError) -> ConversionResult {
    let writer = try BundleWriter(plan: bundle, output: output)
    let meter = ProgressMeter(total: workByteCount, report: ConversionRun.report(.converting, to: progress))
    let digests = Mutex((payloads: bundle.manifest.payloads.map(\.digest), provenance: bundle.manifest.provenance.map(\.digest)))
    for (index, attachment) in attachments.enumerated() {
      try writer.write(attachment.frame.rawBytes, toPayload: index, at: 0)
    }
    let chunk = max(64 << 10, min(ConversionPlan.chunkByteCount, ConversionPlan.memoryByteCount / max(threads, 1)))
    try Workers.run(threads, jobs: jobs.count, makeState: { ByteBuffer(byteCount: chunk) }) {
      job, buffer throws(GriffinError) in
      switch jobs[job] {
      case .payload(let index, let tensor, .copy, let name):
        let digest = try copy(tensor, named: name, toPayload: index, writer, &buffer, cancellation, meter)
        digests.withLock { $0.payloads[index] = digest }
      case .provenance(let index, let file):
        let digest = try hash(file, &buffer, cancellation, meter)
        digests.withLock { $0.provenance[index] = digest }
      }
    }
    try inputs.checkUnchanged()
    try cancellation.check()
    let (payloadDigests, provenanceDigests) = digests.withLock { ($0.payloads, $0.provenance) }
    progress?(.finishing, 0, bundle.fileByteCount)
    let digest = try writer.finish(payloadDigests: payloadDigests, provenanceDigests: provenanceDigests)
    progress?(.finishing, bundle.fileByteCount, bundle.fileByteCount)
    return ConversionResult(
      digest: digest, byteCount: bundle.fileByteCount, tensorCount: bundle.manifest.tensors.count,
      payloadCount: bundle.manifest.payloads.count, sourceByteCount: inputs.sourceByteCount,
      types: bundle.manifest.typeCounts())
  }

  /// Copies a tensor chunk by chunk.
  /// - Returns: SHA-256 of the payload.
  private func copy(
    _ tensor: StoredTensor, named name: String, toPayload index: Int, _ writer: BundleWriter, _ buffer: inout ByteBuffer,
    _ cancellation: Cancellation, _ meter: ProgressMeter
  ) throws(GriffinError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    let total = tensor.descriptor.byteCount
    var offset = 0
    while offset < total {
      try cancellation.check()
      let count = min(buffer.byteCount, total - offset)
      var chunk = buffer.mutablePrefix(count)
      try tensor.read(at: offset, into: &chunk)
      let bytes = buffer.bytes.extracting(0..<count)
      hasher.update(bytes)
      try writer.write(bytes, toPayload: index, at: offset)
      meter.add(count)
      offset += count
    }
    return hasher.finalize()
  }

  private func hash(
    _ file: InputFile, _ buffer: inout ByteBuffer, _ cancellation: Cancellation, _ meter: ProgressMeter
  ) throws(GriffinError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    var offset = 0
    while offset < file.byteCount {
      try cancellation.check()
      let count = min(buffer.byteCount, file.byteCount - offset)
      var chunk = buffer.mutablePrefix(count)
      try file.read(at: offset, into: &chunk)
      hasher.update(buffer.bytes.extracting(0..<count))
      meter.add(count)
      offset += count
    }
    return hasher.finalize()
  }
}
