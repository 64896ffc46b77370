public import ByteStorage

/// A signature beside a bundle or a folder, and the key that it must be of.
public enum SignatureClaim: Sendable {
  case bundle(BundleSignature, Ed25519PublicKey)
  case model(ModelSignature, EllipticPublicKey)

  /// Reads the signature that a key of this kind makes of what is at `path`.
  /// - Throws: As `BundleSignature.init(ofBundleAt:)` and `ModelSignature.init(ofModelAt:)`.
  public init(at path: String, by key: PublicKey) throws(GriffinError) {
    switch key {
    case .ed25519(let key):
      guard FileSystem.kind(of: path) != .folder else {
        throw GriffinError(
          .usage, file: path, "a folder has a signature of Model Signing, by a key on P-256, P-384 or P-521; this key is of Ed25519")
      }
      self = .bundle(try BundleSignature(ofBundleAt: path), key)
    case .elliptic(let key): self = .model(try ModelSignature(ofModelAt: path), key)
    }
  }

  /// Why the signature is not the key's of a bundle that was opened; nil where it is.
  /// - Parameter progress: Told of bytes hashed and in all, where there are any.
  public func objection(
    to bundle: ModelBundle, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) -> String? {
    switch self {
    case .bundle(let signature, let key): signature.objection(as: key, to: bundle.digest)
    case .model(let signature, let key):
      try signature.objection(as: key, to: bundle.file.path, threads: threads, cancellation: cancellation, progress: progress)
    }
  }

  /// What a signature that is right says.
  public var meaning: String {
    switch self {
    case .bundle(_, let key): "of the key \(key.hexadecimal), for the digest that payloads are checked by"
    case .model(let signature, let key):
      "of the \(key.curve) key \(key.fingerprint), for \(signature.fileCount == 1 ? "the file" : "\(signature.fileCount) files")"
    }
  }
}
