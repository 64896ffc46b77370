/// A file on another machine, read by range: one version of it, and no other.
public protocol FarFile: Sendable {
  /// Where it is, for messages, without secrets.
  var address: String { get }
  var byteCount: Int { get }
  /// What tells its content from another at the same address: its ETag, or as much as its server says.
  var version: String { get }

  /// Fills `buffer` with the bytes from `offset` on, by a request of just that size.
  /// - Throws: `io` where the network fails however often it is tried, `changed` where another version is there now, `interrupted`.
  func fetch(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError)

  /// The same through the blocks that are read ahead, for those who go through the file from one end to the other.
  func read(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError)

  /// Says that the whole file will be read, about in order: what comes by is hashed, so that `digest` need not ask for it again.
  func follow()

  /// SHA-256 of the whole file; what did not come by yet is read.
  /// - Throws: As `fetch`.
  func digest(cancellation: Cancellation, meter: ProgressMeter?) throws(GriffinError) -> SHA256Digest
}

/// The door to other machines: libraries have none unless they are handed one.
public protocol FarPlaces: Sendable {
  /// Whether a SRC is an address, such as `https://...`.
  func recognizes(_ address: String) -> Bool

  /// The folder that an address names, or that the file lies in that it names.
  /// - Parameter names: What is looked for in a folder that its server does not list.
  /// - Returns: The folder, and the file's name where the address names a file.
  /// - Throws: `usage` for what is no such address, `unsafe` for one that is not spoken to, and what asking for it throws.
  func folder(of address: String, lookingFor names: [String]) throws(GriffinError) -> (folder: any FileFolder, name: String?)
}
