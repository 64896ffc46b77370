internal import ByteStorage

/// A folder on a server: listed where its store lists, else known by the names that are looked for.
final class RemoteFolder: FileFolder {
  let path: String
  private let requester: Requester
  private let settings: RemoteSettings
  private let readAhead: ReadAhead
  private let cancellation: Cancellation
  /// Where a file of the folder is asked for.
  private let locator: @Sendable (_ name: String) -> Locator
  /// Every name, in order; nil where the folder is not listed.
  private let listing: [String]?
  private let lookedFor: [String]
  /// The commit that every file has to be of.
  private let commit: String?
  /// What was opened; nil for what is not there.
  private let opened = Locked<[String: RemoteFile?]>([:])

  /// Files that are opened at a time.
  private static let atOnce = 8

  init(
    path: String, requester: Requester, settings: RemoteSettings, readAhead: ReadAhead, cancellation: Cancellation, listing: [String]?, lookedFor: [String],
    commit: String? = nil, locator: @escaping @Sendable (String) -> Locator
  ) {
    (self.path, self.requester, self.settings, self.readAhead, self.cancellation) = (path, requester, settings, readAhead, cancellation)
    (self.listing, self.lookedFor, self.commit, self.locator) = (listing, lookedFor, commit, locator)
  }

  func names() throws(GriffinError) -> [String] {
    if let listing { return listing }
    let names = lookedFor.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    try load(names)
    return opened.withLock { opened in names.filter { (opened[$0] ?? nil) != nil } }
  }

  func kind(of name: String) throws(GriffinError) -> FileSystem.Kind? {
    if let listing { return listing.contains { $0.hasSameBytes(as: name) } ? .file : nil }
    // What is asked for first is asked for with all the others.
    if opened.withLock({ $0.isEmpty }) { try load(lookedFor.contains(name) ? lookedFor : [name]) }
    return try file(name) == nil ? nil : .file
  }

  func open(_ name: String) throws(GriffinError) -> InputFile {
    guard let file = try file(name) else { throw GriffinError(.missing, file: locator(name).shown, "no such file") }
    return try InputFile(file)
  }

  func prepare(_ names: [String]) { try? load(names) }

  private func file(_ name: String) throws(GriffinError) -> RemoteFile? {
    try load([name])
    return opened.withLock { $0[name] ?? nil }
  }

  /// Opens those of several files that are not opened yet.
  private func load(_ names: [String]) throws(GriffinError) {
    let missing = opened.withLock { opened in names.filter { opened[$0] == nil } }
    guard !missing.isEmpty else { return }
    let (requester, backoff, locator) = (requester, settings.backoff, locator)
    let results = try waiting(cancellation) { () throws(GriffinError) -> [(String, Result<RemoteObject?, GriffinError>)] in
      await withTaskGroup(of: (String, Result<RemoteObject?, GriffinError>).self) { group in
        var results: [(String, Result<RemoteObject?, GriffinError>)] = []
        for (index, name) in missing.enumerated() {
          if index >= RemoteFolder.atOnce, let next = await group.next() { results.append(next) }
          group.addTask {
            do throws(GriffinError) {
              return (name, .success(try await RemoteObject.open(locator(name), requester, backoff)))
            } catch {
              return (name, .failure(error))
            }
          }
        }
        for await result in group { results.append(result) }
        return results
      }
    }
    for (name, result) in results.sorted(by: { $0.0 < $1.0 }) {
      let object: RemoteObject?
      do throws(GriffinError) {
        object = try result.get()
      } catch {
        // Some stores refuse what is not there where they do not list. A model without its configuration is none.
        guard listing == nil, error.kind == .unreadable, name != "config.json", lookedFor.contains(name) else { throw error }
        object = nil
      }
      if let object, let commit, let found = object.commit, found != commit {
        throw GriffinError(.changed, file: object.locator.shown, "the hub answers with the commit \(found.shortened(to: 40)), expected \(commit)")
      }
      let file = object.map { RemoteFile($0, readAhead, cancellation) }
      opened.withLock { $0[name] = .some(file) }
    }
  }
}
