/// Which hosts are spoken to through a proxy, as `HTTPS_PROXY` and `NO_PROXY` say.
public struct Proxies: Sendable {
  /// Host, port, and `user:password` where the address has them.
  package let server: (host: String, port: Int, login: String?)?
  private let exceptions: [String]

  /// - Parameter proxy: `http://[USER:PASSWORD@]HOST[:PORT]`; anything else is no proxy.
  public init(proxy: String? = nil, exceptions: String? = nil) {
    self.exceptions = (exceptions ?? "").lowercased().split(separator: ",").map { part in
      var name = part.trimmingPrefix { $0 == " " }
      while name.last == " " { name.removeLast() }
      return String(name)
    }
    guard var text = proxy, !text.isEmpty else {
      server = nil
      return
    }
    var login: String?
    if let at = text.lastIndex(of: "@") {
      let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
      login = Address.decode(text[start..<at])
      text.removeSubrange(start...at)
    }
    guard let address = Address(text.contains("://") ? text : "http://\(text)"), address.scheme == "http" else {
      server = nil
      return
    }
    server = (address.host, address.port ?? 80, login)
  }

  /// Whether requests to an address go through the proxy: never those to this machine, nor those to hosts that are excepted by name, by the domain
  /// that they are in, or all of them by `*`.
  package func apply(to address: Address) -> Bool {
    guard server != nil, address.scheme == "https", !address.isLoopback else { return false }
    return !exceptions.contains { exception in
      let domain = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
      return exception == "*" || !domain.isEmpty && (address.host == domain || address.authority == domain || address.host.hasSuffix("." + domain))
    }
  }
}
