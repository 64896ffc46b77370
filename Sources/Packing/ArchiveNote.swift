internal import Bundles
internal import ByteStorage

/// The archive's second entry, `archive.json`: what is not in the manifest (section 3 of `formats/archive.md`).
struct ArchiveNote: Sendable, Hashable {
  /// A payload, and the one of the base that it is or is near.
  struct Relation: Sendable, Hashable {
    let payload: Int
    let base: Int
  }

  static let name = "archive.json"
  static let format = "griffin-archive"
  static let version = 1
  /// Two relations a payload take fewer than so many bytes.
  static let byteLimit = 16 << 20

  /// The bundle's digest.
  let digest: SHA256Digest
  /// Bytes of the bundle.
  let byteCount: Int
  /// The digest of the bundle that the archive needs, if it needs one.
  let base: SHA256Digest?
  /// Payloads that are the base's and are left out.
  let leftOut: [Relation]
  /// Payloads of which the differences from the base's are stored.
  let differences: [Relation]

  var text: [UInt8] {
    func list(_ relations: [Relation]) -> JSONValue { .array(relations.map { .array([.integer($0.payload), .integer($0.base)]) }) }
    let base: JSONValue = if let base { .string(base.hexadecimal) } else { .null }
    let document: JSONValue = [
      "format": .string(ArchiveNote.format), "version": .integer(ArchiveNote.version), "digest": .string(digest.hexadecimal),
      "bytes": .integer(byteCount), "base": base, "left_out": list(leftOut), "differences": list(differences),
    ]
    return Array(document.encoded().utf8)
  }
}

extension ArchiveNote {
  private static let limits = JSONLimits(bytes: byteLimit, depth: 4, values: 8 << 20, stringBytes: 1 << 10)

  /// Reads and checks a note.
  /// - Throws: `malformed`, `unsupported` for another version.
  init(parsing text: [UInt8], head: BundleHead, file: String) throws(GriffinError) {
    func failure(_ what: String, _ kind: GriffinError.Kind = .malformed) -> GriffinError {
      GriffinError(kind, file: file, "\(ArchiveNote.name): \(what)")
    }
    let document = try JSONValue.parse(text.rawBytes, limits: ArchiveNote.limits, file: file)
    guard document["format"]?.string == ArchiveNote.format else { throw failure("\"format\" is not \"\(ArchiveNote.format)\"") }
    guard let version = document["version"]?.integer else { throw failure("expected \"version\", an integer") }
    guard version == ArchiveNote.version else {
      throw failure("the archive is of version \(version), only version \(ArchiveNote.version) is read", .unsupported)
    }
    guard document["digest"]?.string == head.digest.hexadecimal, document["bytes"]?.integer == head.fileByteCount else {
      throw failure("\"digest\" and \"bytes\" are not those of the manifest beside it")
    }
    let baseText = document["base"]
    let base = baseText?.string.flatMap { SHA256Digest(hexadecimal: $0) }
    guard base != nil || baseText?.isNull == true else { throw failure("expected \"base\", a digest or null") }
    let count = head.manifest.payloads.count
    func list(_ key: String) throws(GriffinError) -> [Relation] {
      guard let elements = document[key]?.array else { throw failure("expected \"\(key)\", an array") }
      var relations: [Relation] = []
      for element in elements {
        guard let pair = element.array, pair.count == 2, let payload = pair[0].integer, let other = pair[1].integer,
          (relations.last?.payload ?? -1) < payload, payload < count, other >= 0
        else { throw failure("\"\(key)\" is not a list of pairs of payloads, in the order of the first") }
        relations.append(Relation(payload: payload, base: other))
      }
      return relations
    }
    (digest, byteCount, self.base) = (head.digest, head.fileByteCount, base)
    (leftOut, differences) = (try list("left_out"), try list("differences"))
    guard Set(leftOut.map(\.payload)).isDisjoint(with: differences.map(\.payload)) else {
      throw failure("a payload is both left out and stored as differences")
    }
    guard base != nil || leftOut.isEmpty && differences.isEmpty else { throw failure("payloads of a base are named, and no base is") }
  }
}
