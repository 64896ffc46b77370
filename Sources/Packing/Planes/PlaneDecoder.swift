internal import ByteStorage
internal import Zstandard

/// Reads blocks back from their frames, with buffers of its own.
struct PlaneDecoder: ~Copyable {
  private var file: InputFile
  private var table: SeekTable
  private var decompressor: FrameDecompressor
  private var frames = ByteBuffer(byteCount: FrameCompressor.capacity(contentByteCount: PlaneLayout.blockLimit))
  private var planes = ByteBuffer(byteCount: PlaneLayout.blockLimit)

  /// - Throws: `io` where memory ran out.
  init(_ file: InputFile, _ table: SeekTable) throws(GriffinError) {
    (self.file, self.table) = (file, table)
    decompressor = try FrameDecompressor()
  }

  /// Goes on with the frames of another file.
  mutating func turn(to file: InputFile, _ table: SeekTable) { (self.file, self.table) = (file, table) }

  /// Reads a block.
  /// - Parameters:
  ///   - first: The frame of its first plane.
  ///   - target: As many bytes as the block has.
  /// - Throws: `malformed` with the place where a frame is damaged or holds another number of bytes; what reading throws.
  mutating func decode(firstFrame first: Int, by layout: PlaneLayout, into target: inout MutableRawSpan) throws(GriffinError) {
    let counts = layout.planeByteCounts(ofBlock: target.byteCount)
    if layout.widths == [1, 1], try decodePair(firstFrame: first, by: layout, planeByteCount: counts[0], into: &target) { return }
    var start = 0
    for (plane, count) in counts.enumerated() {
      try decode(frame: first + plane, into: start..<start + count)
      start += count
    }
    PlaneKernels.merge(planes.bytes.extracting(0..<start), by: layout, into: &target)
  }

  /// Reads a block of two planes of which one is stored: that one is merged from where it lies. False where none is.
  private mutating func decodePair(
    firstFrame first: Int, by layout: PlaneLayout, planeByteCount count: Int, into target: inout MutableRawSpan
  ) throws(GriffinError) -> Bool {
    let storedByteCount = StoredFrame.byteCount(count)
    guard let stored = [0, 1].first(where: { table[first + $0].count == storedByteCount && Int(table.contentByteCounts[first + $0]) == count }),
      storedByteCount <= frames.byteCount
    else { return false }
    try decode(frame: first + 1 - stored, into: 0..<count)
    let (file, place) = (file, table[first + stored])
    guard !file.isInMemory else {
      return PlaneDecoder.merge(file.bytes.extracting(place), isFirst: stored == 0, planes, count, by: layout, into: &target)
    }
    var bytes = frames.mutablePrefix(storedByteCount)
    try file.read(at: place.lowerBound, into: &bytes)
    return PlaneDecoder.merge(frames.bytes.extracting(0..<storedByteCount), isFirst: stored == 0, planes, count, by: layout, into: &target)
  }

  private static func merge(
    _ frame: RawSpan, isFirst: Bool, _ other: borrowing ByteBuffer, _ count: Int, by layout: PlaneLayout, into target: inout MutableRawSpan
  ) -> Bool {
    guard let pieces = StoredFrame.pieces(of: frame, contentByteCount: count) else { return false }
    var start = 0
    for piece in pieces {
      let (stored, plane) = (frame.extracting(piece), other.bytes.extracting(start..<start + piece.count))
      if isFirst {
        PlaneKernels.merge(stored, plane, by: layout, into: &target, at: 2 * start)
      } else {
        PlaneKernels.merge(plane, stored, by: layout, into: &target, at: 2 * start)
      }
      start += piece.count
    }
    return true
  }

  /// Reads a frame of any content of at most a block.
  mutating func content(ofFrame frame: Int) throws(GriffinError) -> [UInt8] {
    let count = Int(table.contentByteCounts[frame])
    guard count <= PlaneLayout.blockLimit else {
      throw GriffinError(.unsafe, file: file.path, offset: table[frame].lowerBound, "the frame is said to hold \(count) bytes, at most \(PlaneLayout.blockLimit) are read")
    }
    try decode(frame: frame, into: 0..<count)
    return planes.bytes.extracting(0..<count).copied
  }

  private mutating func decode(frame: Int, into range: Range<Int>) throws(GriffinError) {
    let place = table[frame]
    let file = file
    let path = file.path
    func failure(_ message: String) -> GriffinError { GriffinError(.malformed, file: path, offset: place.lowerBound, message) }
    guard Int(table.contentByteCounts[frame]) == range.count else {
      throw failure("the frame is said to hold \(table.contentByteCounts[frame]) bytes, expected \(range.count)")
    }
    guard place.count <= frames.byteCount else { throw failure("the frame has \(place.count) bytes, more than its content could take") }
    if !file.isInMemory {
      var bytes = frames.mutablePrefix(place.count)
      try file.read(at: place.lowerBound, into: &bytes)
    }
    do throws(GriffinError) {
      if file.isInMemory {
        try PlaneDecoder.decompress(file.bytes.extracting(place), by: &decompressor, into: &planes, at: range)
      } else {
        try PlaneDecoder.decompress(frames, place.count, by: &decompressor, into: &planes, at: range)
      }
    } catch {
      throw failure(error.message)
    }
  }

  private static func decompress(
    _ frame: borrowing ByteBuffer, _ byteCount: Int, by decompressor: inout FrameDecompressor, into planes: inout ByteBuffer, at range: Range<Int>
  ) throws(GriffinError) {
    try decompress(frame.bytes.extracting(0..<byteCount), by: &decompressor, into: &planes, at: range)
  }

  private static func decompress(
    _ frame: RawSpan, by decompressor: inout FrameDecompressor, into planes: inout ByteBuffer, at range: Range<Int>
  ) throws(GriffinError) {
    var target = planes.mutableBytes
    try decompressor.decompress(frame, into: &target, at: range)
  }
}
