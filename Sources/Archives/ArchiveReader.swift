public import ByteStorage
internal import CArchive

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The entries of a tar or zip archive, one after the other, by libarchive.
///
/// Only tar and zip are read, plain or through gzip, xz or zstd, whatever the file's name; nothing else of libarchive is enabled.
/// Unsafe memory is sound here because the handle is created once, is used by one owner, and is freed with it, and because
/// what libarchive returns is copied before the next call.
@safe public final class ArchiveReader {
  private let archive: OpaquePointer
  private let descriptor: Int32
  private let path: String
  /// Where the last entry ended in the decompressed stream, as far as it was read.
  private var dataEnd = 0

  private static let inputByteCount = 1 << 18
  private static let blockByteCount = 512

  /// - Throws: `missing` or `unreadable` where the file cannot be opened, `malformed` where it is no archive that is read.
  public init(path: String) throws(GriffinError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw GriffinError(code == ENOENT ? .missing : .unreadable, file: path, "cannot be opened: \(systemMessage(code))")
    }
    guard let archive = unsafe archive_read_new() else {
      close(descriptor)
      throw GriffinError(.io, file: path, "there is no memory to read an archive with")
    }
    unsafe (self.archive, self.descriptor, self.path) = (archive, descriptor, path)
    // A filter that was left out of libarchive is a warning here: it would be run as a program of its own.
    let enabled = unsafe [
      archive_read_support_format_tar(archive), archive_read_support_format_zip_seekable(archive),
      archive_read_support_filter_gzip(archive), archive_read_support_filter_xz(archive), archive_read_support_filter_zstd(archive),
    ]
    guard enabled.allSatisfy({ $0 == ARCHIVE_OK }) else {
      throw GriffinError(.unsupported, file: path, "this libarchive was built without zlib, liblzma or libzstd")
    }
    guard unsafe archive_read_open_fd(archive, descriptor, ArchiveReader.inputByteCount) == ARCHIVE_OK else { throw damage() }
  }

  deinit {
    unsafe archive_read_free(archive)
    close(descriptor)
  }

  /// Goes to the next entry, past what is left of the last one.
  /// - Returns: nil at the end of the archive.
  /// - Throws: `malformed` where the archive is damaged or cut off, `unsupported` for what is compressed more than once.
  public func next() throws(GriffinError) -> ArchiveEntry? {
    var entry: OpaquePointer?
    let status = unsafe archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF {
      try checkEnd()
      return nil
    }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry = unsafe entry else { throw damage() }
    dataEnd = unsafe Int(archive_filter_bytes(archive, 0))
    // The input itself counts as one.
    guard unsafe archive_filter_count(archive) <= 2 else {
      throw GriffinError(.unsupported, file: path, "the archive is compressed more than once", hints: ["unpack it first"])
    }
    return try unsafe ArchiveReader.entry(entry, path: path)
  }

  /// Reads on in the current entry.
  /// - Returns: Bytes that were read, 0 at the entry's end.
  /// - Throws: `malformed` where the archive is damaged or cut off.
  public func read(into buffer: inout MutableRawSpan) throws(GriffinError) -> Int {
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe archive_read_data(archive, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw damage() }
    dataEnd = unsafe Int(archive_filter_bytes(archive, 0))
    return count
  }

  /// A tar archive ends with blocks of zeros; without them libarchive takes a cut between two entries for the end.
  private func checkEnd() throws(GriffinError) {
    guard unsafe archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_TAR else { return }
    let block = ArchiveReader.blockByteCount
    let end = unsafe Int(archive_filter_bytes(archive, 0))
    guard end >= (dataEnd + block - 1) / block * block + block else {
      throw GriffinError(
        .malformed, file: path, "the archive is cut off: its end mark is missing", hints: ["get the file again"])
    }
  }

  /// What libarchive says of an entry, copied.
  static func entry(_ entry: OpaquePointer, path: String?) throws(GriffinError) -> ArchiveEntry {
    guard let bytes = unsafe archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry),
      let name = unsafe String(validatingCString: bytes)
    else { throw GriffinError(.malformed, file: path, "the name of an entry is not UTF-8") }
    var kind = ArchiveEntry.Kind.special
    let type = unsafe UInt32(archive_entry_filetype(entry))
    if unsafe archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil || type == CArchive_AE_IFLNK {
      kind = .link
    } else if type == CArchive_AE_IFREG {
      kind = .file
    } else if type == CArchive_AE_IFDIR {
      kind = .folder
    }
    let size = unsafe archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil
    return unsafe ArchiveEntry(
      name: name, kind: kind, statedByteCount: size, isEncrypted: archive_entry_is_encrypted(entry) != 0)
  }

  private func damage() -> GriffinError {
    GriffinError(.malformed, file: path, "expected a tar or zip archive, whole: \(message)", hints: ["get the file again"])
  }

  /// What libarchive says.
  private var message: String {
    guard let text = unsafe archive_error_string(archive) else { return "libarchive gives no reason" }
    return unsafe String(cString: text).printable
  }
}
