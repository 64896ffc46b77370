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
}
