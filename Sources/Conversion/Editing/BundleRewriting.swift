internal import Bundles
internal import ByteStorage

/// Writes a bundle anew under its own name, with other attachments and another manifest; tensors are copied.
struct BundleRewriting {
  let plan: BundlePlan
  private let bundle: ModelBundle
  private let frames: [[UInt8]]

  private static let chunkByteCount = 1 << 20

  /// - Parameter manifest: Its first payloads are the attachments, the others the bundle's own with their offsets there.
  init(_ bundle: ModelBundle, _ manifest: Manifest, frames: [[UInt8]]) throws(GriffinError) {
    (self.bundle, self.frames) = (bundle, frames)
    sources = manifest.payloads.map(\.offset)
    plan = try BundlePlan(manifest)
  }

  /// By payload, where it is in the bundle at hand.
  private let sources: [Int]

  /// - Returns: The new digest.
  /// - Throws: `space`, `io`, `changed`, `exists`, `interrupted`; nothing is left then.
  func run(threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report?) throws(GriffinError) -> SHA256Digest {
    let writer = try BundleWriter(plan: plan, output: OutputFile(path: bundle.file.path, force: true))
    for (index, frame) in frames.enumerated() { try writer.write(frame.rawBytes, toPayload: index, at: 0) }
    let payloads = plan.manifest.payloads
    let meter = ProgressMeter(total: payloads.dropFirst(frames.count).reduce(0) { $0 + $1.byteCount }, report: progress)
    let (bundle, sources, first) = (bundle, sources, frames.count)
    try Workers.run(threads, jobs: payloads.count - first, makeState: { ByteBuffer(byteCount: BundleRewriting.chunkByteCount) }) {
      job, buffer throws(GriffinError) in
      let source = sources[first + job]
      let range = source..<source + payloads[first + job].byteCount
      try bundle.file.forEachChunk(of: range, through: &buffer, cancellation: cancellation) { bytes, offset throws(GriffinError) in
        try writer.write(bytes, toPayload: first + job, at: offset - source)
        meter.add(bytes.byteCount)
      }
    }
    try bundle.file.checkUnchanged()
    return try writer.finish(payloadDigests: payloads.map(\.digest), provenanceDigests: plan.manifest.provenance.map(\.digest))
  }
}
