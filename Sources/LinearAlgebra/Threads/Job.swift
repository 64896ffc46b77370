internal import Synchronization

/// The iterations of a loop that threads share: each takes the next index that nobody has taken.
final class Job: Sendable {
  private let limit: Atomic<Int>
  private let taken = Atomic<Int>(0)

  /// - Parameter count: Indices are below this.
  init(count: Int) { limit = Atomic(count) }

  /// Makes it another loop's. Nobody else knows of it meanwhile.
  func restart(count: Int) {
    limit.store(count, ordering: .relaxed)
    taken.store(0, ordering: .relaxed)
  }

  private var count: Int { limit.load(ordering: .relaxed) }

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
