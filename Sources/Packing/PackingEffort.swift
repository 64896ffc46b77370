/// How much work packing takes upon itself. What is packed is read alike, whatever it was.
public enum PackingEffort: Sendable, Hashable {
  /// Floats alone, and of them the planes that Huffman codes make smaller; all else is stored.
  case fast
  /// Every plane that Huffman codes make smaller, and matches where nearly all bytes are equal.
  case usual
  /// As usual, and besides all that zstd does at a level from 1 to 19; the smaller of both is kept.
  case level(Int)

  public static let levels = 1...19
}
