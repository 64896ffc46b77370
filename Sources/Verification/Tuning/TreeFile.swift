public import ByteStorage
internal import SpeculativeDecoding

/// A tree that was chosen for a bundle on a machine, as a file: what `tune --save` writes and `--tree` reads.
///
/// - Source: `formats/tree.md`.
public struct TreeFile: Sendable, Hashable {
  /// Added to a bundle's path where `--tree auto` looks.
  public static let pathSuffix = ".tree.json"
  private static let format = "griffin-tree"
  private static let version = 1
  private static let limits = JSONLimits(bytes: 1 << 16, depth: 8, values: 1 << 10, stringBytes: 1 << 10)

  public let shape: TreeShape
  /// The bundle that it was chosen for, in hexadecimal.
  public let digest: String
  /// What was measured with it, in times of plain decoding; nil where the file is silent.
  public let measuredSpeedup: Double?
  /// What passes cost when it was chosen, for people; empty where the file is silent.
  public let costs: JSONObject

  public init(shape: TreeShape, digest: String, measuredSpeedup: Double?, costs: DecodingCosts? = nil) {
    (self.shape, self.digest, self.measuredSpeedup) = (shape, digest, measuredSpeedup)
    self.costs = costs?.document ?? [:]
  }

  /// - Throws: `missing` or `io` where there is no such file, `malformed`, `unsupported` or `unsafe` for anything else.
  public init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    let document = try JSONValue.parse(file.bytes, limits: TreeFile.limits, file: path)
    func failure(_ message: String) -> GriffinError {
      GriffinError(.malformed, file: path, message, hints: ["griffin tune BUNDLE --save FILE writes such a file"])
    }
    guard document["format"]?.string == TreeFile.format else { throw failure("format is not \"\(TreeFile.format)\"") }
    guard document["version"]?.integer == TreeFile.version else {
      throw GriffinError(.unsupported, file: path, "expected version \(TreeFile.version) of \(TreeFile.format)")
    }
    func integer(_ key: String, _ range: ClosedRange<Int>) throws(GriffinError) -> Int {
      guard let value = document[key]?.integer, range.contains(value) else {
        throw failure("expected \(range.lowerBound) to \(range.upperBound) as \(key)")
      }
      return value
    }
    shape = TreeShape(
      totalTokens: try integer("total_tokens", DecodeSettings.totalTokensRange), depth: try integer("depth", DecodeSettings.depthRange),
      topK: try integer("top_k", DecodeSettings.topKRange))
    guard let digest = document["digest"]?.string else { throw failure("expected the bundle's digest as digest") }
    self.digest = digest
    measuredSpeedup = document["measured_speedup"]?.double
    costs = JSONObject(DecodingCosts.keys.compactMap { key in document[key].map { JSONObject.Member(key: key, value: $0) } })
  }

  public var document: JSONValue {
    var object: JSONObject = [
      "format": .string(TreeFile.format), "version": .integer(TreeFile.version), "digest": .string(digest),
      "total_tokens": .integer(shape.totalTokens), "depth": .integer(shape.depth), "top_k": .integer(shape.topK),
      "measured_speedup": measuredSpeedup.map { .number($0) } ?? .null,
    ]
    for member in costs.members { object[member.key] = member.value }
    return .object(object)
  }
}
