/// Where something stands in a template, for messages.
struct Place: Sendable, Hashable {
  /// Both count from one; columns count Unicode scalars.
  var line: Int
  var column: Int

  static let start = Place(line: 1, column: 1)
}

extension Place: CustomStringConvertible {
  var description: String { "line \(line), column \(column)" }
}
