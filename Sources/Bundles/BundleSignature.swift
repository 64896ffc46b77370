public import ByteStorage

/// A signature over a bundle's digest, as its sidecar file `BUNDLE.sig` holds it (`formats/signature.md`).
public struct BundleSignature: Sendable, Hashable {
  /// What is appended to a bundle's path.
  public static let pathSuffix = ".sig"
  /// Bytes of a sidecar at most; ours have about 400.
  public static let maximumByteCount = 4096

  static let formatName = "griffin-signature"
  static let formatVersion = 1
  static let algorithm = "ed25519"

  /// The bundle that was signed.
  public let digest: SHA256Digest
  /// Whose signature it claims to be. Says what went wrong; a signature is checked with a key from elsewhere.
  public let publicKey: Ed25519PublicKey
  public let signature: Ed25519Signature

  /// The bytes that are signed: a line that no other use of the key produces, and the digest as a line of hexadecimal.
  public static func message(for digest: SHA256Digest) -> [UInt8] {
    Array("griffin-bundle-signature-v1\n\(digest.hexadecimal)\n".utf8)
  }

  /// Signs a bundle, which the caller has found whole.
  public init(signing bundle: ModelBundle, with key: Ed25519PrivateKey) throws(GriffinError) {
    digest = bundle.digest
    publicKey = key.publicKey
    signature = try key.signature(for: BundleSignature.message(for: bundle.digest))
  }

  /// Why this is not a key's signature of a bundle; nil where it is.
  public func objection(as key: Ed25519PublicKey, to digest: SHA256Digest) -> String? {
    if key.isValid(signature, for: BundleSignature.message(for: digest)) { return nil }
    if publicKey != key { return "it was made with the key \(publicKey.hexadecimal), expected \(key.hexadecimal)" }
    if self.digest != digest { return "it is for the bundle \(self.digest), this one is \(digest)" }
    return "it is not one of the key \(key.hexadecimal) for this bundle"
  }
}

extension BundleSignature {
  /// Reads the sidecar of the bundle at `path`.
  /// - Throws: `missing` or `unreadable`; `unsafe` above 4 KiB; `malformed` or `unsupported` with what was found.
  public init(ofBundleAt path: String) throws(GriffinError) {
    let sidecar = path + BundleSignature.pathSuffix
    let text = try SignatureFile.contents(
      sidecar, limit: BundleSignature.maximumByteCount, name: "the signature file", absence: "the bundle's signature",
      hints: ["griffin sign BUNDLE --key FILE makes it", "without --public-key everything else is verified"])
    try self.init(parsing: text.bytes, file: sidecar)
  }

  /// Reads the text of a sidecar.
  /// - Parameter file: Named in errors.
  public init(parsing bytes: RawSpan, file: String?) throws(GriffinError) {
    let limits = JSONLimits(bytes: BundleSignature.maximumByteCount, depth: 4, values: 64, stringBytes: 256)
    guard let object = try JSONValue.parse(bytes, limits: limits, file: file).object else {
      throw GriffinError(.malformed, file: file, "expected an object")
    }
    func string(_ key: String) throws(GriffinError) -> String {
      guard let value = object[key]?.string else {
        throw GriffinError(.malformed, file: file, "\(key): expected a string, found \(object[key]?.kindDescription ?? "nothing")")
      }
      return value
    }
    func value<Value>(_ key: String, digits: Int, _ make: (String) -> Value?) throws(GriffinError) -> Value {
      let text = try string(key)
      guard let value = make(text) else {
        throw GriffinError(
          .malformed, file: file, "\(key): expected \(digits) lower-case hexadecimal digits, found \"\(text.shortened(to: 40))\"")
      }
      return value
    }
    let format = try string("format")
    guard format == BundleSignature.formatName else {
      throw GriffinError(
        .malformed, file: file, "format is \"\(format.shortened(to: 40))\", expected \"\(BundleSignature.formatName)\"")
    }
    guard let version = object["version"]?.integer else {
      throw GriffinError(.malformed, file: file, "version: expected an integer, found \(object["version"]?.kindDescription ?? "nothing")")
    }
    guard version == BundleSignature.formatVersion else {
      throw GriffinError(
        .unsupported, file: file, "the signature is of version \(version), only version \(BundleSignature.formatVersion) is read")
    }
    let algorithm = try string("algorithm")
    guard algorithm == BundleSignature.algorithm else {
      throw GriffinError(
        .unsupported, file: file,
        "algorithm is \"\(algorithm.shortened(to: 40))\", only \"\(BundleSignature.algorithm)\" is known")
    }
    let known = ["format", "version", "algorithm", "digest", "public_key", "signature"]
    if let other = object.keys.first(where: { !known.contains($0) }) {
      throw GriffinError(.malformed, file: file, "\(other.shortened(to: 40)): version 1 has no such member")
    }
    digest = try value("digest", digits: 64) { SHA256Digest(hexadecimal: $0) }
    publicKey = try value("public_key", digits: 64) { Ed25519PublicKey(hexadecimal: $0) }
    signature = try value("signature", digits: 128) { Ed25519Signature(hexadecimal: $0) }
  }

  /// The text of the sidecar.
  public var text: String { document.encoded(pretty: true) + "\n" }

  private var document: JSONValue {
    .object([
      "format": .string(BundleSignature.formatName), "version": .integer(BundleSignature.formatVersion),
      "algorithm": .string(BundleSignature.algorithm), "digest": .string(digest.hexadecimal),
      "public_key": .string(publicKey.hexadecimal), "signature": .string(signature.hexadecimal),
    ])
  }
}
