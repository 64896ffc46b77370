#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A regular file opened for reading: mapped for those who look around, `pread` for those who stream.
/// Bytes made in memory may stand in for one, and so may a file on another machine, of which address space alone is taken:
/// what is to be looked at in it is fetched by `require` first, and looking at anything else traps.
///
/// Unsafe memory is sound here because the mapping is private, read-only, made once, and lives as
/// long as the object that every borrowed span keeps alive. A file that shrinks under the mapping
/// raises SIGBUS, which the executable turns into exit 74; `read` reports it as an error. Bytes of a far file are
/// written once, under a lock, before anybody may look at them.
@safe public final class InputFile: @unchecked Sendable {  // immutable after init, but for what `present` guards
  /// The path as the user gave it; for bytes made in memory, that of the file they were made from.
  public let path: String
  /// Bytes when the file was opened.
  public let byteCount: Int

  /// The file on another machine that this one stands for.
  public let far: (any FarFile)?
  /// Stretches of a far file that were fetched, in their order.
  private let present = Locked<[Range<Int>]>([])
  /// -1 for bytes made in memory.
  private let descriptor: Int32
  private let base: UnsafeRawPointer?
  /// Whether the file takes less of the disk than it has bytes: parts of it may be holes.
  private let mayHaveHoles: Bool
  /// Its place among the mapped files.
  private let slot: Int?
  /// What the file was when it was opened; nil for bytes made in memory, which are no file's and never change.
  public let identity: FileIdentity?

