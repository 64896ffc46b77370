#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder `PATH.partial` in which files are made before they take their names.
///
/// What it may hold is known beforehand. It is locked, so that two writers never mix. Only what such a folder can hold is ever
/// removed: a folder of anything else is not touched, whatever is forced.
final class StagingFolder {
  let path: String
  private let shape: FolderShape
  private let lock: Int32
  private var isOpen = true

  /// Creates and locks the folder.
  /// - Parameters:
  ///   - output: The path that what is made is to have.
  ///   - force: Remove what a run that did not finish left.
  ///   - shape: What it may hold.
  /// - Throws: `exists` where the folder is there and is not to be touched, or where another process is writing; `uncreatable` where
  ///   it cannot be made.
  init(for output: String, force: Bool, shape: FolderShape = .loose) throws(GriffinError) {
    (path, self.shape) = (output + OutputFile.partialSuffix, shape)
    if FileSystem.entry(at: path) != nil {
      guard force else {
        throw GriffinError(
          .exists, file: path, "a run that did not finish left this folder", hints: ["--force starts again from nothing"])
      }
      try StagingFolder.remove(path, shape)
    }
    guard unsafe mkdir(path, 0o777) == 0 else { throw StagingFolder.error(errno, path, "cannot be created") }
    lock = unsafe open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw GriffinError(.exists, file: path, "another process is writing this folder", hints: ["choose another output"])
    }
  }

  deinit { discard() }

  /// Makes a file in the folder, and the folders within it that it is to be in.
  /// - Parameter name: Such as `draft/config.json`: plain names, and a place that the shape has.
  /// - Throws: As `OutputFile.init`.
  func file(_ name: String) throws(GriffinError) -> OutputFile {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    precondition(parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "no plain name: \(name)")
    precondition(shape.hasFile(parts[parts.count - 1], in: parts.dropLast().joined(separator: "/")), "no place for \(name)")
    var folder = path
    for part in parts.dropLast() {
      folder = FileSystem.path(folder, part)
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
    try? StagingFolder.remove(path, shape)
    close(lock)
  }

  /// Whether a folder holds only what its shape has.
  /// - Parameter inside: The folder's place in the whole; empty for the whole.
  static func holdsOnlyOurs(_ path: String, _ shape: FolderShape, inside: String = "") -> Bool {
    guard let names = try? FileSystem.names(inFolder: path) else { return false }
    return names.allSatisfy { name in
      let (entry, place) = (FileSystem.path(path, name), FileSystem.path(inside, name))
      return switch FileSystem.entry(at: entry) {
      case .file: shape.hasFile(name, in: inside)
      case .folder: shape.hasFolder(place) && holdsOnlyOurs(entry, shape, inside: place)
      default: false
      }
    }
  }

  /// Removes a folder of ours.
  static func remove(_ path: String, _ shape: FolderShape) throws(GriffinError) {
    guard FileSystem.entry(at: path) == .folder, holdsOnlyOurs(path, shape) else {
      throw GriffinError(
        .exists, file: path, "it holds more than \(shape.name) does, so it is not removed", hints: ["remove it, or choose another output"])
    }
    try removeContents(path)
    guard unsafe rmdir(path) == 0 else { throw error(errno, path, "cannot be removed") }
  }

  private static func removeContents(_ path: String) throws(GriffinError) {
    for name in try FileSystem.names(inFolder: path) {
      let entry = FileSystem.path(path, name)
      if FileSystem.entry(at: entry) == .folder {
        try removeContents(entry)
        unsafe rmdir(entry)
      } else {
        unsafe unlink(entry)
      }
    }
  }

  static func error(_ code: Int32, _ path: String, _ what: String) -> GriffinError {
    GriffinError(isOutOfRoom(code) ? .space : .uncreatable, file: path, "\(what): \(systemMessage(code))")
  }
}
