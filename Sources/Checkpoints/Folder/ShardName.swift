/// A name of the form `STEM-00001-of-00003.SUFFIX`.
package struct ShardName {
  let number: Int
  let count: Int

  /// - Returns: nil where the name has another form.
  init?(_ name: String) {
    let stem = name.prefix { $0 != "." }
    let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 2] == "of", parts[parts.count - 1].count == 5, parts[parts.count - 3].count == 5,
      let count = Int(parts[parts.count - 1]), let number = Int(parts[parts.count - 3])
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// What the names of such files have before their ending: `-00001-of-00003`.
  package static func ending(number: Int, count: Int) -> String {
    func padded(_ value: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(value)".count)) + "\(value)" }
    return "-\(padded(number))-of-\(padded(count))"
  }
}
