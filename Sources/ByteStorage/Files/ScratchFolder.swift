#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder of our own for files that are needed for a while: removed with the object, or earlier by `remove`.
///
/// Only what was made through it is removed. Files that were opened meanwhile stay readable. The folder is locked while it is
/// in use, so that one which a killed process left is known, and is removed when the next one is made beside it.
public final class ScratchFolder {
  public let path: String
  private var files: [String] = []
  private var folders: [String] = []
  private var isRemoved = false
  private let lock: Int32

  static let prefix = ".griffin-unpacked-"

  /// Makes a folder under a name that nothing else has.
  /// - Parameter parent: Where; it has to be there.
  /// - Throws: `uncreatable`.
  public init(in parent: String) throws(GriffinError) {
    ScratchFolder.removeStale(in: parent)
    for _ in 0..<100 {
      var template = Array(FileSystem.path(parent, ScratchFolder.prefix + "XXXXXX").utf8CString)
      let made = unsafe template.withUnsafeMutableBufferPointer { unsafe mkdtemp($0.baseAddress!) != nil }
      guard made else {
        let code = errno
        throw GriffinError(
          isOutOfRoom(code) ? .space : .uncreatable, file: parent,
          "a folder for what is unpacked cannot be made here: \(systemMessage(code))")
      }
      let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // Another process that tidies up may have taken it before it was locked.
      guard let lock = ScratchFolder.lock(path) else { continue }
      (self.path, self.lock) = (path, lock)
      return
    }
    throw GriffinError(.uncreatable, file: parent, "a folder for what is unpacked cannot be kept here: other processes remove it")
  }

  deinit { remove() }

  /// Makes an empty file.
  /// - Parameter parts: Folders, which are made where they are not there, and the file's name: plain names all of them.
  /// - Throws: `exists` where something of the name is there, `space` or `io`.
  public func makeFile(_ parts: [String]) throws(GriffinError) -> ScratchFile {
    var folder = path
    for part in parts.dropLast() {
      precondition(ScratchFolder.isPlain(part), "a folder's name leads elsewhere")
      folder = FileSystem.path(folder, part)
      guard !folders.contains(folder) else { continue }
      guard unsafe mkdir(folder, 0o700) == 0 else { throw ScratchFile.error(errno, path: folder, "cannot be made") }
      folders.append(folder)
    }
    guard let name = parts.last, ScratchFolder.isPlain(name) else { preconditionFailure("a file's name leads elsewhere") }
    let file = FileSystem.path(folder, name)
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ScratchFile.error(errno, path: file, "cannot be made") }
    files.append(file)
    return ScratchFile(path: file, descriptor: descriptor)
  }

  /// Removes the folder and all that was made in it.
  public func remove() {
    guard !isRemoved else { return }
    isRemoved = true
    for file in files { unsafe unlink(file) }
    for folder in folders.reversed() { unsafe rmdir(folder) }
    unsafe rmdir(path)
    close(lock)
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
  }
}

/// A file in a scratch folder, open for writing as long as the object lives.
public final class ScratchFile {
  private let path: String
  private let descriptor: Int32

  fileprivate init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

  deinit { close(descriptor) }

  /// Writes at the end.
  /// - Throws: `space` or `io`.
  public func write(_ bytes: RawSpan) throws(GriffinError) {
    let code = writeFully(descriptor, bytes, at: nil).code
    guard code == 0 else { throw ScratchFile.error(code, path: path, "writing failed") }
  }

  fileprivate static func error(_ code: Int32, path: String, _ what: String) -> GriffinError {
    let kind: GriffinError.Kind = isOutOfRoom(code) ? .space : code == EEXIST ? .exists : .io
    return GriffinError(kind, file: path, "\(what): \(systemMessage(code))")
  }
}
