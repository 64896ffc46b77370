internal import Synchronization

/// Counts rows from several threads.
final class RowCount: Sendable {
  private let rows = Atomic(0)

  func add() { rows.add(1, ordering: .relaxed) }

  var value: Int { rows.load(ordering: .relaxed) }
}
