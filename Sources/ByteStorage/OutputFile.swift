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
/// makes it durable and renames it; `discard()`, or letting go of the object, removes it. Writes
/// carry their own offsets and may come from many threads at once; whoever commits or discards
/// has joined those threads first.
public final class OutputFile: Sendable {
  /// What is appended to the final name while the file is not whole.
  public static let partialSuffix = ".partial"

  /// The final path as the user gave it.
  public let path: String
  /// Where the bytes are until then.
  public let partialPath: String

  private let descriptor: Int32
  private let replaces: Bool
  private let isOpen = Mutex(true)

  /// Creates and locks the partial file.
  /// - Parameters:
  ///   - path: The final path. A symbolic link there is replaced, not followed.
  ///   - force: Replace a file that is there already, and take over an abandoned partial file.
  /// - Throws: `exists` where either is there without `force`, or where another process is writing;
  ///   `uncreatable` where the file cannot be made; `space` where the disk is full.
  public init(path: String, force: Bool) throws(GriffinError) {
    try OutputFile.checkFinalPath(path, force: force)
    let partialPath = path + OutputFile.partialSuffix
    self.path = path
    self.partialPath = partialPath
    self.replaces = force
    self.descriptor = try OutputFile.openLocked(partialPath, force: force)
  }

  deinit { discard() }

