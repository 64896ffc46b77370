internal import Crypto
internal import SwiftASN1

/// The half of an Ed25519 key pair that signs. It has no description: nothing prints it.
public struct Ed25519PrivateKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// Reads a key file: PKCS #8 (RFC 8410, with or without the public half of RFC 5958), as PEM or DER, as
  /// `openssl genpkey -algorithm ed25519` writes it. No message quotes what the file holds.
  /// - Throws: `missing` or `unreadable`; `unsafe` above 64 KiB; `malformed` where it is no key, or its halves do not
  ///   belong together; `unsupported` for a key that is encrypted, public, or of another kind.
  public init(path: String) throws(GriffinError) {
    let content = try KeyFile(path: path)
    try content.requirePrivate(
      ["PRIVATE KEY"], publicHint: "signing takes the private half, which openssl genpkey wrote", generationHint: KeyFile.generationHint)
    let malformed = content.error(.malformed, "expected a PKCS #8 private key of RFC 8410; its DER structure is another")
    guard let info = try? PrivateKeyInfo(derEncoded: content.bytes) else { throw malformed }
    guard info.algorithm == KeyFile.ed25519 else {
      throw content.error(.unsupported, "the key is not of Ed25519", hints: [KeyFile.generationHint])
    }
    guard let seed = try? ASN1OctetString(derEncoded: Array(info.wrapped.bytes)).bytes else { throw malformed }
    guard seed.count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      throw content.error(.malformed, "expected a key of 32 bytes, found \(seed.count)")
    }
    if let bits = info.publicKey, bits != ASN1BitString(bytes: Array(key.publicKey.rawRepresentation)[...]) {
      throw content.error(.malformed, "the public half in the file is not that of the private half")
    }
    self.key = key
  }

  public var publicKey: Ed25519PublicKey {
    guard let key = Ed25519PublicKey(bytes: Array(key.publicKey.rawRepresentation)) else {
      preconditionFailure("a public key has 32 bytes")
    }
    return key
  }

  /// - Throws: `io` where the system has no randomness to blind the computation with.
  public func signature(for message: [UInt8]) throws(GriffinError) -> Ed25519Signature {
    guard let bytes = try? Array(key.signature(for: message)), let signature = Ed25519Signature(bytes: bytes) else {
      throw GriffinError(.io, "the signature could not be computed")
    }
    return signature
  }
}

/// OneAsymmetricKey of RFC 5958, PKCS #8 before it had a public half.
private struct PrivateKeyInfo: DERParseable {
  let algorithm: KeyAlgorithm
  let wrapped: ASN1OctetString
  let publicKey: ASN1BitString?

  init(derEncoded node: ASN1Node) throws {
    (algorithm, wrapped, publicKey) = try DER.sequence(node, identifier: .sequence) { nodes in
      let version = try Int(derEncoded: &nodes)
      let (algorithm, wrapped) = (try KeyAlgorithm(derEncoded: &nodes), try ASN1OctetString(derEncoded: &nodes))
      // The attributes say nothing that a signature needs.
      DER.optionalImplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) { _ in () }
      let publicKey: ASN1BitString? = try DER.optionalImplicitlyTagged(
        &nodes, tag: ASN1Identifier(tagWithNumber: 1, tagClass: .contextSpecific))
      guard version == 1 || version == 0 && publicKey == nil else {
        throw ASN1Error.invalidASN1Object(reason: "a version that does not go with what is there")
      }
      return (algorithm, wrapped, publicKey)
    }
  }
}
