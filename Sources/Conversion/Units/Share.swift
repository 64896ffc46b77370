/// One worker's part of units that are counted from 0: `index`, `index + count`, `index + 2 count` and so on.
public struct Share: Sendable, Hashable {
  /// From 0, below `count`.
  public let index, count: Int

  /// - Precondition: `0 <= index < count`.
  public init(_ index: Int, of count: Int) {
    precondition((0..<count).contains(index), "a share is one of its count")
    (self.index, self.count) = (index, count)
  }

  public func contains(_ unit: Int) -> Bool { unit % count == index }
}
