#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import Synchronization

/// A file in the making: everything is written to `PATH.partial`, which takes the final name only
/// when it is whole.
///
/// The partial file is created exclusively and locked, so that two writers never mix. `commit()`
/// makes it durable and renames it; `discard()`, or letting go of the object, removes it; `keep()` leaves
/// it for a later run. Writes carry their own offsets and may come from many threads at once; whoever
/// commits, discards or keeps has joined those threads first.
public final class OutputFile: Sendable {
  /// What is appended to the final name while the file is not whole.
  public static let partialSuffix = ".partial"
  /// What is appended to the final name for the record beside the partial file.
  public static let recordSuffix = ".partial.state"

  /// What to do with a partial file that a run which did not finish left.
  public enum Leftover: Sendable {
    /// Refuse, and say that it can be replaced.
    case refuse
    /// Refuse, and say that it can be continued or replaced.
    case refuseResumable
    /// Remove it and begin with an empty file.
    case replace
    /// Take it over as it is.
    case resume
  }

  /// The final path as the user gave it.
  public let path: String
  /// Where the bytes are until then.
  public let partialPath: String
  /// What is noted beside the partial file; goes with it.
  public let record: PartialRecord
  let descriptor: Int32
  let replaces: Bool
  private let isOpen = Locked(true)
  private let holdsOldBytes: Atomic<Bool>
  /// Bytes that the file will have; -1 where that is not known.
  private let plannedByteCount = Atomic(-1)

  /// Creates and locks the partial file.
  /// - Parameters:
  ///   - path: The final path. A symbolic link there is replaced, not followed.
  ///   - force: Replace a file that is there already.
  ///   - leftover: What becomes of an abandoned partial file; nil to replace it with `force`, else to refuse.
  /// - Throws: `exists` where either is there and is not to be touched, or where another process is writing;
  ///   `uncreatable` where the file cannot be made; `space` where the disk is full.
  public init(path: String, force: Bool, leftover: Leftover? = nil) throws(GriffinError) {
    OutputFile.removeSecondName(of: path)
    try OutputFile.checkFinalPath(path, force: force)
    let partialPath = path + OutputFile.partialSuffix
    self.path = path
    self.partialPath = partialPath
    self.replaces = force
    let (descriptor, isOld) = try OutputFile.openLocked(partialPath, leftover: leftover ?? (force ? .replace : .refuse))
    self.descriptor = descriptor
    holdsOldBytes = Atomic(isOld)
    record = PartialRecord(path: path + OutputFile.recordSuffix)
    // The record of a file that is gone speaks of nothing.
    if !isOld { record.remove() }
  }

  deinit { discard() }

  /// Whether the partial file was taken over with bytes in it.
  public var isResumed: Bool { holdsOldBytes.load(ordering: .relaxed) }

  /// Empties a partial file that was taken over, and removes its record.
  /// - Throws: `io`.
  public func restart() throws(GriffinError) {
    guard ftruncate(descriptor, 0) == 0 else { throw writeError(errno, offset: 0) }
    record.remove()
    holdsOldBytes.store(false, ordering: .relaxed)
  }

  /// Whether the file has its final size.
  public var isReserved: Bool { plannedByteCount.load(ordering: .relaxed) >= 0 }

