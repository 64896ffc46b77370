internal import Crypto
internal import SwiftASN1

/// The half of an Ed25519 key pair that checks signatures.
public struct Ed25519PublicKey: Sendable, Hashable {
  public static let byteCount = 32

  /// Exactly 32 bytes, as RFC 8032 encodes a point.
  public let bytes: [UInt8]

  init?(bytes: [UInt8]) {
    guard bytes.count == Ed25519PublicKey.byteCount else { return nil }
    self.bytes = bytes
  }

  /// - Returns: nil where the text is not 64 lower-case hexadecimal digits.
  public init?(hexadecimal: String) {
    guard let bytes = Hexadecimal.decode(hexadecimal, byteCount: Ed25519PublicKey.byteCount) else { return nil }
    self.bytes = bytes
  }

  /// Reads a key file: a SubjectPublicKeyInfo (RFC 8410), as PEM or DER, as `openssl pkey -pubout` writes it.
  /// - Throws: `missing` or `unreadable`; `unsafe` above 64 KiB; `malformed` where it is no key; `unsupported` for a key of
  ///   another kind, a private key included.
  public init(path: String) throws(GriffinError) { try self.init(KeyFile(path: path)) }

  init(_ content: KeyFile) throws(GriffinError) {
    guard content.label == "PUBLIC KEY" || content.label == nil else {
      let isPrivate = content.label?.hasSuffix("PRIVATE KEY") == true
      throw content.error(
        .unsupported, "expected a PUBLIC KEY, found \(content.foundLabel)",
        hints: isPrivate ? ["keep this file to yourself; openssl pkey -in FILE -pubout writes its public half"] : [])
    }
    guard let info = try? PublicKeyInfo(derEncoded: content.bytes) else {
      throw content.error(.malformed, "expected a SubjectPublicKeyInfo of RFC 8410; its DER structure is another")
    }
    guard info.algorithm == KeyFile.ed25519 else {
      throw content.error(.unsupported, "the key is not of Ed25519", hints: [KeyFile.generationHint])
    }
    guard info.bits.bytes.count == Ed25519PublicKey.byteCount, info.bits.paddingBits == 0 else {
      throw content.error(.malformed, "expected a key of \(Ed25519PublicKey.byteCount) bytes, found \(info.bits.bytes.count)")
    }
    bytes = Array(info.bits.bytes)
  }

  /// 64 lower-case hexadecimal digits.
  public var hexadecimal: String { Hexadecimal.encode(bytes) }

  /// Whether a signature of this key's other half is right for a message. False for bytes that are no point of the curve.
  public func isValid(_ signature: Ed25519Signature, for message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
    return key.isValidSignature(signature.bytes, for: message)
  }
}

/// SubjectPublicKeyInfo of RFC 5280.
private struct PublicKeyInfo: DERParseable {
  let algorithm: KeyAlgorithm
  let bits: ASN1BitString

  init(derEncoded node: ASN1Node) throws {
    (algorithm, bits) = try DER.sequence(node, identifier: .sequence) { nodes in
      (try KeyAlgorithm(derEncoded: &nodes), try ASN1BitString(derEncoded: &nodes))
    }
  }
}

/// The 64 bytes of an Ed25519 signature (RFC 8032).
public struct Ed25519Signature: Sendable, Hashable {
  public static let byteCount = 64

  /// Exactly 64 bytes.
  public let bytes: [UInt8]

  init?(bytes: [UInt8]) {
    guard bytes.count == Ed25519Signature.byteCount else { return nil }
    self.bytes = bytes
  }

  /// - Returns: nil where the text is not 128 lower-case hexadecimal digits.
  public init?(hexadecimal: String) {
    guard let bytes = Hexadecimal.decode(hexadecimal, byteCount: Ed25519Signature.byteCount) else { return nil }
    self.bytes = bytes
  }

  /// 128 lower-case hexadecimal digits.
  public var hexadecimal: String { Hexadecimal.encode(bytes) }
}
