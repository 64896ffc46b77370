public import ByteStorage

/// A signature of OpenSSF Model Signing 1.0 over a bundle's file or a folder: a statement of the files' digests, in a signed
/// envelope, in a Sigstore bundle (`formats/signature.md`, section 6).
public struct ModelSignature: Sendable, Hashable {
  /// What is appended to a bundle's path.
  public static let pathSuffix = ".oms.sig"
  /// The file in a folder that is signed.
  public static let folderFileName = "model.sig"
  /// Bytes of a signature at most; one of a bundle has about 1,500.
  public static let maximumByteCount = 16 << 20

  private static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

  private let payload: [UInt8]
  private let signature: [UInt8]
  /// SHA-256 of the signer's public key in PEM; nil where older tools wrote none.
  private let hint: String?
  private let statement: ModelStatement

  /// Where the signature of a bundle or a folder lies.
  public static func path(for model: String) -> String {
    FileSystem.kind(of: model) == .folder ? FileSystem.path(model, folderFileName) : model + pathSuffix
  }

  /// Signs a bundle, which the caller has found whole, or a folder.
  /// - Parameters:
  ///   - model: The path of either.
  ///   - progress: Told of bytes hashed and in all.
  /// - Throws: What reading throws; `unsupported` for links in a folder; `interrupted`.
  public init(
    signing model: String, with key: EllipticPrivateKey, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) {
    let isFolder = FileSystem.kind(of: model) == .folder
    let ignored = isFolder ? SignedFiles.ignoredPaths + [ModelSignature.folderFileName] : []
    // The signature itself is in the making.
    let files = try ModelSignature.files(
      of: model, ignoring: ignored + [ModelSignature.folderFileName + OutputFile.partialSuffix], threads: threads, cancellation: cancellation, progress: progress)
    let path = model.count > 1 && model.hasSuffix("/") ? String(model.dropLast()) : model
    statement = ModelStatement(model: FileSystem.split(path).name, files: files, ignoredPaths: ignored)
    payload = Array(statement.document.encoded().utf8)
    signature = try key.signature(for: ModelSignature.message(for: payload))
    hint = key.publicKey.fingerprint
  }

  private static func files(
    of model: String, ignoring: [String], threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report?
  ) throws(GriffinError) -> SignedFiles {
    guard FileSystem.kind(of: model) == .folder else {
      return try SignedFiles(file: InputFile(path: model), cancellation: cancellation, progress: progress)
    }
    return try SignedFiles(folder: model, ignoring: Set(ignoring), threads: threads, cancellation: cancellation, progress: progress)
  }

  /// The bytes that are signed: the envelope's pre-authentication encoding.
  private static func message(for payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(ModelStatement.payloadType.utf8.count) \(ModelStatement.payloadType) \(payload.count) ".utf8) + payload
  }

  /// Why this is not a key's signature of a bundle or a folder as it is; nil where it is.
  /// - Throws: What reading throws; `interrupted`.
  public func objection(
    as key: EllipticPublicKey, to model: String, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) -> String? {
    if let hint, hint != key.fingerprint { return "it was made with the key \(hint.shortened(to: 64)), expected \(key.fingerprint)" }
    guard key.isValid(signature, for: ModelSignature.message(for: payload)) else { return "it is not one of the key \(key.fingerprint)" }
    let found = try ModelSignature.files(
      of: model, ignoring: statement.ignoredPaths + [ModelSignature.folderFileName], threads: threads, cancellation: cancellation,
      progress: progress)
    return statement.files.difference(from: found)
  }

  /// Files that were signed.
  public var fileCount: Int { statement.files.entries.count }

  /// SHA-256 over the digests of the files that were signed.
  public var digest: SHA256Digest { statement.files.digest }
}

extension ModelSignature {
  /// Reads the signature of the bundle or folder at `path`.
  /// - Throws: `missing` or `unreadable`; `unsafe` above 16 MiB; `malformed` or `unsupported` with what was found.
  public init(ofModelAt path: String) throws(GriffinError) {
    let sidecar = ModelSignature.path(for: path)
    let text = try SignatureFile.contents(
      sidecar, limit: ModelSignature.maximumByteCount, name: "the signature", absence: "a signature of Model Signing",
      hints: ["griffin sign \(path.printable) --key FILE --format oms makes it"])
    try self.init(parsing: text.bytes, file: sidecar)
  }

  /// Reads the text of a signature.
  /// - Parameter file: Named in errors.
  public init(parsing bytes: RawSpan, file: String) throws(GriffinError) {
    let limits = JSONLimits(bytes: ModelSignature.maximumByteCount, depth: 16, values: 4096, stringBytes: ModelSignature.maximumByteCount)
    let document = try JSONValue.parse(bytes, limits: limits, file: file)
    func failure(_ kind: GriffinError.Kind, _ message: String) -> GriffinError { GriffinError(kind, file: file, message) }
    guard let mediaType = document["mediaType"]?.string else {
      throw failure(.malformed, "mediaType is missing; expected a Sigstore bundle as Model Signing writes it")
    }
    guard mediaType == ModelSignature.mediaType else {
      throw failure(.unsupported, "mediaType is \(mediaType.shortened(to: 80)), expected \(ModelSignature.mediaType)")
    }
    guard let material = document["verificationMaterial"] else { throw failure(.malformed, "verificationMaterial is missing") }
    guard let key = material["publicKey"] else {
      throw failure(.unsupported, "it was made with a certificate or an identity; signatures of keys are checked")
    }
    hint = key["hint"]?.string
    guard let envelope = document["dsseEnvelope"] else { throw failure(.malformed, "dsseEnvelope is missing") }
    guard envelope["payloadType"]?.string == ModelStatement.payloadType else {
      throw failure(.malformed, "payloadType of the envelope is not \(ModelStatement.payloadType)")
    }
    guard let signatures = envelope["signatures"]?.array, signatures.count == 1 else {
      throw failure(.malformed, "expected one signature in the envelope")
    }
    guard let payload = envelope["payload"]?.string.flatMap({ Base64.decode($0) }),
      let signature = signatures[0]["sig"]?.string.flatMap({ Base64.decode($0) })
    else { throw failure(.malformed, "the envelope's payload and signature are no base64") }
    (self.payload, self.signature) = (payload, signature)
    statement = try ModelStatement(parsing: payload.rawBytes, file: file)
  }

  /// The text of the signature's file.
  public var text: String {
    let key: JSONValue = .object(["hint": hint.map { .string($0) } ?? .null])
    let document: JSONValue = .object([
      "mediaType": .string(ModelSignature.mediaType),
      "verificationMaterial": .object(["publicKey": key, "tlogEntries": .array([])]),
      "dsseEnvelope": .object([
        "payload": .string(Base64.encode(payload)), "payloadType": .string(ModelStatement.payloadType),
        "signatures": .array([.object(["sig": .string(Base64.encode(signature)), "keyid": ""])]),
      ]),
    ])
    return document.encoded(pretty: true) + "\n"
  }
}
