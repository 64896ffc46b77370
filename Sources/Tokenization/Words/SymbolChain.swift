/// The symbols of a word while they merge: a linked list in an array, and a heap of the merges that are possible.
struct SymbolChain {
  struct Symbol {
    /// Below 0 for what is in no vocabulary.
    var id: Int32
    /// Where its bytes begin in the text.
    var start: Int32
    var previous: Int32
    var next: Int32
  }

  static let unknown: Int32 = -1
  private static let merged: Int32 = -2

  private(set) var symbols: [Symbol] = []
  /// `rank << 32 | position of the left symbol`, smallest first; entries whose symbols have merged since are passed over.
  private var heap: [UInt64] = []

  mutating func removeAll() {
    symbols.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
  }

  mutating func append(id: Int32, start: Int) {
    let position = Int32(symbols.count)
    if position > 0 { symbols[Int(position) - 1].next = position }
    symbols.append(Symbol(id: id, start: Int32(start), previous: position - 1, next: -1))
  }

  /// Merges until nothing merges any more, the lowest rank first and of equal ranks the leftmost.
  /// - Parameter canMerge: Whether a symbol may take part, by its position before any merging.
  /// - Parameter onCandidate: Told each pair that might merge, when it comes up.
  mutating func merge(
    by table: MergeTable, canMerge: (Int) -> Bool = { _ in true },
    onCandidate: (_ left: Int32, _ right: Int32, _ result: Int32) -> Void = { _, _, _ in }
  ) {
    guard symbols.count > 1 else { return }
    func note(_ left: Int32, _ right: Int32) {
      guard left >= 0, right >= 0, canMerge(Int(left)), canMerge(Int(right)),
        let merge = table[symbols[Int(left)].id, symbols[Int(right)].id]
      else { return }
      onCandidate(symbols[Int(left)].id, symbols[Int(right)].id, merge.result)
      push(UInt64(UInt32(bitPattern: merge.rank)) << 32 | UInt64(UInt32(bitPattern: left)))
    }
    for position in 1..<Int32(symbols.count) { note(position - 1, position) }
    while let entry = pop() {
      let left = Int(UInt32(truncatingIfNeeded: entry))
      guard symbols[left].id >= 0, symbols[left].next >= 0 else { continue }
      let right = Int(symbols[left].next)
      guard let merge = table[symbols[left].id, symbols[right].id], UInt64(UInt32(bitPattern: merge.rank)) == entry >> 32
      else { continue }
      symbols[left].id = merge.result
      symbols[left].next = symbols[right].next
      symbols[right].id = SymbolChain.merged
      if symbols[left].next >= 0 { symbols[Int(symbols[left].next)].previous = Int32(left) }
      note(symbols[left].previous, Int32(left))
      note(Int32(left), symbols[left].next)
    }
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func pop() -> UInt64? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < last else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = last
    return first
  }
}
