internal import ByteStorage

extension Remote {
  /// Pages of a listing, of up to a thousand names each, and bytes of one.
  private static let (listingPages, listingBytes) = (10, 4 << 20)

  /// `s3://BUCKET/PREFIX`, of a folder or a file: addressed by path at the endpoint, listed where that is allowed.
  func store(_ text: String, _ names: [String]) throws(GriffinError) -> (folder: any FileFolder, name: String?) {
    let parts = text.dropFirst("s3://".count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let bucket = parts[0]
    var prefix = parts.count > 1 ? parts[1] : ""
    guard (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy({ Remote.isOfBucket($0) }), !prefix.hasPrefix("/") else {
      throw GriffinError(.usage, file: text.shortened(), "expected s3://BUCKET/PREFIX")
    }
    while prefix.hasSuffix("/") { prefix.removeLast() }
    let endpoint = settings.storeEndpoint ?? "https://s3.\(settings.storeRegion).amazonaws.com"
    guard let base = Address(endpoint), base.query == nil else {
      throw GriffinError(.usage, "AWS_ENDPOINT_URL is no address of the form https://HOST: \(endpoint.shortened(to: 60))")
    }
    // The user chose it; a signature gives nothing away, and a session's token is worth nothing without its key.
    try Locator.check(base, allowsPlain: settings.storeEndpoint != nil, shown: text)
    let right: Locator.Right = settings.credentials.map { .signature(SignatureV4(credentials: $0, region: settings.storeRegion)) } ?? .none
    let hints = [
      settings.credentials == nil
        ? "the request was not signed: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE" : "the keys may not be allowed to read it, or be for another region or endpoint"
    ]
    let (parent, name) = FileSystem.split(prefix)
    let isFile = Remote.isFile(name)
    let folderPrefix = isFile ? (prefix.contains("/") ? parent : "") : prefix
    let root = base.appending(bucket)
    let shown = folderPrefix.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(folderPrefix)"
    let listing = isFile && names.isEmpty ? nil : try list(root, prefix: folderPrefix.isEmpty ? "" : folderPrefix + "/", right, shown: shown)
    let place = folderPrefix.isEmpty ? root : root.appending(folderPrefix)
    let folder = folder(shown, listing: listing, lookedFor: names) { name in
      Locator(place.appending(name), right: right, shown: FileSystem.path(shown, name), hints: hints)
    }
    return (folder, isFile ? name : nil)
  }

  private static func isOfBucket(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: false
    }
  }

  /// The names in a folder, sorted; nil where listing is not allowed.
  private func list(_ root: Address, prefix: String, _ right: Locator.Right, shown: String) throws(GriffinError) -> [String]? {
    let (requester, _) = connection()
    let backoff = settings.backoff
    let names = try waiting(cancellation) { () throws(GriffinError) -> [String]? in
      var names: [String] = []
      var continuation: String?
      for _ in 0..<Remote.listingPages {
        var address = root
        // In the order in which they are signed.
        address.query =
          (continuation.map { "continuation-token=\(Address.encode($0))&" } ?? "")
          + "delimiter=%2F&encoding-type=url&list-type=2&prefix=\(Address.encode(prefix))"
        let page: (bytes: [UInt8], answer: Answer)?
        do throws(GriffinError) {
          page = try await requester.text(Locator(address, right: right, shown: shown), limit: Remote.listingBytes, backoff)
        } catch {
          guard error.kind == .unreadable else { throw error }
          return nil
        }
        guard let page else { throw GriffinError(.missing, file: shown, "there is no such bucket") }
        let listing = ListingText(String(decoding: page.bytes, as: UTF8.self))
        names += listing.all("Key").compactMap { Address.decode($0.replacing("+", with: "%20")) }.filter { $0.hasPrefix(prefix) }
          .map { String($0.dropFirst(prefix.count)) }
        guard listing.first("IsTruncated") == "true", let next = listing.first("NextContinuationToken") else {
          return names.filter { !$0.isEmpty }
        }
        continuation = next
      }
      throw GriffinError(.unsafe, file: shown, "more than \(Remote.listingPages * 1000) files are there; name the model's folder")
    }
    return names?.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
