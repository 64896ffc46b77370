/// `Content-Range: bytes FIRST-LAST/TOTAL`, as a server states it.
struct ContentRange: Equatable {
  /// nil where the range asked for lies beyond the end, `bytes */TOTAL`.
  let range: ClosedRange<Int>?
  let total: Int

  /// - Returns: nil where it is something else, a total that is not stated among it.
  init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
    let halves = parts[1].split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2, let total = ContentRange.number(halves[1]) else { return nil }
    self.total = total
    if halves[0] == "*" {
      range = nil
      return
    }
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(ContentRange.number)
    guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last, last < total else { return nil }
    range = first...last
  }

  /// Digits alone.
  static func number(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}