  private static func checkFinalPath(_ path: String, force: Bool) throws(GriffinError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw GriffinError(.uncreatable, file: path, "expected the path of a file, found \(path.isEmpty ? "nothing" : "a NUL byte")")
    }
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    let type = status.st_mode & S_IFMT
    guard type == S_IFREG || type == S_IFLNK else {
      let found = type == S_IFDIR ? "a folder" : "a device, pipe or socket"
      throw GriffinError(.uncreatable, file: path, "expected a file to write or nothing, found \(found)")
    }
    guard force else {
      throw GriffinError(.exists, file: path, "the output is already there", hints: ["--force replaces it"])
    }
  }

  /// Opens and locks the partial file, empty. A loop because between opening and locking it another
  /// process may finish or remove the very file that was opened.
  private static func openLocked(_ path: String, force: Bool) throws(GriffinError) -> Int32 {
    let mode: mode_t = 0o666
    for _ in 0..<100 {
      var descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      let isNew = descriptor >= 0
      if !isNew {
        guard errno == EEXIST else { throw creationError(path, errno) }
        descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0 {
          if errno == ENOENT { continue }
          throw creationError(path, errno)
        }
      }
      if let error = claim(descriptor, path, mayReplace: isNew || force) {
        close(descriptor)
        throw error
      }
      guard isStillNamed(descriptor, path) else {
        close(descriptor)
        continue
      }
      guard ftruncate(descriptor, 0) == 0 else {
        let code = errno
        close(descriptor)
        throw creationError(path, code)
      }
      return descriptor
    }
    throw GriffinError(.exists, file: path, "other processes keep creating and removing this file")
  }

  /// Locks an opened partial file; nil where it is ours now.
  private static func claim(_ descriptor: Int32, _ path: String, mayReplace: Bool) -> GriffinError? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return GriffinError(.uncreatable, file: path, "expected a file to write or nothing, found something else of that name")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else {
        return GriffinError(.uncreatable, file: path, "cannot be locked: \(systemMessage(errno))")
      }
      return GriffinError(
        .exists, file: path, "another process is writing this file", hints: ["wait for it, or choose another output"])
    }
    guard mayReplace else {
      return GriffinError(
        .exists, file: path, "a run that did not finish left this file", hints: ["--force starts again from nothing"])
    }
    return nil
  }

  private static func isStillNamed(_ descriptor: Int32, _ path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    guard unsafe fstat(descriptor, &opened) == 0, unsafe lstat(path, &named) == 0 else { return false }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }

  private static func creationError(_ path: String, _ code: Int32) -> GriffinError {
    switch code {
    case ENOSPC, EDQUOT: GriffinError(.space, file: path, "cannot be created: \(systemMessage(code))")
    case ENOENT: GriffinError(.uncreatable, file: path, "cannot be created: its folder does not exist")
    case ELOOP: GriffinError(.uncreatable, file: path, "cannot be created: a symbolic link of that name is in the way")
    default: GriffinError(.uncreatable, file: path, "cannot be created: \(systemMessage(code))")
    }
  }

  /// Gives the file its final size, all zeros, after making sure that the disk has room for it.
  /// - Throws: `space` with the bytes needed and the bytes free.
  public func reserve(byteCount: Int) throws(GriffinError) {
    precondition(byteCount >= 0, "negative byte count")
    var status = statvfs()
    // Some network file systems report no sizes at all; they answer while writing.
    if unsafe fstatvfs(descriptor, &status) == 0, status.f_blocks > 0 {
      let free = Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
      guard byteCount <= free else {
        throw GriffinError(
          .space, file: path, "\(byteCount) bytes are needed and \(free) bytes are free",
          hints: ["free \(byteCount - free) bytes there, or choose another disk"])
      }
    }
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw writeError(errno, offset: 0) }
  }

  /// Writes `bytes` at `offset`. Safe to call from many threads at once.
  /// - Throws: `space` where the disk is full, else `io`.
  public func write(_ bytes: RawSpan, at offset: Int) throws(GriffinError) {
    precondition(offset >= 0, "negative file offset")
    let wanted = bytes.byteCount
    var done = 0
    while done < wanted {
      let start = done
      // Sound because the span outlives the call and `start < wanted`, its length.
      let count = unsafe bytes.withUnsafeBytes { source in
        unsafe pwrite(descriptor, source.baseAddress! + start, wanted - start, off_t(offset + start))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw writeError(errno, offset: offset + done)
      }
      done += count
    }
  }

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
    switch code {
    case ENOSPC, EDQUOT: GriffinError(.space, file: path, offset: offset, "writing failed: \(systemMessage(code))")
    case EFBIG:
      GriffinError(.space, file: path, offset: offset, "writing failed: the file is larger than this disk or account allows")
    default: GriffinError(.io, file: path, offset: offset, "writing failed: \(systemMessage(code))")
    }
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
    try synchronizeFolder()
  }

  private func rename() throws(GriffinError) {
    if !replaces {
      // A hard link fails where the name is taken, which a plain rename would overwrite.
      if unsafe link(partialPath, path) == 0 {
        unsafe unlink(partialPath)
        return
      }
      var status = stat()
      // A file system without hard links leaves a look before the rename as the best there is.
      let isTaken = unsafe errno == EEXIST || lstat(path, &status) == 0
      if isTaken {
        throw GriffinError(
          .exists, file: path, "another file of this name appeared while the output was being written",
          hints: ["--force replaces it"])
      }
    }
    guard renamePath(partialPath, path) == 0 else {
      throw GriffinError(.io, file: path, "the finished file cannot take its name: \(systemMessage(errno))")
    }
  }

  /// Makes the new name itself durable.
  private func synchronizeFolder() throws(GriffinError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(path[...$0]) } ?? "."
    let folderDescriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    // A folder that may be written but not read cannot be opened; its entry is then as safe as the system makes it.
    guard folderDescriptor >= 0 else { return }
    defer { close(folderDescriptor) }
    // EINVAL: a file system that has nothing to do for folders.
    guard fsync(folderDescriptor) == 0 || errno == EINVAL else {
      throw GriffinError(.io, file: path, "its folder cannot be written to disk: \(systemMessage(errno))")
    }
  }

  /// Removes the partial file. Does nothing after `commit()` or a second time.
  public func discard() {
    let wasOpen = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    guard wasOpen else { return }
    // While the lock is held nobody else can have taken the name.
    unsafe unlink(partialPath)
    close(descriptor)
  }
}

/// `rename(2)`, which a method of that name would hide.
private func renamePath(_ from: String, _ to: String) -> Int32 { unsafe rename(from, to) }
