#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder `PATH.partial` in which files are made before they take their names.
///
/// It holds files, and folders with files in them; nothing deeper. It is locked, so that two writers never mix. Only what such a
/// folder can hold is ever removed: a folder of anything else is not touched, whatever is forced.
final class StagingFolder {
  let path: String
  private let lock: Int32
  private var isOpen = true

  /// Creates and locks the folder.
  /// - Parameters:
  ///   - output: The path that what is made is to have.
  ///   - force: Remove what a run that did not finish left.
  /// - Throws: `exists` where the folder is there and is not to be touched, or where another process is writing; `uncreatable` where
  ///   it cannot be made.
  init(for output: String, force: Bool) throws(GriffinError) {
    path = output + OutputFile.partialSuffix
    if FileSystem.entry(at: path) != nil {
      guard force else {
        throw GriffinError(
          .exists, file: path, "a run that did not finish left this folder", hints: ["--force starts again from nothing"])
      }
      try StagingFolder.remove(path)
    }
    guard unsafe mkdir(path, 0o777) == 0 else { throw StagingFolder.error(errno, path, "cannot be created") }
    lock = unsafe open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw GriffinError(.exists, file: path, "another process is writing this folder", hints: ["choose another output"])
    }
  }

  deinit { discard() }

  /// Makes a file in the folder, and the folder within it that it is to be in.
  /// - Parameter name: Such as `draft/config.json`: at most one folder, and plain names.
  /// - Throws: As `OutputFile.init`.
  func file(_ name: String) throws(GriffinError) -> OutputFile {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    precondition(parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "no plain name: \(name)")
    if parts.count == 2 {
      let folder = FileSystem.path(path, String(parts[0]))
      guard unsafe mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw StagingFolder.error(errno, folder, "cannot be created") }
    }
    return try OutputFile(path: FileSystem.path(path, name), force: false)
  }

  /// Lets go of the folder, which has another name by now.
  func release() {
    guard isOpen else { return }
    isOpen = false
    close(lock)
  }

  /// Removes the folder. Does nothing after `release()` or a second time.
  func discard() {
    guard isOpen else { return }
    isOpen = false
    try? StagingFolder.remove(path)
    close(lock)
  }

  /// Whether a folder holds only plain files, and folders with plain files in them.
  /// - Parameter folderNames: What the folders may be called; nil for anything.
  static func holdsOnlyOurs(_ path: String, folderNames: Set<String>? = nil) -> Bool {
    guard let names = try? FileSystem.names(inFolder: path) else { return false }
    return names.allSatisfy { name in
      let entry = FileSystem.path(path, name)
      switch FileSystem.entry(at: entry) {
      case .file: return folderNames == nil
      case .folder:
        guard folderNames?.contains(name) ?? true, let files = try? FileSystem.names(inFolder: entry) else { return false }
        return files.allSatisfy { FileSystem.entry(at: FileSystem.path(entry, $0)) == .file }
      default: return false
      }
    }
  }

  /// Removes a folder of ours.
  static func remove(_ path: String) throws(GriffinError) {
    guard FileSystem.entry(at: path) == .folder, holdsOnlyOurs(path) else {
      throw GriffinError(
        .exists, file: path, "it holds more than an export does, so it is not removed", hints: ["remove it, or choose another output"])
    }
    for name in try FileSystem.names(inFolder: path) {
      let entry = FileSystem.path(path, name)
      guard FileSystem.entry(at: entry) == .folder else {
        unsafe unlink(entry)
        continue
      }
      for file in try FileSystem.names(inFolder: entry) { unsafe unlink(FileSystem.path(entry, file)) }
      unsafe rmdir(entry)
    }
    guard unsafe rmdir(path) == 0 else { throw error(errno, path, "cannot be removed") }
  }

  static func error(_ code: Int32, _ path: String, _ what: String) -> GriffinError {
    GriffinError(isOutOfRoom(code) ? .space : .uncreatable, file: path, "\(what): \(systemMessage(code))")
  }
}
