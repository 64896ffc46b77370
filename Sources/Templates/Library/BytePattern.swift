/// A text to look for, found in time in proportion to what is searched (Knuth, Morris and Pratt).
struct BytePattern {
  private let bytes: [UInt8]
  /// For every prefix, the longest proper prefix that also ends it.
  private let borders: [Int]

  init(_ text: String) { self.init(bytes: Array(text.utf8)) }

  var count: Int { bytes.count }

  func first(in text: [UInt8], from start: Int) -> Int? {
    guard !bytes.isEmpty else { return start <= text.count ? start : nil }
    var length = 0
    var index = start
    while index < text.count {
      while length > 0, text[index] != bytes[length] { length = borders[length - 1] }
      if text[index] == bytes[length] { length += 1 }
      if length == bytes.count { return index - length + 1 }
      index += 1
    }
    return nil
  }

  /// Where it stands, one after another without overlap, at most `limit` times.
  func all(in text: [UInt8], limit: Int = .max) -> [Int] {
    var found: [Int] = []
    var start = 0
    while found.count < limit, let index = first(in: text, from: start) {
      found.append(index)
      start = index + bytes.count
    }
    return found
  }

  /// The same, from the end.
  func allFromEnd(in text: [UInt8], limit: Int) -> [Int] {
    BytePattern(bytes: bytes.reversed()).all(in: text.reversed(), limit: limit).map { text.count - $0 - bytes.count }.reversed()
  }

  private init(bytes: [UInt8]) {
    var borders = [Int](repeating: 0, count: bytes.count)
    var length = 0
    for index in bytes.indices.dropFirst() {
      while length > 0, bytes[index] != bytes[length] { length = borders[length - 1] }
      if bytes[index] == bytes[length] { length += 1 }
      borders[index] = length
    }
    (self.bytes, self.borders) = (bytes, borders)
  }
}
