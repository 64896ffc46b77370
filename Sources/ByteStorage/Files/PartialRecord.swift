#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What a writer notes beside its partial file, so that a later run can go on: lines of text, appended as work is done.
///
/// Every line begins with 16 hexadecimal digits of its own SHA-256, so that one that was torn or damaged is known.
/// Whoever holds the lock of the partial file owns the record. It is read as hostile input: of bounded size, and a line
/// that does not check is no line. `formats/partial-files.md` says what the lines hold.
public final class PartialRecord: Sendable {
  /// Limits on what is read, checked before anything is allocated.
  enum Limit {
    static let bytes = 64 << 20
    static let lineBytes = 128 << 10
  }

  public let path: String
  /// -1 while the record is not open.
  private let descriptor = Locked<Int32>(-1)
  private static let checkByteCount = 16

  init(path: String) { self.path = path }

  deinit { close() }

  /// Begins anew, in place of what is there, and makes that durable.
  /// - Throws: `space`, `uncreatable` or `io`.
  public func begin(_ lines: [String]) throws(GriffinError) {
    remove()
    let opened = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o666))
    guard opened >= 0 else { throw error(errno, "cannot be created", otherwise: .uncreatable) }
    descriptor.withLock { $0 = opened }
    let text = lines.map(PartialRecord.checked).joined()
    guard PartialRecord.write(text, to: opened), fsync(opened) == 0 else { throw error(errno, "writing failed", otherwise: .io) }
  }

  /// Opens what an earlier run left, to read it and to append to it.
  /// - Returns: Its lines, nil for each that does not check; nil where there is nothing that can be read.
  public func reopen() -> [String?]? {
    let opened = unsafe open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { return nil }
    var status = stat()
    guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
      let bytes = PartialRecord.contents(of: opened, byteCount: Int(status.st_size))
    else {
      closeDescriptor(opened)
      return nil
    }
    // A line that was torn by the end of its writer is cut off, so that the next one stands for itself.
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard ftruncate(opened, off_t(end)) == 0 else {
      closeDescriptor(opened)
      return nil
    }
    descriptor.withLock { $0 = opened }
    return bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map(PartialRecord.line)
  }

  /// Appends a line. What cannot be written is left out, and so is all that comes after: a record that ends early costs a
  /// later run some work and nothing else.
  public func append(_ line: String) {
    let text = PartialRecord.checked(line)
    descriptor.withLock { descriptor in
      guard descriptor >= 0, !PartialRecord.write(text, to: descriptor) else { return }
      closeDescriptor(descriptor)
      descriptor = -1
    }
  }

  /// Lets go of the record and leaves it where it is.
  func close() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { closeDescriptor(descriptor) }
      descriptor = -1
    }
  }

  /// Removes the record, whoever left it.
  func remove() {
    close()
    unsafe unlink(path)
  }

  /// A line as it is written, with its check and its end.
  private static func checked(_ line: String) -> String {
    "\(SHA256Digest(of: line.rawBytes).hexadecimal.prefix(checkByteCount)) \(line)\n"
  }

  /// What was written as a line; nil where it does not check.
  private static func line(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.count > checkByteCount, bytes.count <= Limit.lineBytes else { return nil }
    let text = Array(bytes.dropFirst(checkByteCount + 1))
    let check = Array(SHA256Digest(of: text.rawBytes).hexadecimal.utf8.prefix(checkByteCount))
    guard bytes.prefix(checkByteCount).elementsEqual(check), bytes[bytes.startIndex + checkByteCount] == UInt8(ascii: " ") else {
      return nil
    }
    return text.rawBytes.utf8Text
  }

  private static func contents(of descriptor: Int32, byteCount: Int) -> [UInt8]? {
    guard byteCount <= Limit.bytes else { return nil }
    var buffer = ByteBuffer(byteCount: byteCount)
    var bytes = buffer.mutableBytes
    guard readFully(descriptor, at: 0, into: &bytes).count == byteCount else { return nil }
    return buffer.bytes.copied
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    writeFully(descriptor, text.rawBytes, at: nil).code == 0
  }

  private func error(_ code: Int32, _ what: String, otherwise kind: GriffinError.Kind) -> GriffinError {
    GriffinError(isOutOfRoom(code) ? .space : kind, file: path, "\(what): \(systemMessage(code))")
  }
}

/// `close(2)`, which a method of that name would hide.
private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
