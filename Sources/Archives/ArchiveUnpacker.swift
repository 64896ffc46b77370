public import ByteStorage

/// Unpacks the model folder in an archive: the files at its top and those of the folders there, which is all that a checkpoint
/// is read from. Deeper ones are checked like the others and left out.
public struct ArchiveUnpacker {
  private let path: String
  private let limits: ArchiveLimits
  private let cancellation: Cancellation

  private static let chunkByteCount = 1 << 20

  /// - Parameters:
  ///   - path: The archive.
  ///   - limits: What it may ask for.
  ///   - cancellation: Looked at between chunks.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits(), cancellation: Cancellation = Cancellation()) {
    (self.path, self.limits, self.cancellation) = (path, limits, cancellation)
  }

  /// Unpacks into an empty folder.
  /// - Returns: The names of the files that were made, `NAME` or `FOLDER/NAME`.
  /// - Throws: `unsafe` for names that lead elsewhere, links, devices, names that come twice and what exceeds the limits;
  ///   `malformed` or `unsupported` where the archive cannot be read; what writing throws; `interrupted`.
  public func unpack(into folder: ScratchFolder) throws(GriffinError) -> [String] {
    do { return try entries(into: folder) } catch { throw error.located(file: path) }
  }

  private func entries(into folder: ScratchFolder) throws(GriffinError) -> [String] {
    let archiveByteCount = try InputFile(path: path).byteCount
    let allowance = limits.allowance(archiveByteCount: archiveByteCount)
    let reader = try ArchiveReader(path: path)
    var buffer = ByteBuffer(byteCount: ArchiveUnpacker.chunkByteCount)
    var (files, folders): (Set<EntryName>, Set<EntryName>) = ([], [])
    var unpacked: [String] = []
    var (count, total) = (0, 0)
    while let entry = try reader.next() {
      try cancellation.check()
      count += 1
      guard count <= limits.entries else { throw bomb("the archive has more than \(limits.entries) entries") }
      let name = try EntryName(entry.name, limits: limits)
      try ArchiveUnpacker.checkKind(entry)
      guard try register(name, entry.kind, files: &files, folders: &folders) else { continue }
      guard entry.statedByteCount ?? 0 >= 0, let stated = total.adding(entry.statedByteCount ?? 0), stated <= allowance else {
        throw tooLarge(archiveByteCount, allowance)
      }
      guard name.parts.count > 2 || unpacked.count < limits.files else {
        throw bomb("the archive has more than \(limits.files) files at its top and in the folders there")
      }
      let file = name.parts.count <= 2 ? try folder.makeFile(name.parts) : nil
      while true {
        try cancellation.check()
        var bytes = buffer.mutableBytes
        let read = try reader.read(into: &bytes)
        guard read > 0 else { break }
        total = total.adding(read) ?? .max
        guard total <= allowance else { throw tooLarge(archiveByteCount, allowance) }
        do throws(GriffinError) {
          try file?.write(buffer.bytes.extracting(0..<read))
        } catch {
          // At least this much has to fit: what came before, and what this entry is said to have or has.
          throw error.kind == .space ? noRoom(error, needed: max(total, stated)) : error
        }
      }
      if file != nil { unpacked.append(name.text) }
    }
    return unpacked
  }

  static func checkKind(_ entry: ArchiveEntry) throws(GriffinError) {
    let quoted = "the entry \"\(entry.name.shortened())\""
    switch entry.kind {
    case .file, .folder: break
    case .link:
      throw GriffinError(
        .unsafe, "\(quoted) is a link; links are not followed in archives",
        hints: ["pack what they lead to: tar --dereference --hard-dereference"])
    case .special: throw GriffinError(.unsafe, "\(quoted) is no file and no folder")
    }
    guard !entry.isEncrypted else {
      throw GriffinError(.unsupported, "\(quoted) is encrypted", hints: ["unpack the archive first"])
    }
  }

  /// Notes a name and the folders that it lies in.
  /// - Returns: Whether it is a file.
  /// - Throws: `unsafe` where a file's name was there before, as whatever.
  private func register(
    _ name: EntryName, _ kind: ArchiveEntry.Kind, files: inout Set<EntryName>, folders: inout Set<EntryName>
  ) throws(GriffinError) -> Bool {
    func twice(_ name: EntryName) -> GriffinError {
      GriffinError(.unsafe, "the archive has two entries of the name \"\(name.text.shortened())\"")
    }
    folders.formUnion(name.folders)
    if kind == .folder { folders.insert(name) }
    if let clash = (name.folders + (kind == .folder ? [name] : [])).first(where: files.contains) { throw twice(clash) }
    guard kind == .file else { return false }
    guard !name.parts.isEmpty else { throw GriffinError(.malformed, "an entry of the archive has no name") }
    guard files.insert(name).inserted, !folders.contains(name) else { throw twice(name) }
    return true
  }

  private func noRoom(_ error: GriffinError, needed: Int) -> GriffinError {
    GriffinError(
      .space, file: path, "unpacking: \(error.message); at least \(needed) bytes are needed",
      hints: ["free room there, or unpack the archive elsewhere and name the folder"])
  }

  private func bomb(_ message: String) -> GriffinError {
    GriffinError(.unsafe, message, hints: ["if the archive is to be trusted, unpack it and name the folder"])
  }

  private func tooLarge(_ archiveByteCount: Int, _ allowance: Int) -> GriffinError {
    bomb("the archive has \(archiveByteCount) bytes and unpacks to more than \(allowance), which is the most that is accepted")
  }
}
