internal import ByteStorage

/// What a worker notes of a unit when its bytes are on disk.
///
/// - Source: `formats/plan.md`.
struct UnitRecord: Sendable, Hashable {
  /// SHA-256 of each piece: of the bytes that it is in the bundle, or of the file that it hashes.
  let digests: [SHA256Digest]
  /// Bytes of the source that were read, and how long that took; for people.
  let byteCount: Int
  let seconds: Double

  private static let format = "griffin-unit"
  private static let limits = JSONLimits(bytes: 4 << 20, depth: 8, values: 1 << 17, stringBytes: 256)

  /// The name of a unit's files, without an ending.
  static func name(_ unit: Int) -> String { "unit-\(String(repeating: "0", count: max(0, 6 - "\(unit)".count)))\(unit)" }
  static let ending = ".json"

  func write(_ unit: Int, of plan: PlanFile, inFolder folder: String) throws(GriffinError) {
    let document: JSONValue = .object([
      "format": .string(UnitRecord.format), "version": 1, "plan": .string(plan.id.hexadecimal), "unit": .integer(unit),
      "sha256": .array(digests.map { .string($0.hexadecimal) }), "bytes": .integer(byteCount), "seconds": .number(seconds),
    ])
    try FileSystem.replace(FileSystem.path(folder, UnitRecord.name(unit) + UnitRecord.ending), with: document.encoded() + "\n")
  }

  /// Reads the record of a unit.
  /// - Returns: nil where there is none; a failure where it is damaged or of another plan.
  static func read(_ unit: Int, of plan: PlanFile, inFolder folder: String) -> Result<UnitRecord, GriffinError>? {
    let path = FileSystem.path(folder, name(unit) + ending)
    guard FileSystem.entry(at: path) != nil else { return nil }
    do throws(GriffinError) {
      let file = try InputFile(path: path)
      let document = try JSONValue.parse(file.bytes, limits: limits, file: path)
      let digests = document["sha256"]?.array?.compactMap { $0.string.flatMap(SHA256Digest.init(hexadecimal:)) } ?? []
      guard document["format"]?.string == format, document["version"]?.integer == 1, document["unit"]?.integer == unit,
        document["plan"]?.string == plan.id.hexadecimal, digests.count == plan.units[unit].pieces.count
      else { throw GriffinError(.malformed, file: path, "it is no record of this plan's unit \(unit)") }
      return .success(UnitRecord(digests: digests, byteCount: document["bytes"]?.integer ?? 0, seconds: document["seconds"]?.double ?? 0))
    } catch {
      return .failure(error)
    }
  }
}
