#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension ScratchFolder {
  /// Locks a folder of ours.
  /// - Returns: What holds the lock; nil where another process has it or the folder is gone.
  static func lock(_ path: String) -> Int32? {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var (opened, named) = (stat(), stat())
    let isOurs = unsafe flock(descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
      // One that others can write to may lead anywhere.
      && opened.st_uid == geteuid() && opened.st_mode & 0o077 == 0
    guard isOurs else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Removes folders that processes left which were killed: nobody holds their locks. What cannot be removed stays.
  static func removeStale(in parent: String) {
    guard let names = try? FileSystem.names(inFolder: parent) else { return }
    for name in names where name.hasPrefix(prefix) && name.utf8.count == prefix.utf8.count + 6 {
      let path = FileSystem.path(parent, name)
      guard let lock = lock(path) else { continue }
      removeContents(of: path, depth: 2)
      unsafe rmdir(path)
      close(lock)
    }
  }

  /// Files, and folders down to a depth; links are removed, not followed.
  private static func removeContents(of folder: String, depth: Int) {
    for name in (try? FileSystem.names(inFolder: folder)) ?? [] {
      let path = FileSystem.path(folder, name)
      guard unsafe unlink(path) != 0, depth > 1 else { continue }
      var status = stat()
      guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
      removeContents(of: path, depth: depth - 1)
      unsafe rmdir(path)
    }
  }
}
