internal import Archives
internal import Bundles
public import ByteStorage
internal import Zstandard

/// A bundle in an archive, open: its manifest in memory, every header checked, no payload read yet.
public struct PackedBundle: Sendable {
  /// An entry and the frame that its bytes begin with.
  struct Entry: Sendable {
    let member: ArchiveMember
    let firstFrame: Int
  }

  /// The archive.
  public let file: InputFile
  /// The digest of the bundle that the archive needs beside it, if it needs one.
  public var baseDigest: SHA256Digest? { note.base }
  /// The bundle's digest.
  public var digest: SHA256Digest { head.digest }
  /// Bytes of the bundle.
  public var bundleByteCount: Int { head.fileByteCount }
  let head: BundleHead
  let note: ArchiveNote
  let table: SeekTable
  let entries: [Entry]

  /// Whether a file is a packed bundle: a zstd stream with an index whose first frame is the tar header of a manifest.
  /// - Throws: What reading throws.
  public static func isPacked(_ file: InputFile) throws(GriffinError) -> Bool {
    guard try SeekTable.isAtEnd(of: file), let table = try? SeekTable(atEndOf: file), table.frameCount > 0,
      Int(table.contentByteCounts[0]) <= TarHeader.limit
    else { return false }
    var decoder = try PlaneDecoder(file, table)
    guard let content = try? decoder.content(ofFrame: 0), let entry = try? TarHeader.entry(content.rawBytes) else { return false }
    return entry.name == ArchiveMember.manifestName
  }

  /// Opens an archive: reads the index, manifest, note and every header.
  /// - Throws: `malformed`, `unsafe` or `unsupported` with the place, where the archive breaks a rule of `formats/archive.md`.
  public init(file: InputFile) throws(GriffinError) {
    do throws(GriffinError) { try self.init(unlocated: file) } catch { throw error.located(file: file.path) }
  }

  private init(unlocated file: InputFile) throws(GriffinError) {
    let table = try SeekTable(atEndOf: file)
    var walk = try ArchiveWalk(file, table)
    let head = try BundleHead(
      manifestText: walk.text(ArchiveMember.manifestName, limit: BundleFormat.Limit.manifestBytes), file: file.path)
    let noteText = try walk.text(ArchiveNote.name, limit: ArchiveNote.byteLimit)
    let note = try ArchiveNote(parsing: noteText, head: head, file: file.path)
    let members = try ArchiveMember.all(head, note, noteText: noteText)
    let limits = ArchiveLimits()
    // Differences are as large as what the base has; all else has to be in proportion to the archive.
    let made = members.reduce(0) { $0.adding($1.isDifference ? 0 : $1.byteCount) ?? .max }
    guard made <= limits.allowance(archiveByteCount: file.byteCount) else {
      throw GriffinError(
        .unsafe, "the archive has \(file.byteCount) bytes and unpacks to \(made), more than \(limits.allowance(archiveByteCount: file.byteCount)), which is the most that is accepted")
    }
    var entries: [Entry] = []
    for member in members.dropFirst(2) { entries.append(Entry(member: member, firstFrame: try walk.pass(member))) }
    try walk.end()
    (self.file, self.table, self.head, self.note, self.entries) = (file, table, head, note, entries)
  }
}

extension ArchiveMember {
  /// Whether it holds differences from a base.
  var isDifference: Bool { if case .payload(_, .some) = content { true } else { false } }
}
