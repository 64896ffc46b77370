public import ByteStorage

/// What an importance matrix is made of: for each matrix of a model the sums of the squares of its inputs, and how many
/// inputs they are of.
public struct ImportanceSums: Sendable, Equatable {
  /// One matrix, or the experts of a layer one after another.
  public struct Entry: Sendable, Equatable {
    /// `[experts, columns]`.
    public var sums: [Float]
    /// Inputs, `[experts]`: one number for what is no mixture.
    public var counts: [Float]

    public init(sums: [Float], counts: [Float]) { (self.sums, self.counts) = (sums, counts) }

    public var columns: Int { sums.count / max(counts.count, 1) }
  }

  /// A text that inputs came from.
  public struct Text: Sendable, Hashable {
    /// A file's plain name.
    public var name: String
    /// SHA-256 of the text; nil where its file does not say.
    public var digest: SHA256Digest?

    public init(name: String, digest: SHA256Digest?) { (self.name, self.digest) = (name, digest) }
  }

  /// By canonical name with its component; experts under one name with `{expert}` for their number.
  public var entries: [String: Entry] = [:]
  public var texts: [Text] = []
  /// Parts of text of `chunkSize` tokens that were read.
  public var chunkCount = 0
  public var chunkSize = ImportanceSums.usualChunkSize

  /// Tokens of a chunk, as llama-imatrix has them unless told otherwise.
  public static let usualChunkSize = 512

  public init() {}

  /// Adds what another run or file has seen.
  /// - Throws: `inconsistent` naming the tensor where the two are of different models.
  public mutating func add(_ other: ImportanceSums, file: String?) throws(GriffinError) {
    for (name, entry) in other.entries {
      guard var sum = entries[name] else {
        entries[name] = entry
        continue
      }
      // An old file has one count for all experts of a layer.
      let added = entry.broadcast(to: sum.counts.count)
      sum = sum.broadcast(to: added.counts.count)
      guard sum.counts.count == added.counts.count, sum.sums.count == added.sums.count else {
        throw GriffinError(
          .inconsistent, file: file, tensor: name,
          "it has \(added.sums.count) sums of \(added.counts.count) counts for this tensor, expected \(sum.sums.count) of \(sum.counts.count)",
          hints: ["it was made with another model"])
      }
      for index in sum.sums.indices { sum.sums[index] += added.sums[index] }
      for index in sum.counts.indices { sum.counts[index] += added.counts[index] }
      entries[name] = sum
    }
    for text in other.texts where !texts.contains(text) { texts.append(text) }
    chunkCount += other.chunkCount
  }
}

extension ImportanceSums.Entry {
  /// The same with a count for each expert, where there was one for all of them.
  fileprivate func broadcast(to count: Int) -> Self {
    guard counts.count == 1, count > 1, sums.count % count == 0 else { return self }
    return Self(sums: sums, counts: [Float](repeating: counts[0], count: count))
  }

  /// Sums over counts; an expert that was never chosen counts all columns alike.
  /// - Parameter file: For messages.
  /// - Throws: `malformed` for counts and means that are negative or not finite, and where nothing was counted at all.
  func means(_ name: String, file: String) throws(GriffinError) -> [Float] {
    var values = [Float](repeating: 1, count: sums.count)
    var isCounted = false
    for (expert, number) in counts.enumerated() {
      guard number.isFinite, number >= 0 else {
        throw GriffinError(
          .malformed, file: file, tensor: name.shortened(), "a count is \(number); expected a finite number that is not negative")
      }
      let count = number.rounded(.toNearestOrAwayFromZero)
      guard count > 0 else { continue }
      isCounted = true
      for column in expert * columns..<(expert + 1) * columns { values[column] = sums[column] / count }
    }
    guard isCounted else {
      throw GriffinError(.malformed, file: file, tensor: name.shortened(), "its counts are all zero; nothing was seen of this tensor")
    }
    for (index, value) in values.enumerated() where !(value >= 0 && value.isFinite) {
      throw GriffinError(
        .malformed, file: file, tensor: name.shortened(),
        "the importance of column \(index) is \(value); expected a finite number that is not negative")
    }
    return values
  }
}
