internal import ByteStorage
internal import Zstandard

/// Makes frames of blocks, one a plane, with buffers of its own.
struct PlaneEncoder: ~Copyable {
  /// A frame that was made.
  struct Frame: Sendable, Hashable {
    var byteCount: Int
    var contentByteCount: Int
  }

  /// What is known of bytes beforehand.
  enum Treatment: Sendable, Hashable {
    /// Planes of floats, and of differences of floats.
    case floats
    /// Planes of block formats and of integers.
    case others
    /// Text, which has matches.
    case text
    /// What is a zstd frame already.
    case stored
  }

  private let effort: PackingEffort
  private var compressor: FrameCompressor
  private var planes = ByteBuffer(byteCount: PlaneLayout.blockLimit)
  private var trial = ByteBuffer(byteCount: FrameCompressor.capacity(contentByteCount: PlaneLayout.blockLimit))
  /// Frames of a block, one after the other, with room for one more of the longest.
  private var output = ByteBuffer(byteCount: PlaneLayout.blockLimit + 2 * FrameCompressor.capacity(contentByteCount: PlaneLayout.blockLimit))

  /// The level that looks for matches where nearly all bytes are equal.
  private static let skewedLevel: Int32 = 3

  /// - Throws: `io` where memory ran out.
  init(_ effort: PackingEffort) throws(GriffinError) {
    self.effort = effort
    compressor = try FrameCompressor()
  }

  /// Packs a block: a frame for each of its planes.
  /// - Parameters:
  ///   - block: Whole units, at most `PlaneLayout.blockLimit` bytes and not empty.
  ///   - bytes: Gets the frames' bytes at its end.
  /// - Returns: The frames, in order.
  mutating func encode(
    _ block: RawSpan, by layout: PlaneLayout, _ treatment: Treatment, appendingTo bytes: inout [UInt8]
  ) throws(GriffinError) -> [Frame] {
    var target = planes.mutablePrefix(block.byteCount)
    PlaneKernels.split(block, by: layout, into: &target)
    var frames: [Frame] = []
    var (start, used) = (0, 0)
    for count in layout.planeByteCounts(ofBlock: block.byteCount) {
      let byteCount = try add(start..<start + count, at: used, treatment)
      frames.append(Frame(byteCount: byteCount, contentByteCount: count))
      (start, used) = (start + count, used + byteCount)
    }
    output.bytes.extracting(0..<used).append(to: &bytes)
    return frames
  }

  /// Writes the frame of a plane: the smallest of those that are tried, or one of its bytes as they are.
  private mutating func add(_ range: Range<Int>, at offset: Int, _ treatment: Treatment) throws(GriffinError) -> Int {
    let methods = methods(for: planes.bytes.extracting(range), treatment)
    var best = StoredFrame.byteCount(range.count)
    var isStored = true
    for method in methods {
      // What is kept so far must not be written over.
      let count = isStored
        ? try PlaneEncoder.compress(planes, range, by: method, with: &compressor, into: &output, at: offset)
        : try PlaneEncoder.compress(planes, range, by: method, with: &compressor, into: &trial, at: 0)
      guard count < best else { continue }
      if !isStored { PlaneEncoder.copy(trial, count, to: &output, at: offset) }
      (best, isStored) = (count, false)
    }
    return isStored ? PlaneEncoder.store(planes, range, in: &output, at: offset) : best
  }

  private static func compress(
    _ planes: borrowing ByteBuffer, _ range: Range<Int>, by method: FrameCompressor.Method, with compressor: inout FrameCompressor,
    into target: inout ByteBuffer, at offset: Int
  ) throws(GriffinError) -> Int {
    var bytes = target.mutableBytes
    return try compressor.compress(planes.bytes.extracting(range), by: method, into: &bytes, at: offset)
  }

  private static func copy(_ trial: borrowing ByteBuffer, _ byteCount: Int, to output: inout ByteBuffer, at offset: Int) {
    var target = output.mutableBytes
    target.copy(trial.bytes.extracting(0..<byteCount), to: offset)
  }

  private static func store(_ planes: borrowing ByteBuffer, _ range: Range<Int>, in output: inout ByteBuffer, at offset: Int) -> Int {
    var target = output.mutableBytes
    return StoredFrame.write(planes.bytes.extracting(range), into: &target, at: offset)
  }

  private func methods(for plane: RawSpan, _ treatment: Treatment) -> [FrameCompressor.Method] {
    switch (treatment, effort) {
    case (.stored, _), (.others, .fast): return []
    case (.text, _): return [.level(Zstandard.level)]
    case (.floats, _), (.others, _): break
    }
    let statistics = PlaneStatistics(plane)
    var methods: [FrameCompressor.Method] = statistics.isUneven ? [.entropy] : []
    switch effort {
    case .fast: break
    case .usual: if statistics.isSkewed { methods.append(.level(PlaneEncoder.skewedLevel)) }
    case .level(let level): methods.append(.level(Int32(level)))
    }
    return methods
  }
}
