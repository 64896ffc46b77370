internal import Synchronization

/// The iterations of a loop that threads share: each takes the next index that nobody has taken.
final class Job: Sendable {
  /// Indices are below this.
  let count: Int
  private let taken = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  /// An index that no other call returns; nil when there are no more.
  func next() -> Int? {
    let index = taken.add(1, ordering: .relaxed).oldValue
    return index < count ? index : nil
  }

  /// Indices that no other call returns: half of a fair share of what is left, a multiple of `step` but at the end; nil when
  /// there are no more. For jobs that are taken in ranges only.
  func nextRange(step: Int, threads: Int) -> Range<Int>? {
    var start = taken.load(ordering: .relaxed)
    while start < count {
      let end = min(start + max((count - start) / (2 * threads) / step, 1) * step, count)
      let (exchanged, original) = taken.weakCompareExchange(expected: start, desired: end, ordering: .relaxed)
      if exchanged { return start..<end }
      start = original
    }
    return nil
  }
}
