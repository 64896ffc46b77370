internal import ByteStorage

/// Which two neighbouring symbols merge, how early, and into what.
public struct MergeTable: Sendable {
  /// A merge of two symbols.
  public struct Merge: Sendable, Hashable {
    /// Lower merges first.
    public var rank: Int32
    /// The symbol that both become.
    public var result: Int32

    public init(rank: Int32, result: Int32) { (self.rank, self.result) = (rank, result) }
  }

  private struct Entry {
    var left: Int32
    var right: Int32
    var merge: Merge
  }

  /// In the order in which they came.
  private var entries: [Entry] = []
  private var index: HashIndex
  private let hash = ByteHash()

  /// An empty table.
  /// - Parameter count: Merges that there is room for at once.
  public init(room count: Int = 0) {
    index = HashIndex(room: count)
    entries.reserveCapacity(count)
  }

  /// Merges that were added; of one pair perhaps several.
  public var count: Int { entries.count }

  /// The merge of a pair of symbols; nil where they stay two, and for symbols below 0.
  public subscript(left: Int32, right: Int32) -> Merge? {
    guard left >= 0, right >= 0 else { return nil }
    return index.index(of: hash(of: left, right)) { isPair($0, left, right) }.map { entries[$0].merge }
  }

  /// Of several merges of one pair the last counts, as in Hugging Face's tokenizers.
  public mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    precondition(left >= 0 && right >= 0, "symbols are 0 or more")
    if index.isFull(count) {
      index = HashIndex(room: 2 * count)
      for (place, entry) in entries.enumerated() { point(to: place, entry) }
    }
    let entry = Entry(left: left, right: right, merge: merge)
    entries.append(entry)
    point(to: count - 1, entry)
  }

  private mutating func point(to place: Int, _ entry: Entry) {
    let entries = entries
    index.set(place, hash(of: entry.left, entry.right)) { entries[$0].left == entry.left && entries[$0].right == entry.right }
  }

  private func isPair(_ place: Int, _ left: Int32, _ right: Int32) -> Bool {
    entries[place].left == left && entries[place].right == right
  }

  private func hash(of left: Int32, _ right: Int32) -> UInt64 {
    hash(UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))
  }
}