  /// Gives the file its final size after making sure that the disk has room for what it does not hold yet.
  /// - Throws: `space` with the bytes needed and the bytes free.
  public func reserve(byteCount: Int) throws(GriffinError) {
    try checkRoom(byteCount: byteCount)
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
      let code = errno
      guard isOutOfRoom(code) else { throw writeError(code, offset: 0) }
      let reason = code == EFBIG ? "which is more than this disk or account allows for one file" : systemMessage(code)
      throw GriffinError(.space, file: path, "\(byteCount) bytes are needed: \(reason)")
    }
    plannedByteCount.store(byteCount, ordering: .relaxed)
  }

  /// - Throws: `space` with the bytes needed and the bytes free, where the disk has no room for the rest of `byteCount` bytes.
  public func checkRoom(byteCount: Int) throws(GriffinError) {
    precondition(byteCount >= 0, "negative byte count")
    guard let free = freeByteCount else { return }
    let needed = byteCount - min(allocatedByteCount, byteCount)
    guard needed <= free else {
      throw GriffinError(
        .space, file: path, "\(needed) bytes are needed and \(free) bytes are free",
        hints: ["free \(needed - free) bytes there, or choose another disk"])
    }
  }

  /// Bytes that the disk has free; nil where it does not say, as some network file systems do: they answer while writing.
  private var freeByteCount: Int? {
    var status = statvfs()
    guard unsafe fstatvfs(descriptor, &status) == 0, status.f_blocks > 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
  }

  /// Bytes that the file takes on disk already.
  private var allocatedByteCount: Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return 0 }
    return Int(status.st_blocks) * 512
  }

  /// Writes `bytes` at `offset`. Safe to call from many threads at once.
  /// - Throws: `space` where the disk is full, else `io`.
  public func write(_ bytes: RawSpan, at offset: Int) throws(GriffinError) {
    precondition(offset >= 0, "negative file offset")
    let (count, code) = writeFully(descriptor, bytes, at: offset)
    guard code == 0 else { throw writeError(code, offset: offset + count) }
  }

  /// Fills `buffer` with bytes that were written before.
  /// - Returns: Whether they could all be read.
  public func read(at offset: Int, into buffer: inout MutableRawSpan) -> Bool {
    precondition(offset >= 0, "negative file offset")
    return readFully(descriptor, at: offset, into: &buffer).count == buffer.byteCount
  }

  /// Writes `bytes` at `offset` within a run that one thread writes in order, of which the system is asked now and then to begin
  /// writing what is finished to disk, so that `commit()` waits less.
  /// - Throws: As `write(_:at:)`.
  package func write(_ bytes: RawSpan, at offset: Int, ofRun run: Range<Int>) throws(GriffinError) {
    try write(bytes, at: offset)
    // The advice costs a round of all processors, so it is given for long stretches.
    let (done, end, step) = (offset - run.lowerBound, offset - run.lowerBound + bytes.byteCount, OutputFile.writebackByteCount)
    guard end == run.count || end / step > done / step else { return }
    let start = done / step * step
    startWriteback(at: run.lowerBound + start, byteCount: end - start)
  }

  /// Bytes of a run after which the system is asked to begin writing them to disk.
  private static let writebackByteCount = 32 << 20

  /// Asks the system to begin writing a finished range to disk, so that `commit()` waits less.
  public func startWriteback(at offset: Int, byteCount: Int) {
    #if canImport(Glibc)
      // Linux starts writing dirty pages back on this advice, and drops none that are still dirty.
      _ = posix_fadvise(descriptor, off_t(offset), off_t(byteCount), POSIX_FADV_DONTNEED)
    #endif
  }

  /// Returns when everything written so far is on disk.
  public func synchronize() throws(GriffinError) {
    #if canImport(Glibc)
      let result = fsync(descriptor)
    #else
      let result = fcntl(descriptor, F_FULLFSYNC) == 0 ? 0 : fsync(descriptor)
    #endif
    guard result == 0 else { throw writeError(errno, offset: nil) }
  }

  private func writeError(_ code: Int32, offset: Int?) -> GriffinError {
    let what = "writing failed: \(systemMessage(code))"
    guard isOutOfRoom(code) else { return GriffinError(.io, file: path, offset: offset, what) }
    let planned = plannedByteCount.load(ordering: .relaxed)
    guard planned >= 0 else { return GriffinError(.space, file: path, offset: offset, what) }
    let needed = planned - min(allocatedByteCount, planned)
    let free = freeByteCount.map { " and \($0) bytes are free" } ?? ""
    return GriffinError(
      .space, file: path, offset: offset, "\(what); the file takes \(planned) bytes, of which \(needed) bytes are still needed\(free)")
  }

  /// Makes the file durable and gives it its final name.
  /// - Throws: `space` or `io` where that fails; `exists` where another file took the name
  ///   meanwhile and `force` was not given. The partial file is then removed when the object goes.
  public func commit() throws(GriffinError) {
    precondition(isOpen.withLock { $0 }, "committed or discarded before")
    try synchronize()
    try rename()
    isOpen.withLock { $0 = false }
    close(descriptor)
    record.remove()
    try OutputFile.synchronizeFolder(of: path)
  }

  /// Writes bytes as the whole file and gives it its name.
  /// - Throws: `space` or `io` where writing fails; `exists` where another file took the name meanwhile.
  public func write(whole bytes: RawSpan) throws(GriffinError) {
    try reserve(byteCount: bytes.byteCount)
    try write(bytes, at: 0)
    try commit()
  }

  /// Writes a text, likewise.
  public func write(whole text: String) throws(GriffinError) { try write(whole: text.rawBytes) }

  /// Removes the partial file and its record. Does nothing after `commit()`, `keep()` or a second time.
  public func discard() {
    guard end() else { return }
    // While the lock is held nobody else can have taken the names. The record goes first: alone it says nothing.
    record.remove()
    unsafe unlink(partialPath)
    close(descriptor)
  }

  /// Leaves the partial file and its record for a later run.
  public func keep() {
    guard end() else { return }
    record.close()
    close(descriptor)
  }

  /// - Returns: Whether the file was open until now.
  private func end() -> Bool {
    isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
  }
}
