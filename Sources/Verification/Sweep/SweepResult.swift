public import ByteStorage

/// What became of one row of a sweep.
public struct SweepResult: Sendable {
  static let formatName = "griffin-sweep-row"
  static let formatVersion = 1

  public let row: SweepList.Row
  /// Of the bundle, once it is written.
  public var byteCount: Int?
  public var digest: String?
  public var conversionSeconds: Double?
  /// What was measured of it, as `verify --json` has it; nil where it was not verified.
  public var verification: JSONValue?
  /// Why there is no bundle, or no verification.
  public var error: String?

  public init(_ row: SweepList.Row) { self.row = row }

  /// Whether everything that was asked for was done, whatever it says.
  public func isDone(verifying: Bool) -> Bool { error == nil && digest != nil && (!verifying || verification != nil) }
  /// Whether the bundle is there and, where it was verified, in order.
  public var isOK: Bool { error == nil && digest != nil && verification?["ok"]?.bool != false }

  /// `holds`, `undecided` or `fails` of what it was held against; nil where it was not.
  public var verdict: String? { verification?["fidelity"]?["verdict"]?.string }
  public var meanDivergence: Double? { verification?["fidelity"]?["kl_mean"]?.double }
  public var agreement: Double? { verification?["fidelity"]?["top1_agreement"]?.double }
  public var acceptanceLength: Double? { verification?["summary"]?["acceptance_length"]?.double }
  public var sourceAcceptanceLength: Double? { verification?["fidelity"]?["acceptance_length_source"]?.double }

  /// The line of a table, as a document.
  public var summary: JSONValue {
    .object([
      "name": .string(row.name), "flags": row.document, "bytes": byteCount.map { .integer($0) } ?? .null,
      "digest": digest.map { .string($0) } ?? .null, "seconds": .optional(conversionSeconds), "verdict": verdict.map { .string($0) } ?? .null,
      "kl_mean": .optional(meanDivergence), "top1_agreement": .optional(agreement), "acceptance_length": .optional(acceptanceLength),
      "acceptance_length_source": .optional(sourceAcceptanceLength), "ok": .bool(isOK), "error": error.map { .string($0) } ?? .null,
    ])
  }

  /// The record that is kept beside the bundle.
  public var document: JSONValue {
    .object([
      "format": .string(SweepResult.formatName), "version": .integer(SweepResult.formatVersion), "flags": row.document,
      "bytes": byteCount.map { .integer($0) } ?? .null, "digest": digest.map { .string($0) } ?? .null, "seconds": .optional(conversionSeconds),
      "verification": verification ?? .null, "error": error.map { .string($0) } ?? .null,
    ])
  }

  /// Reads what an earlier run recorded of a row.
  /// - Returns: nil where there is no record, or one of other flags.
  /// - Throws: `malformed` where the file is no such record: it is somebody else's.
  public static func recorded(_ row: SweepList.Row, at path: String) throws(GriffinError) -> SweepResult? {
    guard FileSystem.kind(of: path) == .file else { return nil }
    let file = try InputFile(path: path)
    let document = try JSONValue.parse(file.bytes, limits: .trace, file: path)
    guard document["format"]?.string == formatName, document["version"]?.integer == formatVersion else {
      throw GriffinError(.malformed, file: path, "it is no record of a sweep, and in the place of one", hints: ["choose another folder"])
    }
    guard document["flags"] == row.document else { return nil }
    var result = SweepResult(row)
    (result.byteCount, result.digest) = (document["bytes"]?.integer, document["digest"]?.string)
    result.conversionSeconds = document["seconds"]?.double
    if let verification = document["verification"], verification != .null { result.verification = verification }
    result.error = document["error"]?.string
    return result
  }
}
