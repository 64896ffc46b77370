internal import ByteStorage

/// The files that a model consists of, with their digests: a bundle alone, or a folder with all that lies in it.
struct SignedFiles: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    /// The path within the folder, with slashes; a file that is the whole model is `.`.
    let name: String
    let digest: SHA256Digest
  }

  /// In the order of their names, folder by folder.
  let entries: [Entry]

  init(entries: [Entry]) { self.entries = entries }

  /// What a repository has beside its model.
  static let ignoredPaths = [".git", ".gitattributes", ".github", ".gitignore"]
  /// Files of a folder at most.
  private static let fileLimit = 65_536
  private static let depthLimit = 16
  private static let chunkByteCount = 1 << 20

  /// Reads and hashes a file.
  /// - Throws: What reading throws; `interrupted`.
  init(file: InputFile, cancellation: Cancellation, progress: ProgressMeter.Report?) throws(GriffinError) {
    var buffer = ByteBuffer(byteCount: SignedFiles.chunkByteCount)
    let meter = ProgressMeter(total: file.byteCount, report: progress)
    entries = [Entry(name: ".", digest: try SHA256Digest(of: file, through: &buffer, cancellation: cancellation, meter: meter))]
    try file.checkUnchanged()
  }

  /// Reads and hashes the files of a folder.
  /// - Parameter ignoring: Paths within the folder that are passed over, with all that lies in them.
  /// - Throws: `unsupported` for symbolic links and what is no file; `unsafe` for more than 65,536 files or folders more than 16
  ///   deep; what reading throws; `interrupted`.
  init(
    folder: String, ignoring: Set<String>, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report?
  ) throws(GriffinError) {
    var names: [[String]] = []
    try SignedFiles.list(folder, [], ignoring, into: &names)
    names.sort { $0.lexicographicallyPrecedes($1) { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } }
    var files: [InputFile] = []
    for name in names { files.append(try InputFile(path: FileSystem.path(folder, name.joined(separator: "/")))) }
    let inputs = files
    let meter = ProgressMeter(total: inputs.reduce(0) { $0 + $1.byteCount }, report: progress)
    let digests = Locked([Int: SHA256Digest]())
    try Workers.run(threads, jobs: inputs.count, makeState: { ByteBuffer(byteCount: SignedFiles.chunkByteCount) }) {
      job, buffer throws(GriffinError) in
      let digest = try SHA256Digest(of: inputs[job], through: &buffer, cancellation: cancellation, meter: meter)
      try inputs[job].checkUnchanged()
      digests.withLock { $0[job] = digest }
    }
    let found = digests.withLock { $0 }
    entries = names.enumerated().compactMap { index, name in found[index].map { Entry(name: name.joined(separator: "/"), digest: $0) } }
  }

  private static func list(
    _ folder: String, _ path: [String], _ ignoring: Set<String>, into names: inout [[String]]
  ) throws(GriffinError) {
    let place = path.reduce(folder) { FileSystem.path($0, $1) }
    guard path.count <= depthLimit else {
      throw GriffinError(.unsafe, file: place, "folders lie more than \(depthLimit) deep in one another")
    }
    for name in try FileSystem.names(inFolder: place) {
      let inner = path + [name]
      guard !ignoring.contains(inner.joined(separator: "/")) else { continue }
      switch FileSystem.entry(at: FileSystem.path(place, name)) {
      case .folder: try list(folder, inner, ignoring, into: &names)
      case .file: names.append(inner)
      case .other, nil:
        throw GriffinError(
          .unsupported, file: FileSystem.path(place, name), "it is neither a file nor a folder; a signature says nothing of links",
          hints: ["copy the folder with its links followed: cp -rL"])
      }
      guard names.count <= fileLimit else {
        throw GriffinError(.unsafe, file: folder, "the folder holds more than \(fileLimit) files")
      }
    }
  }

  /// SHA-256 over the digests of all files, which stands for the model.
  var digest: SHA256Digest {
    var hasher = SHA256Hasher()
    for entry in entries {
      let bytes = entry.digest.bytes
      hasher.update(bytes.rawBytes)
    }
    return hasher.finalize()
  }

  /// The first difference from what is there; nil where there is none.
  func difference(from found: SignedFiles) -> String? {
    let mine = Dictionary(entries.map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
    let others = Dictionary(found.entries.map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
    func named(_ name: String) -> String { name == "." ? "the file" : name.printable }
    for entry in entries {
      guard let other = others[entry.name] else { return "\(named(entry.name)) was signed and is not there" }
      if other != entry.digest { return "\(named(entry.name)) has the digest \(other), \(entry.digest) was signed" }
    }
    return found.entries.first { mine[$0.name] == nil }.map { "\(named($0.name)) is there and was not signed" }
  }
}
