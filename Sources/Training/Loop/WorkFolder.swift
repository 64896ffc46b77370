public import ByteStorage

/// Where a run keeps what it would not do twice: `OUT.align`, with features and the state of training (`formats/align.md`, section 3).
///
/// One process at a time; what it holds is known by name, and nothing else is ever removed.
public final class WorkFolder {
  public let path: String
  private let lock: OutputFile

  private static let (run, state, lockName, shardPrefix) = ("run.json", "state", "lock", "features-")
  public static let suffix = ".align"

  /// - Parameters:
  ///   - output: The file that the run is to write.
  ///   - identity: What decides the result; a folder of another run is not continued.
  /// - Throws: `exists` where there is a folder that is not to be continued or is in use; `uncreatable`, `io`.
  public init(for output: String, identity: JSONValue, resume: Bool, force: Bool) throws(GriffinError) {
    path = output + WorkFolder.suffix
    let text = identity.encoded() + "\n"
    let note = FileSystem.path(path, WorkFolder.run)
    if FileSystem.entry(at: path) != nil {
      guard FileSystem.entry(at: path) == .folder, try FileSystem.names(inFolder: path).allSatisfy(WorkFolder.isOurs) else {
        throw GriffinError(.exists, file: path, "expected the folder of a run that did not finish, found something else", hints: ["move it away"])
      }
      guard resume || force else {
        throw GriffinError(
          .exists, file: path, "a run that did not finish left this folder",
          hints: ["--resume continues it", "--force starts again from nothing"])
      }
    } else {
      try FileSystem.makeFolder(path)
    }
    lock = try OutputFile(path: FileSystem.path(path, WorkFolder.lockName), force: true, leftover: .resume)
    let found = try WorkFolder.text(note)
    if resume, let found, found != text {
      guard force else {
        throw GriffinError(
          .exists, file: path, "the folder is of a run with other inputs or options", hints: ["give the same ones", "--force starts again from nothing"])
      }
      try clear()
    } else if !resume || found == nil {
      try clear()
    }
    if FileSystem.kind(of: note) == nil { try OutputFile(path: note, force: true).write(whole: text) }
  }

  private static func text(_ path: String) throws(GriffinError) -> String? {
    guard FileSystem.kind(of: path) == .file else { return nil }
    let contents = try FileContents.file(InputFile(path: path)).read()
    let bytes = contents.bytes
    return bytes.utf8Text
  }

  private static func isOurs(_ name: String) -> Bool {
    let plain = name.hasSuffix(OutputFile.partialSuffix) ? String(name.dropLast(OutputFile.partialSuffix.count)) : name
    return [run, state, lockName].contains(plain) || plain.hasPrefix(shardPrefix)
  }

  func shard(_ index: Int) -> String {
    let digits = String(index)
    return FileSystem.path(path, WorkFolder.shardPrefix + String(repeating: "0", count: max(0, 5 - digits.count)) + digits)
  }

  var state: String { FileSystem.path(path, WorkFolder.state) }

  private func clear() throws(GriffinError) {
    let kept = WorkFolder.lockName + OutputFile.partialSuffix
    for name in try FileSystem.names(inFolder: path) where name != kept && WorkFolder.isOurs(name) { FileSystem.remove(FileSystem.path(path, name)) }
  }

  /// Lets go of the folder and leaves it for a later run.
  public func keep() { lock.keep() }

  /// Removes the folder and what it holds.
  public func remove() {
    try? clear()
    lock.discard()
    FileSystem.removeFolder(path)
  }
}
