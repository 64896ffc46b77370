internal import ByteStorage

/// The members of a zip archive as `torch.save` writes it: stored, contiguous, told the same by both
/// of their headers. Everything else is refused, by `formats/pytorch-bin.md`.
///
/// Zip is read from its end, where the central directory says what is where; a reader that walks
/// from the front sees the local headers. Archives that show two readers two different things are
/// how scanners are deceived, so here both must agree and together account for every byte.
struct ZipArchive {
  struct Member {
    var name: String
    /// Where the member's bytes are in the file.
    var dataOffset: Int
    var byteCount: Int
    var checksum: UInt32
  }

  /// In the order of their bytes in the file.
  private(set) var members: [Member] = []

  private static let maximumMembers = CheckpointLimits.pickledTensors + 16

  init(_ file: InputFile) throws(GriffinError) {
    let end = try ZipEnd(file)
    guard end.entryCount <= ZipArchive.maximumMembers else {
      throw GriffinError(.unsafe, file: file.path, "the archive claims \(end.entryCount) members; at most \(ZipArchive.maximumMembers) are read")
    }
    var entries = try ZipArchive.directory(of: file, end)
    entries.sort { $0.localOffset < $1.localOffset }
    var position = 0
    for (index, entry) in entries.enumerated() {
      guard entry.localOffset == position else {
        let problem =
          entry.localOffset < position
          ? "overlaps the member before it" : "follows \(entry.localOffset - position) bytes that belong to no member"
        throw entry.error(file, .malformed, at: position, problem)
      }
      // An offset from the directory may lie anywhere; no member reaches into the directory or past the file.
      let limit = index + 1 < entries.count ? min(entries[index + 1].localOffset, end.directoryOffset) : end.directoryOffset
      let dataOffset = try entry.dataOffset(checkedIn: file, limit: limit)
      members.append(Member(name: entry.name, dataOffset: dataOffset, byteCount: entry.byteCount, checksum: entry.checksum))
      position = limit
    }
    guard position == end.directoryOffset else {
      throw GriffinError(
        .malformed, file: file.path, offset: position, "\(end.directoryOffset - position) bytes before the directory belong to no member")
    }
  }

  private static func directory(of file: InputFile, _ end: ZipEnd) throws(GriffinError) -> [ZipDirectoryEntry] {
    var entries: [ZipDirectoryEntry] = []
    var names: Set<ExactString> = []
    var position = end.directoryOffset
    try file.require(end.directoryOffset..<end.directoryEnd)
    for _ in 0..<end.entryCount {
      let entry = try ZipDirectoryEntry(file, at: &position, limit: end.directoryEnd)
      guard names.insert(ExactString(entry.name)).inserted else {
        throw entry.error(file, .malformed, at: position, "occurs twice in the directory")
      }
      entries.append(entry)
    }
    guard position == end.directoryEnd else {
      throw GriffinError(
        .malformed, file: file.path, offset: position, "the directory goes on for \(end.directoryEnd - position) bytes after its last entry")
    }
    return entries
  }
}
