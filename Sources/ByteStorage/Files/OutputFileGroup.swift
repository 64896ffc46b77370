#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Files in the making that belong together and end beside one another: everything is written into a folder `PATH.partial`, under
/// the final names, from which all of them are moved when all are whole.
public final class OutputFileGroup {
  private let files: [(name: String, path: String)]
  private let replaces: Bool
  private let staging: StagingFolder

  /// Where the files are until then.
  public var partialPath: String { staging.path }

  /// Creates and locks the partial folder.
  /// - Parameters:
  ///   - path: What the folder is named after; mostly the first of the files.
  ///   - files: The final paths, each with a name of its own.
  ///   - force: Replace files that are there already, and what a run that did not finish left.
  /// - Throws: As `OutputFile.init` for each file, and `OutputFolder.init` for the partial folder.
  public init(path: String, files: [String], force: Bool) throws(GriffinError) {
    self.files = files.map { (FileSystem.split($0).name, $0) }
    replaces = force
    precondition(Set(self.files.map(\.name)).count == files.count, "two files of one name")
    for file in files { try OutputFile.checkFinalPath(file, force: force) }
    staging = try StagingFolder(for: path, force: force)
  }

  /// Makes one of the files.
  /// - Parameter index: Which of the final paths.
  public func file(_ index: Int) throws(GriffinError) -> OutputFile { try staging.file(files[index].name) }

  /// Gives the files their final names and makes those durable. They have been committed before.
  /// - Throws: `exists` where something took a name meanwhile; `io`. What has its name by then keeps it.
  public func commit() throws(GriffinError) {
    for file in files { try OutputFile.checkFinalPath(file.path, force: replaces) }
    for file in files { try OutputFile.rename(FileSystem.path(partialPath, file.name), to: file.path, replaces: replaces) }
    staging.discard()
    if let first = files.first { try OutputFile.synchronizeFolder(of: first.path) }
  }
}
