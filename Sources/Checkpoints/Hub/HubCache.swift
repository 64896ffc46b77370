internal import ByteStorage

/// The local cache of the Hugging Face hub, as `huggingface_hub` lays it out: a folder per repository, with the commit that each
/// branch and tag is at in `refs`, and a folder of links to `blobs` per commit in `snapshots`.
struct HubCache: Sendable {
  let folder: String

  /// Bytes of a file in `refs`: a commit, and perhaps a line end.
  private static let referenceBytes = 256

  /// Where the links of a snapshot's folder lead; nil for any other folder.
  static func blobs(ofSnapshot folder: String) -> String? {
    let (snapshots, _) = FileSystem.split(folder)
    let (repository, name) = FileSystem.split(snapshots)
    return name == "snapshots" ? FileSystem.path(repository, "blobs") : nil
  }

  /// The error for a repository's folder in a cache, which holds the files of every revision; nil for any other folder.
  static func errorInPlaceOfSnapshot(_ folder: String) -> GriffinError? {
    var path = folder
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let (cache, name) = FileSystem.split(path)
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard name.hasPrefix("models--"), FileSystem.kind(of: FileSystem.path(path, "snapshots")) == .folder, parts.count >= 5 else { return nil }
    let hub = HubCache(folder: cache)
    let there = (try? hub.revisions(in: path)) ?? []
    let snapshot = there.first.map { (try? hub.commit($0, in: path)) ?? $0 }.map { FileSystem.path(FileSystem.path(path, "snapshots"), $0) }
    return GriffinError(
      .missing, file: folder, "this is a repository's folder in the hub's cache; its files are in a folder for each revision",
      hints: snapshot.map { ["name the snapshot: \($0)"] } ?? ["nothing of the repository is there; fetch it"])
  }

  /// The folder that holds a repository's files at the revision that is meant.
  /// - Throws: `missing` where the repository, the revision or its snapshot is not there; `malformed` where a reference is damaged.
  func snapshot(of repository: RepositoryName) throws(GriffinError) -> String {
    let base = FileSystem.path(folder, repository.folderName)
    guard FileSystem.kind(of: base) == .folder else {
      throw GriffinError(
        .missing, file: repository.repository,
        "there is no such file or folder, and no such repository in the cache \(folder)",
        hints: ["to fetch it: \(repository.downloadCommand)"])
    }
    let snapshots = FileSystem.path(base, "snapshots")
    let revision = repository.revision ?? RepositoryName.defaultRevision
    let commit = try commit(revision, in: base) ?? revision
    let snapshot = FileSystem.path(snapshots, commit)
    // A commit is its snapshot's name; what has slashes can only be a branch.
    if RepositoryName.isPlain(commit), FileSystem.kind(of: snapshot) == .folder { return snapshot }
    let there = try revisions(in: base)
    let found = there.isEmpty ? "nothing of the repository" : there.joined(separator: ", ")
    var hints = ["to fetch it: \(repository.downloadCommand)"]
    if let first = there.first { hints.append("to use one that is there: \(repository.repository)@\(first)") }
    throw GriffinError(
      .missing, file: repository.repository,
      "the revision \(revision) is not in the cache \(folder), which holds \(found)", hints: hints)
  }

  /// The commit that a branch or tag is at; nil where the cache knows none of that name.
  private func commit(_ revision: String, in base: String) throws(GriffinError) -> String? {
    let path = FileSystem.path(FileSystem.path(base, "refs"), revision)
    guard FileSystem.kind(of: path) == .file else { return nil }
    let file = try InputFile(path: path)
    var text: String?
    if file.byteCount <= HubCache.referenceBytes {
      text = String(decoding: file.bytes.copied, as: UTF8.self)
      while let end = text?.unicodeScalars.last, end.properties.isWhitespace { text?.unicodeScalars.removeLast() }
    }
    guard let text, RepositoryName.isPlain(text) else {
      throw GriffinError(.malformed, file: path, offset: 0, "expected the commit that the revision is at, found other bytes")
    }
    return text
  }

  /// Branches and tags whose snapshots are there, then the other commits.
  private func revisions(in base: String) throws(GriffinError) -> [String] {
    let snapshots = FileSystem.path(base, "snapshots")
    var commits = try names(inFolder: snapshots).filter { FileSystem.kind(of: FileSystem.path(snapshots, $0)) == .folder }
    var named: [String] = []
    for name in try references(in: FileSystem.path(base, "refs"), prefix: "", depth: 0) {
      guard let commit = try? commit(name, in: base), commits.contains(commit) else { continue }
      named.append(name)
    }
    let known = Set(named.compactMap { try? commit($0, in: base) })
    commits.removeAll { known.contains($0) }
    return named + commits
  }

  /// Names of branches may hold slashes: `refs/pr/1` is a file in folders of these names.
  private func references(in folder: String, prefix: String, depth: Int) throws(GriffinError) -> [String] {
    var found: [String] = []
    for name in try names(inFolder: folder) {
      switch FileSystem.kind(of: FileSystem.path(folder, name)) {
      case .file: found.append(prefix + name)
      case .folder where depth < 4:
        found += try references(in: FileSystem.path(folder, name), prefix: prefix + name + "/", depth: depth + 1)
      default: continue
      }
    }
    return found
  }

  private func names(inFolder path: String) throws(GriffinError) -> [String] {
    FileSystem.kind(of: path) == .folder ? try FileSystem.names(inFolder: path) : []
  }
}
