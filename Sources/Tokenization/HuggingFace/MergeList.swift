internal import ByteStorage

/// The merges of a tokenizer.json as they are spelled, until the vocabulary is known whose pieces they name.
struct MergeList {
  /// Both halves of each merge, without what parts them.
  private var texts = TextList()
  /// Bytes of the left half.
  private var middles: [UInt32] = []
  /// Where each stands in the file.
  private var offsets: [UInt32] = []

  /// How many are looked up side by side.
  private static let batch = 64

  var count: Int { texts.count }

  /// Reads `"a b"` and `["a", "b"]`.
  /// - Throws: `malformed` for anything else, `unsafe` for too many.
  mutating func read(_ reader: inout JSONReader, file: String) throws(GriffinError) {
    try reader.beginArray("model.merges")
    while try reader.hasNextElement() {
      let token = try reader.nextToken()
      let offset = reader.offset
      guard count < TokenizerLimits.merges else {
        throw GriffinError(.unsafe, file: file, offset: offset, "there are more than \(TokenizerLimits.merges) merges")
      }
      offsets.append(UInt32(offset))
      switch token {
      case .string:
        guard let space = reader.text.onlySpace else {
          throw GriffinError(
            .malformed, file: file, offset: offset,
            "merge \(count) is \"\((reader.text.utf8Text ?? "").shortened(to: 40))\"; expected two pieces with a space between them"
              .printable)
        }
        texts.append(reader.text.extracting(0..<space))
        texts.extendLast(reader.text.extracting((space + 1)..<reader.text.byteCount))
        middles.append(UInt32(space))
      case .beginArray:
        try readHalf(&reader, file: file)
        texts.append(reader.text)
        middles.append(UInt32(reader.text.byteCount))
        try readHalf(&reader, file: file)
        texts.extendLast(reader.text)
        guard try !reader.hasNextElement() else {
          throw GriffinError(.malformed, file: file, offset: offset, "merge \(count - 1) has more than two pieces")
        }
      default: throw reader.mismatch("merge \(count)", expected: "two pieces", found: token)
      }
    }
  }

  private func readHalf(_ reader: inout JSONReader, file: String) throws(GriffinError) {
    guard try reader.hasNextElement() else {
      throw GriffinError(
        .malformed, file: file, offset: reader.offset, "merge \(offsets.count - 1) has fewer than two pieces")
    }
    let token = try reader.nextToken()
    guard token == .string else {
      throw reader.mismatch("a half of merge \(offsets.count - 1)", expected: "a string", found: token)
    }
  }

  /// The merges by ids.
  /// - Parameters:
  ///   - spellings: The vocabulary's pieces by their places.
  ///   - ids: The id at each place. One that no vocabulary reaches is refused when all are known.
  /// - Throws: `malformed` where a merge names or makes a piece that is not there.
  func table(_ spellings: ByteTable, _ ids: [Int], file: String) throws(GriffinError) -> MergeTable {
    var table = MergeTable(room: count)
    var keys = [UInt64](repeating: 0, count: 2 * MergeList.batch)
    // Of what was seen, so that looking is not taken for idle.
    var looks: UInt32 = 0
    // Merges mostly make the pieces in their order.
    var made = 0
    for start in stride(from: 0, to: count, by: MergeList.batch) {
      let end = min(count, start + MergeList.batch)
      for index in start..<end {
        let (left, right, _) = ranges(at: index)
        let pair = (spellings.key(of: texts.bytes.rawBytes, left), spellings.key(of: texts.bytes.rawBytes, right))
        looks |= spellings.firstLook(for: pair.0) | spellings.firstLook(for: pair.1)
        (keys[2 * (index - start)], keys[2 * (index - start) + 1]) = pair
      }
      guard looks != 0 else { throw missing(ranges(at: start).left, start, file) }
      for index in start..<end {
        let (left, right, whole) = ranges(at: index)
        guard let leftPlace = spellings.value(of: texts.bytes.rawBytes, left, key: keys[2 * (index - start)]) else {
          throw missing(left, index, file)
        }
        guard let rightPlace = spellings.value(of: texts.bytes.rawBytes, right, key: keys[2 * (index - start) + 1]) else {
          throw missing(right, index, file)
        }
        if !spellings.hasString(at: made, texts.bytes.rawBytes, whole) {
          made += 1
          if !spellings.hasString(at: made, texts.bytes.rawBytes, whole) {
            guard let place = spellings.value(of: texts.bytes.rawBytes, whole) else { throw missing(whole, index, file) }
            made = place
          }
        }
        table.insert(
          Int32(clamping: ids[leftPlace]), Int32(clamping: ids[rightPlace]),
          MergeTable.Merge(rank: Int32(index), result: Int32(clamping: ids[made])))
      }
    }
    return table
  }

  private func ranges(at index: Int) -> (left: Range<Int>, right: Range<Int>, whole: Range<Int>) {
    let whole = texts.range(at: index)
    let middle = whole.lowerBound + Int(middles[index])
    return (whole.lowerBound..<middle, middle..<whole.upperBound, whole)
  }

  private func missing(_ range: Range<Int>, _ index: Int, _ file: String) -> GriffinError {
    let piece = String(decoding: texts.bytes[range], as: UTF8.self).shortened(to: 40)
    return GriffinError(
      .malformed, file: file, offset: Int(offsets[index]),
      "merge \(index) needs the piece \"\(piece)\", which is not in the vocabulary".printable)
  }
}

extension RawSpan {
  /// Where the space of a text is that has just one.
  fileprivate var onlySpace: Int? {
    var found: Int?
    for position in 0..<byteCount where self[position] == UInt8(ascii: " ") {
      guard found == nil else { return nil }
      found = position
    }
    return found
  }
}
