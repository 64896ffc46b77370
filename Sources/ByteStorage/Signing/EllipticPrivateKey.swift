internal import Crypto
internal import SwiftASN1

/// The half of a key pair on a NIST curve that signs (ECDSA over P-256, P-384 or P-521). It has no description: nothing prints it.
public struct EllipticPrivateKey: Sendable {
  private enum Key: Sendable {
    case p256(P256.Signing.PrivateKey), p384(P384.Signing.PrivateKey), p521(P521.Signing.PrivateKey)
  }

  private let key: Key

  static let generationHint =
    "openssl ecparam -name prime256v1 -genkey -noout -out FILE makes a private key, openssl ec -in FILE -pubout its public half"

  /// Reads a key file: PKCS #8 or SEC 1 (RFC 5915), as PEM or DER, without a passphrase. No message quotes what the file holds.
  /// - Throws: `missing` or `unreadable`; `unsafe` above 64 KiB; `malformed` where it is no key; `unsupported` for a key that is
  ///   encrypted, public, or of another kind.
  public init(path: String) throws(GriffinError) {
    let content = try KeyFile(path: path)
    try content.requirePrivate(
      ["PRIVATE KEY", "EC PRIVATE KEY"], publicHint: "signing takes the private half", generationHint: EllipticPrivateKey.generationHint)
    if let key = try? P256.Signing.PrivateKey(derRepresentation: content.bytes) {
      self.key = .p256(key)
    } else if let key = try? P384.Signing.PrivateKey(derRepresentation: content.bytes) {
      self.key = .p384(key)
    } else if let key = try? P521.Signing.PrivateKey(derRepresentation: content.bytes) {
      self.key = .p521(key)
    } else {
      throw content.error(
        .unsupported, "expected a private key on one of the curves P-256, P-384 and P-521; its DER structure is another",
        hints: [EllipticPrivateKey.generationHint])
    }
  }

  public var publicKey: EllipticPublicKey {
    switch key {
    case .p256(let key): EllipticPublicKey(.p256(key.publicKey))
    case .p384(let key): EllipticPublicKey(.p384(key.publicKey))
    case .p521(let key): EllipticPublicKey(.p521(key.publicKey))
    }
  }

  /// An ECDSA signature in DER, over the SHA-256, SHA-384 or SHA-512 of a message as the curve has it. No two are equal.
  /// - Throws: `io` where the system has no randomness.
  public func signature(for message: [UInt8]) throws(GriffinError) -> [UInt8] {
    do {
      switch key {
      case .p256(let key): return Array(try key.signature(for: message).derRepresentation)
      case .p384(let key): return Array(try key.signature(for: message).derRepresentation)
      case .p521(let key): return Array(try key.signature(for: message).derRepresentation)
      }
    } catch {
      throw GriffinError(.io, "the signature could not be computed")
    }
  }
}
