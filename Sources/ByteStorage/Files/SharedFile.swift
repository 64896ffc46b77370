#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A file of a known size that several processes fill at once, on one machine or on many that share a file system: whoever comes first makes
/// it, the others find it.
///
/// Each holds a shared lock, so that whoever finishes the file sees that others still write. File systems without locks do without.
public final class SharedFile: Sendable {
  public let path: String
  private let descriptor: Int32

  /// - Parameter byteCount: The size; a file that is there has it, or none yet.
  /// - Throws: `exists` where a file of another size is there or is being finished; `uncreatable`, `space` or `io`.
  public init(path: String, byteCount: Int) throws(GriffinError) {
    self.path = path
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o666))
    guard descriptor >= 0 else {
      throw GriffinError(errno == ENOSPC ? .space : .uncreatable, file: path, "cannot be created: \(systemMessage(errno))")
    }
    if flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw GriffinError(.exists, file: path, "another process is finishing or making this file", hints: ["wait for it, or choose another output"])
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 || Int(status.st_size) == byteCount else {
      close(descriptor)
      throw GriffinError(
        .exists, file: path, "a file of \(status.st_size) bytes is there; expected one of \(byteCount), or none", hints: ["it is of another plan: remove it, or choose another output"])
    }
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
      let code = errno
      close(descriptor)
      throw GriffinError(isOutOfRoom(code) ? .space : .io, file: path, "\(byteCount) bytes are needed: \(systemMessage(code))")
    }
  }

  deinit { close(descriptor) }

  /// Writes at a place that no other thread writes anything else to.
  /// - Throws: `space` or `io`.
  public func write(_ bytes: RawSpan, at offset: Int) throws(GriffinError) {
    let (count, code) = writeFully(descriptor, bytes, at: offset)
    guard code == 0 else {
      throw GriffinError(isOutOfRoom(code) ? .space : .io, file: path, offset: offset + count, "writing failed: \(systemMessage(code))")
    }
  }

  /// Fills `buffer` with what was written.
  /// - Returns: Whether it could all be read.
  public func read(at offset: Int, into buffer: inout MutableRawSpan) -> Bool {
    readFully(descriptor, at: offset, into: &buffer).count == buffer.byteCount
  }

  /// Returns when everything written so far is on disk.
  /// - Throws: `space` or `io`.
  public func synchronize() throws(GriffinError) {
    guard fsync(descriptor) == 0 else {
      throw GriffinError(isOutOfRoom(errno) ? .space : .io, file: path, "writing failed: \(systemMessage(errno))")
    }
  }
}

extension FileSystem {
  /// Writes a small file so that readers find the old one, the new one or none, whoever else writes it at the same time.
  /// - Throws: `uncreatable`, `space` or `io`.
  public static func replace(_ path: String, with text: String) throws(GriffinError) {
    // A name of this process and moment, which nobody else takes.
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let partial = "\(path).\(getpid())-\(time.tv_sec)-\(time.tv_nsec).tmp"
    let descriptor = unsafe open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(0o666))
    guard descriptor >= 0 else {
      throw GriffinError(errno == ENOSPC ? .space : .uncreatable, file: path, "cannot be created: \(systemMessage(errno))")
    }
    let (_, code) = writeFully(descriptor, text.rawBytes, at: nil)
    let flushed = code == 0 && fsync(descriptor) == 0
    let problem = code != 0 ? code : errno
    close(descriptor)
    guard flushed else {
      unsafe unlink(partial)
      throw GriffinError(isOutOfRoom(problem) ? .space : .io, file: path, "writing failed: \(systemMessage(problem))")
    }
    do throws(GriffinError) {
      try OutputFile.rename(partial, to: path, replaces: true)
    } catch {
      unsafe unlink(partial)
      throw error
    }
    try OutputFile.synchronizeFolder(of: path)
  }

  /// Makes a folder where none is.
  /// - Throws: `uncreatable`.
  /// - Parameter parents: Whether folders above that are not there are made too.
  public static func makeFolder(_ path: String, parents: Bool = false) throws(GriffinError) {
    guard kind(of: path) != .folder else { return }
    let parent = split(path).folder
    if parents, parent != path { try makeFolder(parent, parents: true) }
    guard unsafe mkdir(path, mode_t(0o777)) == 0 || errno == EEXIST && kind(of: path) == .folder else {
      throw GriffinError(.uncreatable, file: path, "the folder cannot be made: \(systemMessage(errno))")
    }
  }
}
