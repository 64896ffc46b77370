internal import SwiftASN1

/// What a key file holds: the DER of one key, and what its PEM frame calls it (RFC 7468). Text around the frame is ignored.
struct KeyFile {
  /// Bytes of a key file at most; one of Ed25519 has about a hundred.
  static let maximumByteCount = 64 << 10
  /// Ed25519 by RFC 8410; its algorithm has no parameters.
  static let ed25519 = KeyAlgorithm(identifier: [1, 3, 101, 112], hasParameters: false)
  /// What DER begins a key with.
  private static let sequenceTag: UInt8 = 0x30
  static let generationHint = "openssl genpkey -algorithm ed25519 -out FILE makes a private key, openssl pkey -in FILE -pubout its public half"

  private let path: String
  /// Such as `PRIVATE KEY`; nil where the file is plain DER.
  let label: String?
  let bytes: [UInt8]

  init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    guard file.byteCount <= KeyFile.maximumByteCount else {
      throw GriffinError(
        .unsafe, file: path, "the file has \(file.byteCount) bytes; a key file has at most \(KeyFile.maximumByteCount)")
    }
    let buffer = try FileContents.file(file).read()
    let content = buffer.bytes.copied
    self.path = path
    if content.first == KeyFile.sequenceTag {
      (label, bytes) = (nil, content)
      return
    }
    let text = KeyFile.withoutParameters(String(decoding: content, as: UTF8.self))
    let blocks = text.utf8.indices.count { text.utf8[$0...].starts(with: "-----BEGIN ".utf8) }
    guard blocks > 0 else {
      throw GriffinError(
        .malformed, file: path, "expected a key in PEM (a line -----BEGIN … KEY-----) or DER", hints: [KeyFile.generationHint])
    }
    guard blocks == 1 else { throw GriffinError(.malformed, file: path, "expected one key, found \(blocks) PEM blocks") }
    guard let document = try? PEMDocument(pemString: text) else {
      throw GriffinError(
        .malformed, file: path, "the PEM block is not lines of base64 between BEGIN and END of one name; the file may be truncated")
    }
    (label, bytes) = (document.discriminator, document.derBytes)
  }

  /// The text without the block that names the curve once more, which openssl ecparam writes before a key.
  private static func withoutParameters(_ text: String) -> String {
    guard let start = text.firstRange(of: "-----BEGIN EC PARAMETERS-----"), let end = text.firstRange(of: "-----END EC PARAMETERS-----"),
      start.upperBound <= end.lowerBound
    else { return text }
    return String(text[..<start.lowerBound] + text[end.upperBound...])
  }

  var foundLabel: String { label.map { "a PEM block \($0.shortened(to: 64))".printable } ?? "DER" }

  /// Refuses what is framed as something else than a private key.
  /// - Parameters:
  ///   - labels: What a key of the kind may be framed as; plain DER is told by what it holds.
  ///   - publicHint: What to say of a public key.
  ///   - generationHint: How a key of the kind is made.
  /// - Throws: `unsupported`.
  func requirePrivate(_ labels: [String], publicHint: String, generationHint: String) throws(GriffinError) {
    guard let label, !labels.contains(label) else { return }
    let hint =
      switch label {
      case "ENCRYPTED PRIVATE KEY": "openssl pkey -in FILE -out PLAIN asks for the passphrase and writes the key without one"
      case "PUBLIC KEY": publicHint
      default: generationHint
      }
    throw error(.unsupported, "expected a PRIVATE KEY, found \(foundLabel)", hints: [hint])
  }

  func error(_ kind: GriffinError.Kind, _ message: String, hints: [String] = []) -> GriffinError {
    GriffinError(kind, file: path, message, hints: hints)
  }
}

/// An AlgorithmIdentifier (RFC 5280).
struct KeyAlgorithm: DERParseable, Hashable {
  let identifier: ASN1ObjectIdentifier
  let hasParameters: Bool

  init(identifier: ASN1ObjectIdentifier, hasParameters: Bool) { (self.identifier, self.hasParameters) = (identifier, hasParameters) }

  init(derEncoded node: ASN1Node) throws {
    self = try DER.sequence(node, identifier: .sequence) { nodes in
      KeyAlgorithm(identifier: try ASN1ObjectIdentifier(derEncoded: &nodes), hasParameters: nodes.next() != nil)
    }
  }
}
