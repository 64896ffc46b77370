internal import ByteStorage

/// What a signature of OpenSSF Model Signing 1.0 states: an in-toto statement that names the files of a model and their digests.
struct ModelStatement: Sendable, Hashable {
  static let payloadType = "application/vnd.in-toto+json"
  private static let type = "https://in-toto.io/Statement/v1"
  private static let predicateType = "https://model_signing/signature/v1.0"

  /// The name of the file or folder, which nothing depends on.
  let model: String
  let files: SignedFiles
  /// Paths that were passed over.
  let ignoredPaths: [String]

  init(model: String, files: SignedFiles, ignoredPaths: [String]) {
    (self.model, self.files, self.ignoredPaths) = (model, files, ignoredPaths)
  }

  var document: JSONValue {
    .object([
      "_type": .string(ModelStatement.type),
      "subject": .array([.object(["name": .string(model), "digest": .object(["sha256": .string(files.digest.hexadecimal)])])]),
      "predicateType": .string(ModelStatement.predicateType),
      "predicate": .object([
        "serialization": .object([
          "method": "files", "hash_type": "sha256", "allow_symlinks": .bool(false),
          "ignore_paths": .array(ignoredPaths.map { .string($0) }),
        ]),
        "resources": .array(
          files.entries.map { entry in
            .object(["name": .string(entry.name), "algorithm": "sha256", "digest": .string(entry.digest.hexadecimal)])
          }),
      ]),
    ])
  }

  /// Reads a statement.
  /// - Throws: `malformed` for what breaks a rule; `unsupported` for other ways to hash a model than file by file with SHA-256.
  init(parsing bytes: RawSpan, file: String) throws(GriffinError) {
    let limits = JSONLimits(bytes: ModelSignature.maximumByteCount, depth: 8, values: 1 << 20, stringBytes: 4096)
    let document = try JSONValue.parse(bytes, limits: limits, file: file)
    func failure(_ message: String) -> GriffinError { GriffinError(.malformed, file: file, "the signed statement: " + message) }
    func unsupported(_ message: String) -> GriffinError { GriffinError(.unsupported, file: file, "the signed statement: " + message) }
    guard document["_type"]?.string == ModelStatement.type else { throw failure("_type is not \(ModelStatement.type)") }
    guard let predicateType = document["predicateType"]?.string else { throw failure("predicateType is missing") }
    guard predicateType == ModelStatement.predicateType else {
      throw unsupported("predicateType is \(predicateType.shortened(to: 80)); version 1.0 of Model Signing is read")
    }
    guard let subjects = document["subject"]?.array, subjects.count == 1, let name = subjects[0]["name"]?.string,
      let root = (subjects[0]["digest"]?["sha256"]?.string).flatMap({ SHA256Digest(hexadecimal: $0) })
    else { throw failure("expected one subject with a name and a SHA-256") }
    guard let serialization = document["predicate"]?["serialization"], let resources = document["predicate"]?["resources"]?.array else {
      throw failure("the predicate has no serialization and resources")
    }
    guard serialization["method"]?.string == "files", serialization["hash_type"]?.string == "sha256" else {
      throw unsupported("files are hashed in another way than whole and with SHA-256")
    }
    var entries: [SignedFiles.Entry] = []
    for resource in resources {
      guard let name = resource["name"]?.string, let text = resource["digest"]?.string, resource["algorithm"]?.string == "sha256",
        let digest = SHA256Digest(hexadecimal: text)
      else { throw failure("resource \(entries.count) has no name, algorithm sha256 and digest") }
      entries.append(SignedFiles.Entry(name: name, digest: digest))
    }
    guard Set(entries.map(\.name)).count == entries.count else { throw failure("two resources have one name") }
    (model, files) = (name, SignedFiles(entries: entries))
    guard files.digest == root else { throw failure("the subject's digest is not that of its resources") }
    var ignored: [String] = []
    for path in serialization["ignore_paths"]?.array ?? [] {
      guard let path = path.string else { throw failure("ignore_paths holds something else than text") }
      ignored.append(path)
    }
    ignoredPaths = ignored
  }
}
