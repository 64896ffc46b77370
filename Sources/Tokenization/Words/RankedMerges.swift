/// The merges of a vocabulary as its files list them, the first to be done first. `MergeTable` finds one by its symbols.
public struct RankedMerges: Sendable {
  /// Two symbols and the one that they become.
  struct Pair: Sendable {
    var left, right, result: Int32
  }

  let pairs: [Pair]

  init(_ pairs: [Pair] = []) { self.pairs = pairs }

  /// How many there are; of one pair perhaps several.
  public var count: Int { pairs.count }

  /// All of them, by ids.
  package var ids: [(left: Int, right: Int, result: Int)] { pairs.map { (Int($0.left), Int($0.right), Int($0.result)) } }
}
