/// What a JSON document may cost before it is refused.
///
/// Reading takes time in proportion to `bytes`, and memory in proportion to `values` (for the keys
/// of open objects) and `stringBytes`, so a document from a stranger is bounded before it is read.
public struct JSONLimits: Sendable, Hashable {
  /// Bytes of the whole document; below 4 GiB.
  public var bytes: Int
  /// Objects and arrays that may be open at once.
  public var depth: Int
  /// Values in the document: every object, array, string, number, boolean, null and object key.
  public var values: Int
  /// Bytes of one string or key between its quotes.
  public var stringBytes: Int

  public init(bytes: Int, depth: Int, values: Int, stringBytes: Int) {
    precondition(bytes >= 0 && bytes < Int(UInt32.max), "a JSON document is below 4 GiB")
    precondition(depth >= 0 && values >= 0 && stringBytes >= 0, "negative limit")
    (self.bytes, self.depth, self.values, self.stringBytes) = (bytes, depth, values, stringBytes)
  }
}

extension JSONLimits {
  /// A model's `config.json` and the small files beside it.
  public static let config = JSONLimits(bytes: 16 << 20, depth: 64, values: 1 << 20, stringBytes: 4 << 20)
  /// The header of a safetensors file: the format's own cap, and no deeper than the format needs.
  public static let safetensorsHeader = JSONLimits(bytes: 100_000_000, depth: 8, values: 4 << 20, stringBytes: 16 << 20)
  /// The manifest of a bundle.
  public static let manifest = JSONLimits(bytes: 64 << 20, depth: 32, values: 8 << 20, stringBytes: 16 << 20)
  /// The `weight_map` of a sharded checkpoint.
  public static let index = JSONLimits(bytes: 64 << 20, depth: 16, values: 1 << 20, stringBytes: 1 << 20)
  /// `tokenizer.json`, `vocab.json` and their like.
  public static let tokenizer = JSONLimits(bytes: 64 << 20, depth: 64, values: 8 << 20, stringBytes: 16 << 20)
  /// Recorded decode traces: a long one is a few megabytes.
  public static let trace = JSONLimits(bytes: 64 << 20, depth: 16, values: 4_000_000, stringBytes: 16 << 20)
}
