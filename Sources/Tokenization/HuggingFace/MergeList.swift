internal import ByteStorage

/// The merges of a tokenizer.json. Those that are read after the vocabulary whose pieces they name are looked up in it while the next are read.
struct MergeList {
  private let document: [UInt8]
  private let file: String
  /// The one that is being read, and those that wait.
  private var current: MergeBatch
  private var waiting: [MergeBatch] = []
  /// Those that are looked up on threads of their own, in order; all of them before those that wait.
  private var begun: [BackgroundWork<[RankedMerges.Pair]>] = []
  /// The vocabulary's pieces, numbered by their ids, once they are known.
  var vocabulary: ByteTable?
  private(set) var count = 0

  /// Merges of a batch, and how many batches have a thread of their own at most.
  private static let batch = 1 << 15
  private static let threads = 16

  init(_ document: [UInt8], file: String) {
    (self.document, self.file) = (document, file)
    current = MergeBatch(document, file: file, firstIndex: 0, room: min(MergeList.batch, document.count / 32))
  }

  /// Reads `"a b"` and `["a", "b"]`.
  /// - Parameter reader: Of the whole document.
  /// - Throws: `malformed` for anything else, `unsafe` for too many.
  mutating func read(_ reader: inout JSONReader) throws(GriffinError) {
    try reader.beginArray("model.merges")
    while try reader.hasNextElement() {
      let token = try reader.nextToken()
      let offset = reader.offset
      guard count < TokenizerLimits.merges else {
        throw GriffinError(.unsafe, file: file, offset: offset, "there are more than \(TokenizerLimits.merges) merges")
      }
      switch token {
      case .string:
        let byteCount = reader.text.byteCount
        guard let space = reader.text.onlyPlace(of: UInt8(ascii: " ")) else {
          throw GriffinError(
            .malformed, file: file, offset: offset,
            "merge \(count) is \"\((reader.text.utf8Text ?? "").shortened(to: 40))\"; expected two pieces with a space between them"
              .printable)
        }
        let start = current.keep(reader)
        try append((start, space), (start + space + 1, byteCount - space - 1))
      case .beginArray:
        let left = try readHalf(&reader)
        try append(left, try readHalf(&reader))
        guard try !reader.hasNextElement() else {
          throw GriffinError(.malformed, file: file, offset: offset, "merge \(count - 1) has more than two pieces")
        }
      default: throw reader.mismatch("merge \(count)", expected: "two pieces", found: token)
      }
    }
  }

  private mutating func readHalf(_ reader: inout JSONReader) throws(GriffinError) -> (start: Int, count: Int) {
    guard try reader.hasNextElement() else {
      throw GriffinError(.malformed, file: file, offset: reader.offset, "merge \(count) has fewer than two pieces")
    }
    let token = try reader.nextToken()
    guard token == .string else { throw reader.mismatch("a half of merge \(count)", expected: "a string", found: token) }
    return (current.keep(reader), reader.text.byteCount)
  }

  private mutating func append(_ left: (start: Int, count: Int), _ right: (start: Int, count: Int)) throws(GriffinError) {
    try current.append(left, right)
    count += 1
    if current.count == MergeList.batch { close() }
  }

  private mutating func close() {
    let batch = current
    current = MergeBatch(document, file: file, firstIndex: count, room: MergeList.batch)
    guard let vocabulary, waiting.isEmpty, begun.count < MergeList.threads, Workers.processorCount > 1 else { return waiting.append(batch) }
    begun.append(BackgroundWork { () throws(GriffinError) in try batch.pairs(vocabulary) })
  }

  /// All merges by ids; asked for once.
  /// - Parameter spellings: The vocabulary, which may stand after the merges.
  /// - Throws: `malformed` where a merge names or makes a piece that is not there.
  func ranked(_ spellings: ByteTable) throws(GriffinError) -> RankedMerges {
    var pairs: [RankedMerges.Pair] = []
    pairs.reserveCapacity(count)
    for work in begun { pairs += try work.take() }
    for batch in waiting + [current] { pairs += try batch.pairs(spellings) }
    return RankedMerges(pairs)
  }
}
