package import SpeculativeDecoding

/// What a draft proposed at one place of a text, and how the text went on: enough to tell what a smaller tree would have had
/// accepted there.
///
/// A tree of fewer nodes or passes is a part of the one that was recorded. For fewer beams and children the record stands in
/// closely: a beam that the wider search never expanded is missing.
package struct DraftedPlace {
  private let candidates: [DraftRecord.Candidate]
  /// The place of each candidate among the continuations of its parent.
  private let ranks: [Int]
  private let isExpanded: [Bool]
  /// What the target chose after the root.
  private let continuation: [Int]

  package init(_ record: DraftRecord, continuation: [Int]) {
    candidates = record.candidates
    self.continuation = continuation
    var children = [Int](repeating: 0, count: candidates.count + 1)
    ranks = candidates.map { candidate in
      defer { children[candidate.parent + 1] += 1 }
      return children[candidate.parent + 1]
    }
    var isExpanded = [Bool](repeating: false, count: candidates.count)
    for beam in record.beams.joined() { isExpanded[beam] = true }
    self.isExpanded = isExpanded
  }

  /// Where each accepted token stands in the order in which a search of this width and depth puts nodes into its tree: a tree
  /// of `n` nodes beside the root has the leading tokens whose places are all below `n`.
  package func order(depth: Int, topK: Int) -> [Int] {
    let kept = candidatesKept(depth: depth, topK: topK)
    var (order, parent): ([Int], Int) = ([], -1)
    for token in continuation {
      guard let place = kept.firstIndex(where: { candidates[$0].parent == parent && candidates[$0].token == token }) else { break }
      order.append(place)
      parent = kept[place]
    }
    return order
  }

  /// The candidates of a narrower and shallower search, best first.
  private func candidatesKept(depth: Int, topK: Int) -> [Int] {
    var kept = candidates.indices.filter { candidates[$0].level == 0 && ranks[$0] < topK }
    var beams = Set(kept)
    for level in 1..<depth + 1 {
      let next = candidates.indices.filter { candidates[$0].level == level && ranks[$0] < topK && beams.contains(candidates[$0].parent) }
      guard !next.isEmpty else { break }
      kept += next
      beams = Set(best(next).prefix(topK).filter { isExpanded[$0] })
    }
    return best(kept)
  }

  /// Best first, as the drafter ranks.
  private func best(_ indices: [Int]) -> [Int] {
    indices.sorted { (candidates[$0].score, $1) > (candidates[$1].score, $0) }
  }
}
