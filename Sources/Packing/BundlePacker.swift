internal import Archives
public import Bundles
public import ByteStorage
internal import Zstandard

/// Packs a bundle into an archive that ships smaller: `griffin pack`.
///
/// ```swift
/// let bundle = try ModelBundle.open(path: "pair.griffin")
/// let result = try BundlePacker(bundle).pack(to: OutputFile(path: "pair.tar.zst", force: false))
/// print(result.byteCount)
/// ```
public struct BundlePacker: Sendable {
  public let bundle: ModelBundle
  /// The bundle that the receiver has already.
  public let base: ModelBundle?
  public let effort: PackingEffort
  public let threads: Int
  public let cancellation: Cancellation

  public init(
    _ bundle: ModelBundle, base: ModelBundle? = nil, effort: PackingEffort = .usual, threads: Int = Workers.processorCount,
    cancellation: Cancellation = Cancellation()
  ) {
    (self.bundle, self.base, self.effort) = (bundle, base, effort)
    (self.threads, self.cancellation) = (threads, cancellation)
  }

  /// Writes the archive and gives it its name. Every byte of the bundle is checked on the way. The archive does not depend on the
  /// number of threads; memory is bounded by 100 MiB and 6 MiB a thread.
  /// - Parameter progress: Told of bytes of payloads done and in all.
  /// - Throws: `malformed` where the bundle is damaged; what reading and writing throw; `interrupted`.
  public func pack(to output: OutputFile, progress: ProgressMeter.Report? = nil) throws(GriffinError) -> PackingResult {
    let head = try BundleHead(bundle)
    let note = try note()
    let noteText = note.text
    let members = try ArchiveMember.all(head, note, noteText: noteText)
    let packed = members.reduce(0) { $0 + $1.byteCount }
    let run = PackingRun(self, head, output, meter: ProgressMeter(total: packed, report: progress))
    try run.checkGaps()
    try run.checkLeftOut(note)
    var byteCount = 0
    for member in members {
      let padding = TarHeader.padding(after: byteCount)
      try run.add([UInt8](repeating: 0, count: padding) + TarHeader.bytes(name: member.name, byteCount: member.byteCount))
      try run.add(member)
      byteCount = member.byteCount
    }
    try run.add([UInt8](repeating: 0, count: TarHeader.padding(after: byteCount) + TarHeader.endByteCount))
    let archiveByteCount = try run.finish()
    try bundle.file.checkUnchanged()
    try base?.file.checkUnchanged()
    try cancellation.check()
    try output.commit()
    return PackingResult(
      digest: bundle.digest, byteCount: archiveByteCount, bundleByteCount: bundle.file.byteCount, leftOutCount: note.leftOut.count,
      differenceCount: note.differences.count, payloadCount: bundle.manifest.payloads.count)
  }

  /// What of the base is used: payloads that it has, and those of floats whose differences take less than they do.
  private func note() throws(GriffinError) -> ArchiveNote {
    guard let base else {
      return ArchiveNote(digest: bundle.digest, byteCount: bundle.file.byteCount, base: nil, leftOut: [], differences: [])
    }
    let finder = BaseFinder(bundle, base)
    let candidates = finder.candidates
    let effort = effort
    let cancellation = cancellation
    let near = Locked<[ArchiveNote.Relation]>([])
    try Workers.run(threads, jobs: candidates.count, makeState: { PackingState(effort) }) { job, state throws(GriffinError) in
      try cancellation.check()
      if try finder.isNear(candidates[job], &state) { near.withLock { $0.append(candidates[job]) } }
    }
    return ArchiveNote(
      digest: bundle.digest, byteCount: bundle.file.byteCount, base: base.digest, leftOut: finder.equal,
      differences: near.withLock { $0 }.sorted { $0.payload < $1.payload })
  }
}

/// What packing made.
public struct PackingResult: Sendable, Hashable {
  /// The bundle's digest.
  public let digest: SHA256Digest
  /// Bytes of the archive.
  public let byteCount: Int
  /// Bytes of the bundle.
  public let bundleByteCount: Int
  /// Payloads that are left out because the base has them.
  public let leftOutCount: Int
  /// Payloads of which differences from the base's are stored.
  public let differenceCount: Int
  public let payloadCount: Int
}
