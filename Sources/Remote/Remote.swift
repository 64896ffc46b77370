public import ByteStorage

/// Files on other machines, read by range: `https://`, `s3://` and `hf://`.
///
/// ```swift
/// let remote = Remote(try RemoteSettings(environment: { ProcessInfo.processInfo.environment[$0] }))
/// let checkpoint = try Checkpoint.open(path: "hf://OWNER/NAME", options: SourceOptions(far: remote))
/// ```
///
/// - Source: `formats/far-sources.md`.
public final class Remote: FarPlaces {
  let settings: RemoteSettings
  let cancellation: Cancellation
  private let lines = Locked<(requester: Requester, readAhead: ReadAhead)?>(nil)

  public init(_ settings: RemoteSettings, cancellation: Cancellation = Cancellation()) {
    (self.settings, self.cancellation) = (settings, cancellation)
  }

  public func recognizes(_ address: String) -> Bool { Remote.recognizes(address) }

  /// Whether a SRC is an address.
  public static func recognizes(_ address: String) -> Bool {
    ["https://", "http://", "s3://", "hf://"].contains { address.lowercased().hasPrefix($0) }
  }

  public func folder(of address: String, lookingFor names: [String]) throws(GriffinError) -> (folder: any FileFolder, name: String?) {
    let scheme = address[..<(address.firstRange(of: "://")?.lowerBound ?? address.startIndex)].lowercased()
    switch scheme {
    case "s3": return try store(address, names)
    case "hf": return try repository(address, names)
    default: return try site(address, names)
    }
  }

  /// Endings of files that an address may name; anything else is a folder.
  private static let fileEndings = [
    ".safetensors", ".bin", ".gguf", ".griffin", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".zip",
  ]

  /// Whether a name is one of a file.
  static func isFile(_ name: String) -> Bool { fileEndings.contains { name.lowercased().hasSuffix($0) } }

  /// Made when the first address is asked for.
  func connection() -> (requester: Requester, readAhead: ReadAhead) {
    lines.withLock { lines in
      if let lines { return lines }
      let made = (requester: Requester(settings), readAhead: ReadAhead())
      lines = made
      return made
    }
  }

  /// A folder whose files are asked for as `locator` says.
  func folder(
    _ path: String, listing: [String]?, lookedFor: [String], commit: String? = nil, locator: @escaping @Sendable (String) -> Locator
  ) -> RemoteFolder {
    let (requester, readAhead) = connection()
    return RemoteFolder(
      path: path, requester: requester, settings: settings, readAhead: readAhead, cancellation: cancellation, listing: listing, lookedFor: lookedFor,
      commit: commit, locator: locator)
  }

  /// `https://HOST/FOLDER` or `https://HOST/FOLDER/FILE`.
  private func site(_ text: String, _ names: [String]) throws(GriffinError) -> (folder: any FileFolder, name: String?) {
    guard let address = Address(text) else {
      throw GriffinError(
        .usage, file: text.prefix { $0 != "?" }.description.shortened(), "this is no address of the form https://HOST/PATH, without a user's name in it")
    }
    try Locator.check(address, shown: address.shown)
    let (parent, name) = address.split
    let isFile = Remote.isFile(name)
    let base = isFile ? parent : address
    let shown = base.shown.hasSuffix("/") ? String(base.shown.dropLast()) : base.shown
    let folder = folder(shown, listing: nil, lookedFor: names) { Locator(base.appending($0)) }
    return (folder, isFile ? name : nil)
  }
}
