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

  /// In the order in which they came.
  private var pairs: [RankedMerges.Pair] = []
  /// The rank of each; empty while they are ranked in their order.
  private var ranks: [Int32] = []
  private var index = HashIndex()
  private let hash = ByteHash()

  public init() {}

  /// A table of the merges of a list.
  package init(_ listed: RankedMerges) {
    pairs = listed.pairs
    index = HashIndex(room: pairs.count)
    MergeTable.point(&index, to: pairs, from: 0, hash)
  }

  /// Merges that were added; of one pair perhaps several.
  public var count: Int { pairs.count }

  /// The merge of a pair of symbols; nil where they stay two, and for symbols below 0.
  public subscript(left: Int32, right: Int32) -> Merge? {
    guard left >= 0, right >= 0 else { return nil }
    let place = index.index(of: MergeTable.key(left, right, hash)) { pairs[$0].left == left && pairs[$0].right == right }
    return place.map { Merge(rank: ranks.isEmpty ? Int32($0) : ranks[$0], result: pairs[$0].result) }
  }

  /// Of several merges of one pair the last counts, as in Hugging Face's tokenizers.
  public mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    if merge.rank != count || !ranks.isEmpty {
      if ranks.isEmpty { ranks = pairs.indices.map(Int32.init) }
      ranks.append(merge.rank)
    }
    let isFull = index.isFull(count)
    if isFull { index = HashIndex(room: 2 * count) }
    pairs.append(RankedMerges.Pair(left: left, right: right, result: merge.result))
    MergeTable.point(&index, to: pairs, from: isFull ? 0 : count - 1, hash)
  }

  private static func point(_ index: inout HashIndex, to pairs: [RankedMerges.Pair], from start: Int, _ hash: ByteHash) {
    for place in start..<pairs.count {
      let pair = pairs[place]
      precondition(pair.left >= 0 && pair.right >= 0, "symbols are 0 or more")
      index.set(place, key(pair.left, pair.right, hash)) { pairs[$0].left == pair.left && pairs[$0].right == pair.right }
    }
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32, _ hash: ByteHash) -> UInt64 {
    hash(UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))
  }
}
