internal import ByteStorage

extension Remote {
  private static let listingBytes = 16 << 20
  private static let listingLimits = JSONLimits(bytes: listingBytes, depth: 32, values: 1 << 20, stringBytes: 1 << 20)

  /// `hf://OWNER/NAME[@REVISION][/FILE]`: the files of one commit, the one that the revision is at when it is asked for.
  func repository(_ text: String, _ names: [String]) throws(GriffinError) -> (folder: any FileFolder, name: String?) {
    let parts = text.dropFirst("hf://".count).split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    let halves = parts.count > 1 ? parts[1].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) : []
    guard let owner = parts.first, let name = halves.first, Remote.isRepositoryPart(owner), Remote.isRepositoryPart(name),
      halves.count == 1 || Remote.isRepositoryPart(halves[1])
    else { throw GriffinError(.usage, file: text.shortened(), "expected hf://OWNER/NAME or hf://OWNER/NAME@REVISION") }
    var file = parts.count > 2 ? parts[2] : ""
    while file.hasSuffix("/") { file.removeLast() }
    guard file.isEmpty || Remote.isFile(file) && !file.split(separator: "/").contains("..") else {
      throw GriffinError(.usage, file: text.shortened(), "expected hf://OWNER/NAME[@REVISION], or that and a weight file's name")
    }
    guard let hub = Address(settings.hub), hub.query == nil else {
      throw GriffinError(.usage, "HF_ENDPOINT is no address of the form https://HOST: \(settings.hub.shortened(to: 60))")
    }
    try Locator.check(hub, shown: text)
    let repository = "\(owner)/\(name)"
    let revision = halves.count > 1 ? halves[1] : "main"
    let right: Locator.Right = settings.hubToken.map { .token($0) } ?? .none
    let hints = [
      settings.hubToken == nil
        ? "the repository may be private, gated or not there; HF_TOKEN gives access to those that you may read" : "HF_TOKEN may not be allowed to read it"
    ]
    let shown = "hf://\(repository)@\(revision)"
    let (commit, listing) = try list(
      Locator(
        hub.appending("api/models/\(owner)/\(name)/revision/\(revision)"), right: right, shown: shown, hints: hints),
      Locator(hub.appending("\(owner)/\(name)/resolve/\(revision)/config.json"), right: right, shown: shown, hints: hints))
    let base = hub.appending("\(owner)/\(name)/resolve/\(commit)")
    let pinned = "hf://\(repository)@\(commit)"
    let (inner, fileName) = FileSystem.split(file)
    let sub = file.contains("/") ? inner : ""
    let inFolder = listing.map { all in all.compactMap { $0.hasPrefix(sub.isEmpty ? "" : sub + "/") ? String($0.dropFirst(sub.isEmpty ? 0 : sub.count + 1)) : nil } }
    let folder = folder(pinned, listing: inFolder?.filter { !$0.contains("/") }, lookedFor: names, commit: commit) { name in
      let path = sub.isEmpty ? name : "\(sub)/\(name)"
      return Locator(base.appending(path), right: right, shown: "\(pinned)/\(path)", hints: hints)
    }
    return (folder, file.isEmpty ? nil : fileName)
  }

  private static func isRepositoryPart(_ text: String) -> Bool {
    !text.isEmpty && text != "." && text != ".." && text.utf8.count <= 255
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
      }
  }

  /// The commit that a revision is at, and the files of it; nil for these where the hub does not list them, as some mirrors do not.
  private func list(_ api: Locator, _ file: Locator) throws(GriffinError) -> (commit: String, names: [String]?) {
    let (requester, _) = connection()
    let backoff = settings.backoff
    if let page = try waiting(cancellation, for: { () throws(GriffinError) in try await requester.text(api, limit: Remote.listingBytes, backoff) }) {
      let document = try JSONValue.parse(page.bytes.rawBytes, limits: Remote.listingLimits, file: api.shown)
      guard let commit = document["sha"]?.string, Remote.isCommit(commit), let files = document["siblings"]?.array else {
        throw GriffinError(.malformed, file: api.shown, "the hub's answer has no commit (sha) and files (siblings)")
      }
      return (commit, files.compactMap { $0["rfilename"]?.string }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
    let object = try waiting(cancellation) { () throws(GriffinError) in try await RemoteObject.open(file, requester, backoff) }
    guard let object else { throw GriffinError(.missing, file: api.shown, "the hub has no such repository or revision", hints: file.hints) }
    guard let commit = object.commit, Remote.isCommit(commit) else {
      throw GriffinError(.unsupported, file: api.shown, "the hub does not say which commit it answers with (X-Repo-Commit), so nothing could be pinned to one")
    }
    return (commit, nil)
  }

  private static func isCommit(_ text: String) -> Bool { Hexadecimal.decode(text, byteCount: 20) != nil }
}
