/// The input files that are open, so that whoever ends a piece of work can ask of all of them at once whether they changed.
public enum OpenFiles {
  private struct Entry: Sendable {
    weak var file: InputFile?
  }

  private static let entries = Locked([ObjectIdentifier: Entry]())

  static func add(_ file: InputFile) { entries.withLock { $0[ObjectIdentifier(file)] = Entry(file: file) } }

  static func remove(_ file: InputFile) {
    let key = ObjectIdentifier(file)
    _ = entries.withLock { $0.removeValue(forKey: key) }
  }

  /// The open file that a path leads to, if any: what an output must not take the place of.
  public static func file(at path: String) -> InputFile? {
    let files = entries.withLock { $0.values.compactMap(\.file) }
    return files.first { $0.isSameFile(as: path) }
  }

  /// - Throws: `changed` where an open file is no longer what it was when it was opened; the first by its path.
  public static func checkUnchanged() throws(GriffinError) {
    // Let go of outside the lock, which their ends take.
    let files = entries.withLock { $0.values.compactMap(\.file) }
    for file in files.sorted(by: { $0.path < $1.path }) { try file.checkUnchanged() }
  }
}
