public import ByteStorage
internal import CArchive

/// The blocks before a file's bytes in a tar archive, made and read by libarchive one at a time, for who places the bytes itself.
///
/// Names that ustar cannot hold, and sizes of 8 GiB and more, get pax records. Unsafe memory is sound here because handles are made,
/// used and freed within a call, and memory that libarchive is lent outlives it.
public enum TarHeader {
  public static let blockByteCount = 512
  /// The two blocks of zeros that end an archive.
  public static let endByteCount = 1024
  /// The most bytes that a header has here: names are bounded.
  public static let limit = 64 << 10

  /// Zeros between the end of a file's bytes and the next header.
  public static func padding(after byteCount: Int) -> Int { (blockByteCount - byteCount % blockByteCount) % blockByteCount }

  /// The header of a file that anybody may read, of no owner and of no time.
  /// - Throws: `io` where libarchive fails.
  public static func bytes(name: String, byteCount: Int) throws(GriffinError) -> [UInt8] {
    guard let archive = unsafe archive_write_new(), let entry = unsafe archive_entry_new() else {
      throw GriffinError(.io, "a tar header cannot be made: out of memory")
    }
    defer {
      unsafe archive_write_free(archive)
      unsafe archive_entry_free(entry)
    }
    unsafe archive_entry_set_pathname_utf8(entry, name)
    unsafe archive_entry_set_size(entry, Int64(byteCount))
    unsafe archive_entry_set_filetype(entry, CArchive_AE_IFREG)
    unsafe archive_entry_set_perm(entry, 0o644)
    unsafe archive_entry_set_mtime(entry, 0, 0)
    var isMade = unsafe archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK
      && archive_write_set_options(archive, "hdrcharset=UTF-8") == ARCHIVE_OK && archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK
    var (used, reason) = (0, "libarchive gives no reason")
    // Where libarchive counts what it wrote has to stay in place until the handle is freed.
    let header = unsafe withUnsafeMutablePointer(to: &used) { count in
      unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, written in
        isMade = unsafe isMade && archive_write_open_memory(archive, buffer.baseAddress, buffer.count, count) == ARCHIVE_OK
          && archive_write_header(archive, entry) == ARCHIVE_OK
        unsafe written = count.pointee
        if !isMade, let said = unsafe archive_error_string(archive) { reason = unsafe String(cString: said) }
        // It fills the file up with zeros, until the memory behind the header is full. A handle that was not closed keeps some of its own.
        unsafe archive_write_close(archive)
      }
    }
    guard isMade, header.count >= blockByteCount, header.count % blockByteCount == 0 else {
      throw GriffinError(.io, "a tar header cannot be made for \"\(name.shortened())\": \(reason)")
    }
    return header
  }

  /// Reads a header and nothing after it.
  /// - Throws: `malformed` where the bytes are not the header of exactly one entry.
  public static func entry(_ bytes: RawSpan) throws(GriffinError) -> ArchiveEntry {
    let expected = byteCount(bytes)
    guard bytes.byteCount == expected else {
      throw GriffinError(.malformed, "expected a tar header, found \(bytes.byteCount) bytes of something else")
    }
    guard let archive = unsafe archive_read_new() else { throw GriffinError(.io, "a tar header cannot be read: out of memory") }
    defer { unsafe archive_read_free(archive) }
    var entry: OpaquePointer?
    let isRead = unsafe bytes.withUnsafeBytes { source in
      unsafe archive_read_support_format_tar(archive) == ARCHIVE_OK
        && archive_read_open_memory(archive, source.baseAddress, source.count) == ARCHIVE_OK
        && [ARCHIVE_OK, ARCHIVE_WARN].contains(archive_read_next_header(archive, &entry))
    }
    guard isRead, let entry = unsafe entry else { throw GriffinError(.malformed, "expected a tar header, found other bytes") }
    return try unsafe ArchiveReader.entry(entry, path: nil)
  }

  /// Refuses the names and kinds that `ArchiveUnpacker` refuses.
  /// - Throws: `unsafe` or `malformed`.
  public static func checkSafe(_ entry: ArchiveEntry) throws(GriffinError) {
    _ = try EntryName(entry.name, limits: ArchiveLimits())
    try ArchiveUnpacker.checkKind(entry)
  }

  /// Bytes that a header should have: a block, and before it the records that one of type `x` announces.
  private static func byteCount(_ bytes: RawSpan) -> Int {
    let (type, size) = (156, 124..<135)
    guard bytes.byteCount >= blockByteCount, bytes[type] == UInt8(ascii: "x") else { return blockByteCount }
    let records = Int(String(decoding: bytes.extracting(size).copied, as: UTF8.self), radix: 8) ?? 0
    return min(max(records, 0), limit) + padding(after: max(records, 0)) + 2 * blockByteCount
  }
}
