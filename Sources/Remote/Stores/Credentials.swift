internal import ByteStorage

/// Keys of an object store.
package struct Credentials: Sendable, Hashable {
  let accessKey: String
  let secretKey: String
  let sessionToken: String?

  /// - Returns: nil where a key is missing, or holds what no header can.
  package init?(_ accessKey: String?, _ secretKey: String?, sessionToken: String?) {
    guard let accessKey, let secretKey, !accessKey.isEmpty, !secretKey.isEmpty,
      [accessKey, sessionToken ?? ""].allSatisfy({ $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })
    else { return nil }
    (self.accessKey, self.secretKey) = (accessKey, secretKey)
    self.sessionToken = sessionToken.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// A file of profiles as the AWS tools write them: `[name]`, then `key = value` lines.
struct ProfileFile: Sendable {
  private var values: [String: [String: String]] = [:]

  /// Bytes of such a file.
  private static let limit = 1 << 20

  init(_ text: String) {
    var section: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = ProfileFile.trimmed(line)
      if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
      if trimmed.hasPrefix("["), trimmed.hasSuffix("]") {
        let name = ProfileFile.trimmed(trimmed.dropFirst().dropLast())
        section = name.hasPrefix("profile ") ? ProfileFile.trimmed(name.dropFirst("profile ".count)) : name
        continue
      }
      // What is indented belongs to a nested setting.
      guard let section, let sign = trimmed.firstIndex(of: "="), line.first?.isWhitespace == false else { continue }
      let key = ProfileFile.trimmed(trimmed[..<sign]).lowercased()
      values[section, default: [:]][key] = ProfileFile.trimmed(trimmed[trimmed.index(after: sign)...])
    }
  }

  /// The file at a path; empty where there is none.
  /// - Throws: `unreadable` or `unsafe` where it cannot be read.
  init(path: String) throws(GriffinError) {
    guard FileSystem.kind(of: path) == .file else {
      self.init("")
      return
    }
    let buffer = try InputFile(path: path).contents(limit: ProfileFile.limit)
    self.init(String(decoding: buffer.bytes.copied, as: UTF8.self))
  }

  subscript(profile: String, key: String) -> String? { values[profile]?[key].flatMap { $0.isEmpty ? nil : $0 } }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var slice = text.drop(while: \.isWhitespace)
    while slice.last?.isWhitespace == true { slice = slice.dropLast() }
    return String(slice)
  }
}
