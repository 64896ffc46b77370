internal import ByteStorage

/// Some of the merges of a tokenizer.json as they are spelled, to be looked up in the vocabulary whose pieces they name.
struct MergeBatch: Sendable {
  /// Where the two halves of a merge are in the document; those that are written with escapes count on after its end.
  private struct Halves {
    var left, right: UInt32
    /// Bytes of each: no piece is longer.
    var leftCount, rightCount: UInt16
  }

  private let document: [UInt8]
  private let file: String
  /// Merges of the document before these.
  private let firstIndex: Int
  private var halves: [Halves] = []
  /// Texts that are written with escapes, without them.
  private var unescaped: [UInt8] = []

  /// How many are looked up side by side: what that touches stays in the first cache.
  private static let batch = 32

  init(_ document: [UInt8], file: String, firstIndex: Int, room: Int) {
    (self.document, self.file, self.firstIndex) = (document, file, firstIndex)
    halves.reserveCapacity(room)
  }

  var count: Int { halves.count }

  /// Where the reader's text is from now on.
  mutating func keep(_ reader: borrowing JSONReader) -> Int {
    if let range = reader.textRange { return range.lowerBound }
    let start = document.count + unescaped.count
    reader.text.append(to: &unescaped)
    return start
  }

  mutating func append(_ left: (start: Int, count: Int), _ right: (start: Int, count: Int)) throws(GriffinError) {
    if left.count > TokenizerLimits.pieceBytes { throw missing(left.start, left.count, count) }
    if right.count > TokenizerLimits.pieceBytes { throw missing(right.start, right.count, count) }
    halves.append(
      Halves(left: UInt32(left.start), right: UInt32(right.start), leftCount: UInt16(left.count), rightCount: UInt16(right.count)))
  }

  /// The merges by ids.
  /// - Parameter spellings: The vocabulary's pieces, numbered by their ids.
  /// - Throws: `malformed` where a merge names or makes a piece that is not there.
  func pairs(_ spellings: ByteTable) throws(GriffinError) -> [RankedMerges.Pair] {
    var pairs: [RankedMerges.Pair] = []
    pairs.reserveCapacity(count)
    var keys = [UInt64](repeating: 0, count: 2 * MergeBatch.batch)
    // Merges mostly make the pieces in their order.
    var made = 0
    for start in stride(from: 0, to: count, by: MergeBatch.batch) {
      let batch = start..<min(count, start + MergeBatch.batch)
      for index in batch {
        let merge = halves[index]
        keys[2 * (index - start)] = key(merge.left, merge.leftCount, spellings)
        keys[2 * (index - start) + 1] = key(merge.right, merge.rightCount, spellings)
      }
      guard spellings.mayHaveAny(keys[..<(2 * batch.count)]) else {
        throw missing(Int(halves[start].left), Int(halves[start].leftCount), start)
      }
      for index in batch {
        let merge = halves[index]
        let left = try id(merge.left, merge.leftCount, keys[2 * (index - start)], index, spellings)
        let right = try id(merge.right, merge.rightCount, keys[2 * (index - start) + 1], index, spellings)
        if !makes(merge, made, spellings) {
          made += 1
          if !makes(merge, made, spellings) { made = try whole(merge, index, spellings) }
        }
        pairs.append(RankedMerges.Pair(left: Int32(left), right: Int32(right), result: Int32(spellings.value(at: made))))
      }
    }
    return pairs
  }

  private func key(_ start: UInt32, _ count: UInt16, _ spellings: ByteTable) -> UInt64 {
    withText(Int(start), Int(count)) { spellings.key(of: $0, $1) }
  }

  private func id(
    _ start: UInt32, _ count: UInt16, _ key: UInt64, _ index: Int, _ spellings: ByteTable
  ) throws(GriffinError) -> Int {
    guard let id = withText(Int(start), Int(count), { spellings.value(of: $0, $1, key: key) }) else {
      throw missing(Int(start), Int(count), index)
    }
    return id
  }

  /// Whether a merge makes the piece at a place.
  private func makes(_ merge: Halves, _ place: Int, _ spellings: ByteTable) -> Bool {
    guard place < spellings.count else { return false }
    let piece = spellings.range(at: place)
    let middle = piece.lowerBound + Int(merge.leftCount)
    return piece.count == Int(merge.leftCount) + Int(merge.rightCount)
      && withText(Int(merge.left), Int(merge.leftCount)) { spellings.block.rawBytes.equals(at: piece.lowerBound, $0, $1) }
      && withText(Int(merge.right), Int(merge.rightCount)) { spellings.block.rawBytes.equals(at: middle, $0, $1) }
  }

  /// The place of the piece that a merge makes.
  private func whole(_ merge: Halves, _ index: Int, _ spellings: ByteTable) throws(GriffinError) -> Int {
    let text = text(Int(merge.left), Int(merge.leftCount)) + text(Int(merge.right), Int(merge.rightCount))
    let bytes = text.rawBytes
    guard let place = spellings.place(of: bytes, 0..<text.count, key: spellings.key(of: bytes, 0..<text.count)) else {
      throw missing(text, Int(merge.left), index)
    }
    return place
  }

  @inline(__always)
  private func withText<Result>(_ start: Int, _ count: Int, _ body: (borrowing RawSpan, Range<Int>) -> Result) -> Result {
    if start < document.count { return body(document.rawBytes, start..<start + count) }
    return body(unescaped.rawBytes, start - document.count..<start - document.count + count)
  }

  private func text(_ start: Int, _ count: Int) -> [UInt8] { withText(start, count) { $0.extracting($1).copied } }

  private func missing(_ start: Int, _ count: Int, _ index: Int) -> GriffinError { missing(text(start, count), start, index) }

  private func missing(_ text: [UInt8], _ start: Int, _ index: Int) -> GriffinError {
    let piece = String(decoding: text, as: UTF8.self).shortened(to: 40)
    return GriffinError(
      .malformed, file: file, offset: start < document.count ? start : nil,
      "merge \(firstIndex + index) needs the piece \"\(piece)\", which is not in the vocabulary".printable)
  }
}
