#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder of files in the making: everything is written into `PATH.partial`, which takes the final name only when it is whole.
///
/// What it may hold is known beforehand. `commit()` gives it its name; letting go of the object before removes what was made. A folder
/// of anything else under the final name is not touched, whatever is forced.
public final class OutputFolder {
  /// The final path as the user gave it, without a slash at its end.
  public let path: String
  private let replaces: Bool
  private let shape: FolderShape
  private let staging: StagingFolder

  /// Where the files are until then.
  public var partialPath: String { staging.path }

  /// Creates and locks the partial folder.
  /// - Parameters:
  ///   - path: The final path.
  ///   - force: Replace a folder of such files that is there already, and what a run that did not finish left.
  ///   - shape: What it may hold.
  /// - Throws: `exists` where either is there and is not to be touched, or where another process is writing; `uncreatable` where
  ///   the folder cannot be made or something else is there.
  public init(path: String, force: Bool, shape: FolderShape = .export) throws(GriffinError) {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    (self.path, replaces, self.shape) = (path, force, shape)
    try OutputFolder.checkFinal(path, force: force, shape)
    staging = try StagingFolder(for: path, force: force, shape: shape)
  }

  /// Makes a file in the folder, and the folders within it that it is to be in.
  /// - Parameter name: Such as `draft/config.json`: plain names, and a place that the shape has.
  /// - Throws: As `OutputFile.init`.
  public func file(_ name: String) throws(GriffinError) -> OutputFile { try staging.file(name) }

  /// Gives the folder its final name and makes that durable. Its files have been committed before.
  /// - Throws: `exists` where something took the name meanwhile; `io`.
  public func commit() throws(GriffinError) {
    let old = path + ".replaced"
    let isThere = FileSystem.entry(at: path) != nil
    if isThere {
      try OutputFolder.checkFinal(path, force: replaces, shape)
      guard unsafe rename(path, old) == 0 else { throw StagingFolder.error(errno, path, "cannot be replaced") }
    }
    guard unsafe rename(partialPath, path) == 0 else {
      let code = errno
      if isThere { _ = unsafe rename(old, path) }
      throw StagingFolder.error(code, path, "the finished folder cannot take its name")
    }
    staging.release()
    try OutputFile.synchronizeFolder(of: path)
    if isThere { try StagingFolder.remove(old, shape) }
  }

  private static func checkFinal(_ path: String, force: Bool, _ shape: FolderShape) throws(GriffinError) {
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
    guard StagingFolder.holdsOnlyOurs(path, shape) else {
      throw GriffinError(
        .exists, file: path, "the folder holds more than \(shape.name) does, so it is not replaced",
        hints: ["remove it, or choose another output"])
    }
  }
}
