/// A folder of files, on disk or on another machine.
public protocol FileFolder: Sendable {
  /// As the user named it.
  var path: String { get }

  /// Names in the folder, in the order of their bytes; where it cannot be listed, of the files that were looked for and are there.
  /// - Throws: What listing throws.
  func names() throws(GriffinError) -> [String]

  /// What a name leads to; nil where there is nothing.
  /// - Throws: Where that cannot be found out.
  func kind(of name: String) throws(GriffinError) -> FileSystem.Kind?

  /// - Throws: As `InputFile`.
  func open(_ name: String) throws(GriffinError) -> InputFile

  /// Says which files will be asked for next, so that a folder far away can ask for several at once.
  func prepare(_ names: [String])
}

extension FileFolder {
  /// Where a file of the folder is, for messages.
  package func path(of name: String) -> String { FileSystem.path(path, name) }

  public func prepare(_ names: [String]) {}
}

/// A folder on disk.
public struct DiskFolder: FileFolder {
  public let path: String

  public init(_ path: String) { self.path = path }

  public func names() throws(GriffinError) -> [String] { try FileSystem.names(inFolder: path) }

  public func kind(of name: String) throws(GriffinError) -> FileSystem.Kind? { FileSystem.kind(of: path(of: name)) }

  public func open(_ name: String) throws(GriffinError) -> InputFile { try InputFile(path: path(of: name)) }
}
