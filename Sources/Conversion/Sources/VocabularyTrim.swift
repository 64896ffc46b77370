internal import ByteStorage
internal import Models
internal import Tokenization

/// Which tokens a draft keeps: those that a text has most of.
public struct VocabularyTrim: Sendable {
  /// Tokens that are kept.
  public let count: Int
  /// The text that is counted.
  public let text: String

  public init(count: Int, text: String) { (self.count, self.text) = (count, text) }

  /// The tokens that are kept, ascending: the most frequent, of equally frequent ones the lower id, and those that end a text. With
  /// them what part of the text's tokens they are, from 0 to 1; nil where it has none.
  /// - Throws: `usage` where there are no more tokens than are to be kept, and what encoding throws.
  func tokens(_ tokenizer: Tokenizer, of target: TransformerConfiguration) throws(GriffinError) -> (ids: [Int], coverage: Double?) {
    let size = target.vocabularySize
    guard (1..<size).contains(count) else {
      throw GriffinError(.usage, "--trim-vocab \(count): the target has \(size) tokens; expected fewer, and at least one")
    }
    var (counts, all) = ([Int](repeating: 0, count: size), 0)
    for part in parts {
      let ids = try tokenizer.encode(part, addsSpecialTokens: false)
      all += ids.count
      for id in ids where id >= 0 && id < size { counts[id] += 1 }
    }
    // A text ends however rarely it does so in the sample.
    let stops = Set(target.stopTokens)
    func rank(_ id: Int) -> Int { stops.contains(id) ? .max : counts[id] }
    let ids = (0..<size).sorted { (rank($1), $0) < (rank($0), $1) }.prefix(count).sorted()
    return (ids, all > 0 ? Double(ids.reduce(0) { $0 + counts[$1] }) / Double(all) : nil)
  }

  /// Bytes that are encoded at a time, to the end of their line.
  private static let partBytes = 1 << 18

  /// The text in parts of whole lines, so that ids of one part are in memory alone.
  private var parts: [String] {
    var parts: [String] = []
    var part = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      part += line + "\n"
      guard part.utf8.count >= VocabularyTrim.partBytes else { continue }
      parts.append(part)
      part = ""
    }
    return part.isEmpty ? parts : parts + [part]
  }
}
