/// What an archive may ask for before it is refused; stated in `formats/archives.md`.
public struct ArchiveLimits: Sendable {
  /// Entries of any kind.
  public var entries = 10_000
  /// Files that are unpacked: each costs a file system far more than the archive's bytes do.
  public var files = 2000
  /// Bytes of all files together.
  public var byteCount = 4 << 40
  /// Files may have this many times the bytes of the archive.
  public var expansion = 100
  /// What is within this many bytes may expand as it likes.
  public var freeByteCount = 64 << 20
  /// Folders within folders.
  public var depth = 64
  /// Bytes of an entry's name.
  public var nameBytes = 4096

  public init() {}

  /// Bytes that the files of an archive may have together.
  package func allowance(archiveByteCount: Int) -> Int {
    let (expanded, overflow) = archiveByteCount.multipliedReportingOverflow(by: expansion)
    return min(byteCount, max(freeByteCount, overflow ? .max : expanded))
  }
}
