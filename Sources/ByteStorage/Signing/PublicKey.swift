internal import SwiftASN1

/// A public key of one of the kinds that signatures are checked with.
public enum PublicKey: Sendable {
  case ed25519(Ed25519PublicKey)
  case elliptic(EllipticPublicKey)

  /// Reads a key file: a SubjectPublicKeyInfo as PEM or DER, as `openssl pkey -pubout` writes it.
  /// - Throws: As `Ed25519PublicKey.init(path:)`.
  public init(path: String) throws(GriffinError) {
    let content = try KeyFile(path: path)
    if content.label == "PUBLIC KEY" || content.label == nil, let key = EllipticPublicKey(der: content.bytes) {
      self = .elliptic(key)
    } else {
      self = .ed25519(try Ed25519PublicKey(content))
    }
  }
}
