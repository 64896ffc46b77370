internal import Crypto
internal import SwiftASN1

/// The half of a key pair on a NIST curve that checks signatures (ECDSA over P-256, P-384 or P-521).
public struct EllipticPublicKey: Sendable {
  enum Key: Sendable {
    case p256(P256.Signing.PublicKey), p384(P384.Signing.PublicKey), p521(P521.Signing.PublicKey)
  }

  private let key: Key

  init(_ key: Key) { self.key = key }

  /// Reads the DER of a SubjectPublicKeyInfo; nil where it is none of a known curve.
  init?(der: [UInt8]) {
    if let key = try? P256.Signing.PublicKey(derRepresentation: der) {
      self.key = .p256(key)
    } else if let key = try? P384.Signing.PublicKey(derRepresentation: der) {
      self.key = .p384(key)
    } else if let key = try? P521.Signing.PublicKey(derRepresentation: der) {
      self.key = .p521(key)
    } else {
      return nil
    }
  }

  /// The SubjectPublicKeyInfo.
  private var der: [UInt8] {
    switch key {
    case .p256(let key): Array(key.derRepresentation)
    case .p384(let key): Array(key.derRepresentation)
    case .p521(let key): Array(key.derRepresentation)
    }
  }

  /// Such as `P-256`.
  public var curve: String {
    switch key {
    case .p256: "P-256"
    case .p384: "P-384"
    case .p521: "P-521"
    }
  }

  /// SHA-256 of the key in PEM, by which a signature says whose it is.
  public var fingerprint: String {
    let text = PEMDocument(type: "PUBLIC KEY", derBytes: der).pemString + "\n"
    return SHA256Digest(of: text.rawBytes).hexadecimal
  }

  /// Whether a signature in DER of this key's other half is right for a message.
  public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    switch key {
    case .p256(let key):
      guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: message)
    case .p384(let key):
      guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: message)
    case .p521(let key):
      guard let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: message)
    }
  }
}
