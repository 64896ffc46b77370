package import ByteStorage

/// Where something is asked for, and with what right.
package struct Locator: Sendable {
  package enum Right: Sendable {
    case none
    /// `Authorization: Bearer TOKEN`.
    case token(String)
    /// Signature Version 4.
    case signature(SignatureV4)
  }

  let address: Address
  let right: Right
  /// What the user calls it.
  let shown: String
  /// What to do where it is refused.
  var hints: [String] = []

  package init(_ address: Address, right: Right = .none, shown: String? = nil, hints: [String] = []) {
    (self.address, self.right, self.shown, self.hints) = (address, right, shown ?? address.shown, hints)
  }

  /// Headers for a request to `address`: those that give a right go to no other host than this one's.
  package func headers(for address: Address, now: Timestamp) -> [(String, String)] {
    guard address.hasSameOrigin(as: self.address) else { return [] }
    switch right {
    case .none: return []
    case .token(let token): return [("Authorization", "Bearer \(token)")]
    case .signature(let signature): return signature.headers(method: "GET", address: address, at: now)
    }
  }

  /// - Throws: `unsafe` where the connection would not be private: plain http is spoken with this machine alone, or with the endpoint that the user
  ///   chose for an object store.
  package static func check(_ address: Address, allowsPlain: Bool = false, shown: String) throws(GriffinError) {
    guard address.scheme == "https" || address.isLoopback || allowsPlain else {
      throw GriffinError(
        .unsafe, file: shown, "plain http is not private, and is spoken with this machine alone", hints: ["give an https address"])
    }
  }
}
