#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What tells a file from another and from what it was before: where it is, how long, and when it was changed.
public struct FileIdentity: Sendable, Hashable {
  public var byteCount: Int
  public var device: UInt64
  public var inode: UInt64
  /// Nanoseconds since 1970 of the last change to its bytes.
  public var modified: Int
  /// Nanoseconds since 1970 of the last change to its bytes, name, owner or mode.
  public var changed: Int

  public init(byteCount: Int, device: UInt64, inode: UInt64, modified: Int, changed: Int) {
    (self.byteCount, self.device, self.inode, self.modified, self.changed) = (byteCount, device, inode, modified, changed)
  }

  init(_ status: stat) {
    #if canImport(Glibc)
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #else
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #endif
    self.init(
      byteCount: Int(status.st_size), device: UInt64(truncatingIfNeeded: status.st_dev),
      inode: UInt64(truncatingIfNeeded: status.st_ino), modified: FileIdentity.nanoseconds(modified),
      changed: FileIdentity.nanoseconds(changed))
  }

  /// Wraps for times that 64 bits do not count, which then are still told apart.
  private static func nanoseconds(_ time: timespec) -> Int { Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec) }

  /// Whether both are one file on disk, by whatever name.
  func isSameFile(as other: FileIdentity) -> Bool { (device, inode) == (other.device, other.inode) }

  /// Whether the bytes can be thought the same; a new name or mode does not matter.
  func hasSameContent(as other: FileIdentity) -> Bool {
    isSameFile(as: other) && (byteCount, modified) == (other.byteCount, other.modified)
  }
}
