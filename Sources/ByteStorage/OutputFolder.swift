#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder of files in the making: everything is written into `PATH.partial`, which takes the final name only when it is whole.
///
/// It holds folders with files in them and nothing deeper. The partial folder is locked, so that two writers never mix. `commit()`
/// gives it its name; `discard()`, or letting go of the object, removes what was made. Only what such a folder can hold is ever
/// removed: a folder of anything else is not touched, whatever is forced.
public final class OutputFolder {
  /// The final path as the user gave it, without a slash at its end.
  public let path: String
  /// Where the files are until then.
  public let partialPath: String
  private let replaces: Bool
  private let lock: Int32
  private var isOpen = true

  /// Creates and locks the partial folder.
  /// - Parameters:
  ///   - path: The final path.
  ///   - force: Replace a folder of such files that is there already, and what a run that did not finish left.
  /// - Throws: `exists` where either is there and is not to be touched, or where another process is writing; `uncreatable` where
  ///   the folder cannot be made or something else is there.
  public init(path: String, force: Bool) throws(GriffinError) {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    (self.path, partialPath, replaces) = (path, path + OutputFile.partialSuffix, force)
    try OutputFolder.checkFinal(path, force: force)
    if FileSystem.entry(at: partialPath) != nil {
      guard force else {
        throw GriffinError(
          .exists, file: partialPath, "a run that did not finish left this folder", hints: ["--force starts again from nothing"])
      }
      try OutputFolder.remove(partialPath)
    }
    guard unsafe mkdir(partialPath, 0o777) == 0 else { throw OutputFolder.error(errno, partialPath, "cannot be created") }
    lock = unsafe open(partialPath, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw GriffinError(.exists, file: partialPath, "another process is writing this folder", hints: ["choose another output"])
    }
  }

  deinit { discard() }

  /// Makes a file in the folder, and the folder within it that it is to be in.
  /// - Parameter name: Such as `draft/config.json`: at most one folder, and plain names.
  /// - Throws: As `OutputFile.init`.
  public func file(_ name: String) throws(GriffinError) -> OutputFile {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    precondition(parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "no plain name: \(name)")
    if parts.count == 2 {
      let folder = FileSystem.path(partialPath, String(parts[0]))
      guard unsafe mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw OutputFolder.error(errno, folder, "cannot be created") }
    }
    return try OutputFile(path: FileSystem.path(partialPath, name), force: false)
  }

  /// Gives the folder its final name. Its files have been committed before.
  /// - Throws: `exists` where something took the name meanwhile; `io`.
  public func commit() throws(GriffinError) {
    precondition(isOpen, "committed or discarded before")
    let old = path + ".replaced"
    let isThere = FileSystem.entry(at: path) != nil
    if isThere {
      try OutputFolder.checkFinal(path, force: replaces)
      guard unsafe rename(path, old) == 0 else { throw OutputFolder.error(errno, path, "cannot be replaced") }
    }
    guard unsafe rename(partialPath, path) == 0 else {
      let code = errno
      if isThere { _ = unsafe rename(old, path) }
      throw OutputFolder.error(code, path, "the finished folder cannot take its name")
    }
    isOpen = false
    close(lock)
    if isThere { try OutputFolder.remove(old) }
  }

  /// Removes the partial folder. Does nothing after `commit()` or a second time.
  public func discard() {
    guard isOpen else { return }
    isOpen = false
    try? OutputFolder.remove(partialPath)
    close(lock)
  }

  private static func checkFinal(_ path: String, force: Bool) throws(GriffinError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw GriffinError(.uncreatable, file: path, "expected the path of a folder, found \(path.isEmpty ? "nothing" : "a NUL byte")")
    }
    guard let kind = FileSystem.entry(at: path) else { return }
    guard kind == .folder else {
      throw GriffinError(.uncreatable, file: path, "expected a folder to write or nothing, found something else of that name")
    }
    guard force else {
      throw GriffinError(.exists, file: path, "the output is already there", hints: ["--force replaces it"])
    }
    guard holdsOnlyOurs(path) else {
      throw GriffinError(
        .exists, file: path, "the folder holds more than an export does, so it is not replaced",
        hints: ["remove it, or choose another output"])
    }
  }

  /// The names of folders that an export makes.
  private static let folderNames: Set<String> = ["target", "draft"]

  /// Whether a folder holds only folders that an export makes, with plain files in them.
  private static func holdsOnlyOurs(_ path: String) -> Bool {
    guard let names = try? FileSystem.names(inFolder: path) else { return false }
    return names.allSatisfy { name in
      let folder = FileSystem.path(path, name)
      guard folderNames.contains(name), FileSystem.entry(at: folder) == .folder,
        let files = try? FileSystem.names(inFolder: folder)
      else { return false }
      return files.allSatisfy { FileSystem.entry(at: FileSystem.path(folder, $0)) == .file }
    }
  }

  /// Removes a folder of ours.
  private static func remove(_ path: String) throws(GriffinError) {
    guard FileSystem.entry(at: path) == .folder, holdsOnlyOurs(path) else {
      throw GriffinError(
        .exists, file: path, "it holds more than an export does, so it is not removed", hints: ["remove it, or choose another output"])
    }
    for name in try FileSystem.names(inFolder: path) {
      let folder = FileSystem.path(path, name)
      for file in try FileSystem.names(inFolder: folder) { unsafe unlink(FileSystem.path(folder, file)) }
      unsafe rmdir(folder)
    }
    guard unsafe rmdir(path) == 0 else { throw error(errno, path, "cannot be removed") }
  }

  private static func error(_ code: Int32, _ path: String, _ what: String) -> GriffinError {
    GriffinError(isOutOfRoom(code) ? .space : .uncreatable, file: path, "\(what): \(systemMessage(code))")
  }
}
