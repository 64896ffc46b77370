internal import ByteStorage
internal import Zstandard

/// Reads blocks back from their frames, with buffers of its own.
struct PlaneDecoder: ~Copyable {
  private let file: InputFile
  private let table: SeekTable
  private var decompressor: FrameDecompressor
  private var frames = ByteBuffer(byteCount: FrameCompressor.capacity(contentByteCount: PlaneLayout.blockLimit))
  private var planes = ByteBuffer(byteCount: PlaneLayout.blockLimit)

  /// - Throws: `io` where memory ran out.
  init(_ file: InputFile, _ table: SeekTable) throws(GriffinError) {
    (self.file, self.table) = (file, table)
    decompressor = try FrameDecompressor()
  }

  /// Reads a block.
  /// - Parameters:
  ///   - first: The frame of its first plane.
  ///   - target: As many bytes as the block has.
  /// - Throws: `malformed` with the place where a frame is damaged or holds another number of bytes; what reading throws.
  mutating func decode(firstFrame first: Int, by layout: PlaneLayout, into target: inout MutableRawSpan) throws(GriffinError) {
    var start = 0
    for (plane, count) in layout.planeByteCounts(ofBlock: target.byteCount).enumerated() {
      try decode(frame: first + plane, into: start..<start + count)
      start += count
    }
    PlaneKernels.merge(planes.bytes.extracting(0..<start), by: layout, into: &target)
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
    var bytes = frames.mutablePrefix(place.count)
    try file.read(at: place.lowerBound, into: &bytes)
    do throws(GriffinError) {
      try PlaneDecoder.decompress(frames, place.count, by: &decompressor, into: &planes, at: range)
    } catch {
      throw failure(error.message)
    }
  }

  private static func decompress(
    _ frame: borrowing ByteBuffer, _ byteCount: Int, by decompressor: inout FrameDecompressor, into planes: inout ByteBuffer,
    at range: Range<Int>
  ) throws(GriffinError) {
    var target = planes.mutableBytes
    try decompressor.decompress(frame.bytes.extracting(0..<byteCount), into: &target, at: range)
  }
}
