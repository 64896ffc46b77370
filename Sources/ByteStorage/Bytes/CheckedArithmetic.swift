/// Arithmetic on numbers that came from a file: nil instead of a trap.
extension Int {
  public func adding(_ other: Int) -> Int? {
    let (value, overflow) = addingReportingOverflow(other)
    return overflow ? nil : value
  }

  public func multiplied(by other: Int) -> Int? {
    let (value, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : value
  }

  /// The smallest multiple of `alignment` that is not below `self`.
  public func roundedUp(to alignment: Int) -> Int? {
    precondition(alignment > 0, "alignment must be positive")
    return adding(alignment - 1).map { $0 / alignment * alignment }
  }
}