  /// Opens and maps a file. Symbolic links are followed, as Hugging Face caches need.
  /// - Throws: `missing`, `unreadable`, or `unsupported` for what is not a regular file.
  public init(path: String) throws(GriffinError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR {
        let hints = path.contains("://") ? ["addresses are read by convert, quantize, inspect and work; this reads files of this machine"] : []
        throw GriffinError(.missing, file: path, "no such file", hints: hints)
      }
      throw GriffinError(.unreadable, file: path, "cannot be opened: \(systemMessage(code))")
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw GriffinError(.unreadable, file: path, "cannot be examined: \(systemMessage(code))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let found = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a pipe, a device or a socket"
      throw GriffinError(.unreadable, file: path, "expected a file, found \(found)")
    }
    let byteCount = Int(status.st_size)
    var base: UnsafeRawPointer?
    if byteCount > 0 {
      let mapped = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
        let code = errno
        close(descriptor)
        throw GriffinError(.unreadable, file: path, "cannot be mapped: \(systemMessage(code))")
      }
      unsafe base = UnsafeRawPointer(mapped)
    }
    self.path = path
    self.byteCount = byteCount
    self.descriptor = descriptor
    unsafe self.base = base
    self.identity = FileIdentity(status)
    mayHaveHoles = Int(status.st_blocks) < byteCount / 512
    far = nil
    slot = unsafe base.flatMap { unsafe MappedFiles.add(path, at: $0, byteCount: byteCount) }
    OpenFiles.add(self)
  }

  /// Bytes that stand in for a file, such as a configuration that another format keeps in its metadata.
  /// - Parameter path: The file they were made from, for messages.
  /// - Throws: `unreadable` where there is no memory for them.
  public init(standingIn bytes: [UInt8], path: String) throws(GriffinError) {
    var base: UnsafeRawPointer?
    if !bytes.isEmpty {
      let mapped = unsafe mmap(nil, bytes.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
        throw GriffinError(.unreadable, file: path, "there is no memory for \(bytes.count) bytes: \(systemMessage(errno))")
      }
      unsafe bytes.withUnsafeBytes { unsafe mapped.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      unsafe base = UnsafeRawPointer(mapped)
    }
    self.path = path
    self.byteCount = bytes.count
    self.descriptor = -1
    unsafe self.base = base
    self.identity = nil
    mayHaveHoles = false
    far = nil
    slot = nil
  }

  /// A file on another machine, whose first bytes are fetched.
  /// - Throws: `unsafe` where it is larger than what can be addressed; what fetching throws.
  public init(_ far: any FarFile) throws(GriffinError) {
    (path, byteCount, self.far, descriptor) = (far.address, far.byteCount, far, -1)
    var base: UnsafeRawPointer?
    if far.byteCount > 0 {
      let mapped = unsafe mmap(nil, far.byteCount, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
        throw GriffinError(.unsafe, file: far.address, "\(far.byteCount) bytes cannot be addressed: \(systemMessage(errno))")
      }
      unsafe base = UnsafeRawPointer(mapped)
    }
    unsafe self.base = base
    identity = FileIdentity(far)
    mayHaveHoles = false
    slot = nil
    try require(0..<min(far.byteCount, 1))
  }

  /// Says which bytes will be looked at: those of a far file are fetched, all others are there.
  /// - Throws: What fetching throws.
  public func require(_ range: Range<Int>) throws(GriffinError) {
    guard let far, let base = unsafe base else { return }
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty else { return }
    try present.withLock { present throws(GriffinError) in
      while let missing = InputFile.missing(range, present: present, byteCount: byteCount) {
        // Whole pages, the last one of the file with it.
        let start = unsafe UnsafeMutableRawPointer(mutating: base)
        let page = missing.lowerBound / Int(getpagesize()) * Int(getpagesize())
        guard unsafe mprotect(start + page, missing.upperBound - page, PROT_READ | PROT_WRITE) == 0 else {
          throw GriffinError(.unreadable, file: path, "there is no memory for \(missing.count) bytes: \(systemMessage(errno))")
        }
        var target = unsafe MutableRawSpan(_unsafeStart: start + missing.lowerBound, byteCount: missing.count)
        try far.fetch(at: missing.lowerBound, into: &target)
        InputFile.add(missing, to: &present)
      }
    }
  }

  deinit {
    if identity != nil, far == nil { OpenFiles.remove(self) }
    if let slot { MappedFiles.remove(slot) }
    if let base = unsafe base { unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount) }
    if descriptor >= 0 { close(descriptor) }
  }

  /// The whole file, mapped; of a far one what was required.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      guard let base = unsafe base else { return RawSpan() }
      let span = unsafe RawSpan(_unsafeStart: base, byteCount: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Whether its bytes are in memory and stay there: then `bytes` is as safe as `read`, and no copy.
  package var isInMemory: Bool { descriptor < 0 && far == nil }

  /// Fills `buffer` with the bytes from `offset` on.
  /// - Throws: `io` where the system fails, `changed` where the file ends early.
  public func read(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError) {
    precondition(offset >= 0, "negative file offset")
    let path = path
    let wanted = buffer.byteCount
    if let far { return try far.read(at: offset, into: &buffer) }
    guard descriptor >= 0 else {
      precondition(offset <= byteCount && wanted <= byteCount - offset, "range out of bytes made in memory")
      return buffer.copy(bytes.extracting(offset..<offset + wanted), to: 0)
    }
    if mayHaveHoles, isHole(offset..<offset + wanted) { return buffer.fillWithZeros() }
    let (count, code) = readFully(descriptor, at: offset, into: &buffer)
    guard code == 0 else {
      throw GriffinError(.io, file: path, offset: offset + count, "reading failed: \(systemMessage(code))")
    }
    guard count == wanted else {
      throw GriffinError(
        .changed, file: path, offset: offset + count,
        "the file ended \(wanted - count) bytes early; it had \(byteCount) bytes when it was opened and changed while in use")
    }
  }

  /// Whether the file holds nothing but zeros there that nobody wrote: the system need not make pages of them.
  private func isHole(_ range: Range<Int>) -> Bool {
    #if canImport(Glibc)
      let nextData: Int32 = 3  // SEEK_DATA
    #else
      let nextData: Int32 = 4
    #endif
    // The position that this sets is used by nobody. Past the last data there is none; where a file ends now is asked then.
    let data = lseek(descriptor, off_t(range.lowerBound), nextData)
    if data >= 0 { return data >= range.upperBound }
    guard errno == ENXIO else { return false }
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && Int(status.st_size) >= range.upperBound
  }

  /// - Throws: `changed` where size or modification time are no longer what they were when the file was opened.
  public func checkUnchanged() throws(GriffinError) {
    // Of a far file every answer was of the version that was opened.
    guard let identity, far == nil else { return }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw GriffinError(.io, file: path, "cannot be examined: \(systemMessage(errno))")
    }
    guard FileIdentity(status).hasSameContent(as: identity) else {
      throw GriffinError(
        .changed, file: path, "the file changed while it was being read (size or modification time differ)",
        hints: ["let its writer finish, then run the command again"])
    }
  }

  /// Whether both are the same file on disk, by whatever name.
  public func isSameFile(as other: InputFile) -> Bool {
    guard let identity, let otherIdentity = other.identity else { return self === other }
    return identity.isSameFile(as: otherIdentity)
  }

  /// Whether `path` names this very file.
  public func isSameFile(as path: String) -> Bool {
    var status = stat()
    guard let identity, unsafe stat(path, &status) == 0 else { return false }
    return identity.isSameFile(as: FileIdentity(status))
  }
}
