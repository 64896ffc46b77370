#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension OutputFile {
  static func checkFinalPath(_ path: String, force: Bool) throws(GriffinError) {
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

  /// Opens and locks the partial file: a new one, empty, or one that was left and is to be continued. A loop because
  /// between opening and locking it another process may finish or remove the very file that was opened.
  static func openLocked(_ path: String, leftover: Leftover) throws(GriffinError) -> (descriptor: Int32, isResumed: Bool) {
    for _ in 0..<100 {
      var descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o666))
      let isNew = descriptor >= 0
      if !isNew {
        guard errno == EEXIST else { throw creationError(path, errno) }
        descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0 {
          if errno == ENOENT { continue }
          throw creationError(path, errno)
        }
      }
      if let error = claim(descriptor, path) ?? (isNew ? nil : refusal(path, leftover)) {
        close(descriptor)
        throw error
      }
      guard let status = named(descriptor, path) else {
        close(descriptor)
        continue
      }
      if isNew { return (descriptor, false) }
      // An empty file holds no work, and one with a second name is not only ours.
      if case .resume = leftover, status.st_size > 0, status.st_nlink == 1 { return (descriptor, true) }
      unsafe unlink(path)
      close(descriptor)
    }
    throw GriffinError(.exists, file: path, "other processes keep creating and removing this file")
  }

  /// Locks an opened partial file; nil where it is ours now.
  private static func claim(_ descriptor: Int32, _ path: String) -> GriffinError? {
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
    return nil
  }

  /// Why a partial file that was left is not touched; nil where it may be.
  private static func refusal(_ path: String, _ leftover: Leftover) -> GriffinError? {
    let again = "--force starts again from nothing"
    let message = "a run that did not finish left this file"
    return switch leftover {
    case .refuse: GriffinError(.exists, file: path, message, hints: [again])
    case .refuseResumable: GriffinError(.exists, file: path, message, hints: ["--resume continues it", again])
    case .replace, .resume: nil
    }
  }

  /// The state of an opened file; nil where it no longer has the name.
  private static func named(_ descriptor: Int32, _ path: String) -> stat? {
    var (opened, named) = (stat(), stat())
    guard unsafe fstat(descriptor, &opened) == 0, unsafe lstat(path, &named) == 0 else { return nil }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino ? opened : nil
  }

  private static func creationError(_ path: String, _ code: Int32) -> GriffinError {
    switch code {
    case ENOSPC, EDQUOT: GriffinError(.space, file: path, "cannot be created: \(systemMessage(code))")
    case ENOENT: GriffinError(.uncreatable, file: path, "cannot be created: its folder does not exist")
    case ELOOP: GriffinError(.uncreatable, file: path, "cannot be created: a symbolic link of that name is in the way")
    default: GriffinError(.uncreatable, file: path, "cannot be created: \(systemMessage(code))")
    }
  }
}
