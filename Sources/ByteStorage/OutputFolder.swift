#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder of files in the making: everything is written into `PATH.partial`, which takes the final name only when it is whole.
///
/// What it may hold is known beforehand. The partial folder is locked, so that two writers never mix. `commit()` gives it its name;
/// `discard()`, or letting go of the object, removes what was made. Only what such a folder can hold is ever removed: a folder of
/// anything else is not touched, whatever is forced.
public final class OutputFolder {
  /// What a folder of some kind can hold.
  public struct Shape: Sendable, Hashable {
    /// What the kind is called: `an export`.
    fileprivate let name: String
    /// Folders with plain files in them, such as `blobs/sha256`, and nothing deeper.
    fileprivate let folders: [String]
    /// Names of files at its top.
    fileprivate let files: [String]

    /// The files of an exported pair.
    public static let export = Shape(name: "an export", folders: ["target", "draft"], files: [])
    /// An OCI image layout.
    public static let imageLayout = Shape(name: "an image layout", folders: ["blobs/sha256"], files: ["oci-layout", "index.json"])

    /// Whether a path inside leads to one of the folders or to one of their files.
    fileprivate func leads(_ folder: String) -> Bool { folders.contains { $0 == folder || $0.hasPrefix(folder + "/") } }
  }

  /// The final path as the user gave it, without a slash at its end.
  public let path: String
  /// Where the files are until then.
  public let partialPath: String
  private let replaces: Bool
  private let shape: Shape
  private let lock: Int32
  private var isOpen = true

  /// Creates and locks the partial folder.
  /// - Parameters:
  ///   - path: The final path.
  ///   - force: Replace a folder of such files that is there already, and what a run that did not finish left.
  ///   - shape: What it may hold.
  /// - Throws: `exists` where either is there and is not to be touched, or where another process is writing; `uncreatable` where
  ///   the folder cannot be made or something else is there.
  public init(path: String, force: Bool, shape: Shape = .export) throws(GriffinError) {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    (self.path, partialPath, replaces, self.shape) = (path, path + OutputFile.partialSuffix, force, shape)
    try OutputFolder.checkFinal(path, force: force, shape)
    if FileSystem.entry(at: partialPath) != nil {
      guard force else {
        throw GriffinError(
          .exists, file: partialPath, "a run that did not finish left this folder", hints: ["--force starts again from nothing"])
      }
      try OutputFolder.remove(partialPath, shape)
    }
    guard unsafe mkdir(partialPath, 0o777) == 0 else { throw OutputFolder.error(errno, partialPath, "cannot be created") }
    lock = unsafe open(partialPath, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw GriffinError(.exists, file: partialPath, "another process is writing this folder", hints: ["choose another output"])
    }
  }

  deinit { discard() }

  /// Makes a file in the folder, and the folders within it that it is to be in.
  /// - Parameter name: Such as `draft/config.json`: plain names, and a place that the shape has.
  /// - Throws: As `OutputFile.init`.
  public func file(_ name: String) throws(GriffinError) -> OutputFile {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    precondition(parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }, "no plain name: \(name)")
    let inside = parts.dropLast().joined(separator: "/")
    precondition(inside.isEmpty ? shape.files.contains(name) : shape.folders.contains(inside), "no place for \(name)")
    var folder = partialPath
    for part in parts.dropLast() {
      folder = FileSystem.path(folder, part)
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
      try OutputFolder.checkFinal(path, force: replaces, shape)
      guard unsafe rename(path, old) == 0 else { throw OutputFolder.error(errno, path, "cannot be replaced") }
    }
    guard unsafe rename(partialPath, path) == 0 else {
      let code = errno
      if isThere { _ = unsafe rename(old, path) }
      throw OutputFolder.error(code, path, "the finished folder cannot take its name")
    }
    isOpen = false
    close(lock)
    if isThere { try OutputFolder.remove(old, shape) }
  }

  /// Removes the partial folder. Does nothing after `commit()` or a second time.
  public func discard() {
    guard isOpen else { return }
    isOpen = false
    try? OutputFolder.remove(partialPath, shape)
    close(lock)
  }

  private static func checkFinal(_ path: String, force: Bool, _ shape: Shape) throws(GriffinError) {
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
    guard holdsOnlyOurs(path, shape) else {
      throw GriffinError(
        .exists, file: path, "the folder holds more than \(shape.name) does, so it is not replaced",
        hints: ["remove it, or choose another output"])
    }
  }

  /// Whether a folder holds only what its shape has.
  /// - Parameter inside: The folder's place in the whole; empty for the whole.
  private static func holdsOnlyOurs(_ path: String, _ shape: Shape, inside: String = "") -> Bool {
    guard let names = try? FileSystem.names(inFolder: path) else { return false }
    return names.allSatisfy { name in
      let (whole, place) = (FileSystem.path(path, name), FileSystem.path(inside, name))
      return switch FileSystem.entry(at: whole) {
      case .file: inside.isEmpty ? shape.files.contains { name == $0 || name == $0 + OutputFile.partialSuffix } : shape.folders.contains(inside)
      case .folder: shape.leads(place) && holdsOnlyOurs(whole, shape, inside: place)
      default: false
      }
    }
  }

  /// Removes a folder of ours.
  private static func remove(_ path: String, _ shape: Shape) throws(GriffinError) {
    guard FileSystem.entry(at: path) == .folder, holdsOnlyOurs(path, shape) else {
      throw GriffinError(
        .exists, file: path, "it holds more than \(shape.name) does, so it is not removed", hints: ["remove it, or choose another output"])
    }
    try removeContents(path)
    guard unsafe rmdir(path) == 0 else { throw error(errno, path, "cannot be removed") }
  }

  private static func removeContents(_ path: String) throws(GriffinError) {
    for name in try FileSystem.names(inFolder: path) {
      let whole = FileSystem.path(path, name)
      if FileSystem.entry(at: whole) == .folder {
        try removeContents(whole)
        unsafe rmdir(whole)
      } else {
        unsafe unlink(whole)
      }
    }
  }

  private static func error(_ code: Int32, _ path: String, _ what: String) -> GriffinError {
    GriffinError(isOutOfRoom(code) ? .space : .uncreatable, file: path, "\(what): \(systemMessage(code))")
  }
}
