internal import ByteStorage

/// An address of the form `https://HOST[:PORT]/PATH[?QUERY]`, checked: the only one that anything is ever asked of.
package struct Address: Sendable, Hashable {
  package var scheme: String
  /// In lower case; an IPv6 address in brackets.
  package var host: String
  package var port: Int?
  /// Percent-encoded, with the slash that it begins with.
  package var path: String
  /// Percent-encoded, without the question mark; it may hold a signature and is never shown.
  package var query: String?

  /// Bytes of an address.
  private static let limit = 8192

  /// - Returns: nil where the text is no such address, or one with a user's name in it.
  package init?(_ text: String) {
    guard text.utf8.count <= Address.limit, let mark = text.firstRange(of: "://") else { return nil }
    scheme = text[..<mark.lowerBound].lowercased()
    let rest = text[mark.upperBound...].prefix { $0 != "#" }
    guard ["https", "http"].contains(scheme), rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") })
    else { return nil }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let target = rest[authority.endIndex...]
    guard !authority.contains("@") else { return nil }
    var host = String(authority)
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65535).contains(number) else { return nil }
      (host, port) = (String(authority[..<colon]), number)
    }
    guard !host.isEmpty, host.hasPrefix("[") == host.hasSuffix("]") else { return nil }
    self.host = host.lowercased()
    let question = target.firstIndex(of: "?")
    path = String(target[..<(question ?? target.endIndex)])
    if path.isEmpty { path = "/" }
    query = question.map { String(target[target.index(after: $0)...]) }
  }

  /// What a redirect leads to.
  /// - Returns: nil where it is no address.
  package func resolving(_ location: String) -> Address? {
    if location.contains("://") { return Address(location) }
    if location.hasPrefix("//") { return Address("\(scheme):\(location)") }
    if location.hasPrefix("/") { return Address(origin + location) }
    guard var address = Address(origin + path[...(path.lastIndex(of: "/") ?? path.startIndex)] + location) else { return nil }
    var segments: [Substring] = []
    for segment in address.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    address.path = "/" + segments.joined(separator: "/")
    return address
  }

  /// Scheme, host and port: who is spoken to.
  package var origin: String { "\(scheme)://\(authority)" }

  /// Host and port as a `Host` header has them.
  package var authority: String { host + (port.map { ":\($0)" } ?? "") }

  package func hasSameOrigin(as other: Address) -> Bool {
    (scheme, host, port ?? Address.port(of: scheme)) == (other.scheme, other.host, other.port ?? Address.port(of: other.scheme))
  }

  private static func port(of scheme: String) -> Int { scheme == "https" ? 443 : 80 }

  package var text: String { origin + path + (query.map { "?\($0)" } ?? "") }

  /// Without what may be secret.
  package var shown: String { origin + path }

  /// A file in the folder that this is the address of.
  /// - Parameter name: As it is, not encoded.
  package func appending(_ name: String) -> Address {
    var address = self
    address.path += (path.hasSuffix("/") ? "" : "/") + Address.encode(name, keeping: "/")
    return address
  }

  /// The folder and the name, as it is, that the path consists of.
  package var split: (folder: Address, name: String) {
    var folder = self
    guard let slash = path.lastIndex(of: "/") else { return (self, "") }
    folder.path = String(path[...slash])
    return (folder, Address.decode(path[path.index(after: slash)...]) ?? "")
  }

  /// Whether the host is this machine.
  package var isLoopback: Bool {
    host == "localhost" || host == "[::1]"
      || host.hasPrefix("127.") && host.split(separator: ".", omittingEmptySubsequences: false).count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
  }

  /// Percent-encodes everything but letters, digits, `-._~` and what is kept.
  static func encode(_ text: String, keeping kept: String = "") -> String {
    var result = ""
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(scalar)
      case _ where byte < 0x80 && kept.unicodeScalars.contains(scalar): result.unicodeScalars.append(scalar)
      default: result += "%" + Hexadecimal.encode([byte]).uppercased()
      }
    }
    return result
  }

  /// Undoes percent-encoding; nil where it is none, or what comes out is not UTF-8.
  static func decode(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
