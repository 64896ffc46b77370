#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A finished file whose first bytes are made anew in place, with what was there kept beside it until the new ones are on disk.
///
/// The old bytes lie in `PATH.undo`, written and durable before the first byte changes, and removed after the last one is durable.
/// A process that ends in between leaves both, and `restore` puts the old bytes back.
package final class PatchedFile {
  /// What is appended to the path for the bytes that were there.
  package static let undoSuffix = ".undo"

  private let path: String
  private let descriptor: Int32

  /// Opens and locks a file.
  /// - Throws: `missing` or `unreadable`; `uncreatable` where it may not be written; `exists` where another process is writing it.
  package init(path: String) throws(GriffinError) {
    self.path = path
    descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      let kind: GriffinError.Kind = code == ENOENT ? .missing : .uncreatable
      throw GriffinError(kind, file: path, "it cannot be opened for writing: \(systemMessage(code))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw GriffinError(.exists, file: path, "another process is writing this file", hints: ["wait for it to end"])
    }
  }

  deinit { close(descriptor) }

  /// Replaces the file's first bytes by as many others.
  /// - Throws: `exists` where an earlier change was broken off; `space` or `io`. Where writing fails, what was there is put back.
  package func replaceStart(by bytes: RawSpan) throws(GriffinError) {
    var old = ByteBuffer(byteCount: bytes.byteCount)
    var oldBytes = old.mutableBytes
    let (count, code) = readFully(descriptor, at: 0, into: &oldBytes)
    guard code == 0, count == bytes.byteCount else {
      throw GriffinError(.io, file: path, offset: count, code == 0 ? "the file ends early" : "reading failed: \(systemMessage(code))")
    }
    // What a run that was killed here left holds nothing that is missed.
    try OutputFile(path: path + PatchedFile.undoSuffix, force: false, leftover: .replace).write(whole: old.bytes)
    do throws(GriffinError) {
      try write(bytes)
    } catch {
      // With the same disk full or broken this may fail too; then the undo stays.
      if (try? write(old.bytes)) != nil { FileSystem.remove(path + PatchedFile.undoSuffix) }
      throw error
    }
    FileSystem.remove(path + PatchedFile.undoSuffix)
    try OutputFile.synchronizeFolder(of: path)
  }

  /// Puts back what an earlier change that was broken off kept.
  package func restore(_ bytes: RawSpan) throws(GriffinError) {
    try write(bytes)
    FileSystem.remove(path + PatchedFile.undoSuffix)
    try OutputFile.synchronizeFolder(of: path)
  }

  /// Writes the start of the file, its very first bytes last, so that a reader in between finds no header rather than a wrong one.
  private func write(_ bytes: RawSpan) throws(GriffinError) {
    let split = min(PatchedFile.headByteCount, bytes.byteCount)
    let zeros = ByteBuffer(byteCount: split)
    try write(zeros.bytes, at: 0)
    try write(bytes.extracting(split..<bytes.byteCount), at: split)
    try write(bytes.extracting(0..<split), at: 0)
  }

  /// Writes bytes and waits until they are on disk.
  private func write(_ bytes: RawSpan, at offset: Int) throws(GriffinError) {
    let (count, code) = writeFully(descriptor, bytes, at: offset)
    guard code == 0, fsync(descriptor) == 0 else {
      let code = code == 0 ? errno : code
      throw GriffinError(
        isOutOfRoom(code) ? .space : .io, file: path, offset: offset + count, "writing failed: \(systemMessage(code))")
    }
  }

  private static let headByteCount = 128
}
