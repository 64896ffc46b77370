public import ByteStorage
public import Tensors
public import Zstandard

/// Packs and unpacks bytes of one type in memory, as the payloads of an archive are, on one thread: for measurements.
public struct PayloadCodec: ~Copyable {
  private let layout: PlaneLayout
  private let treatment: PlaneEncoder.Treatment
  private var encoder: PlaneEncoder

  /// - Throws: `io` where memory ran out.
  public init(_ type: ElementType, effort: PackingEffort = .usual) throws(GriffinError) {
    layout = PlaneLayout(type)
    treatment = type.category == .float ? .floats : .others
    encoder = try PlaneEncoder(effort)
  }

  /// The frames of a payload's planes, and where they are.
  /// - Parameter bytes: Whole blocks of the type.
  public mutating func pack(_ bytes: RawSpan) throws(GriffinError) -> (frames: [UInt8], table: SeekTable) {
    var (frames, table): ([UInt8], SeekTable) = ([], SeekTable())
    frames.reserveCapacity(bytes.byteCount)
    for block in layout.blocks(of: bytes.byteCount) {
      let made = try encoder.encode(bytes.extracting(block), by: layout, treatment, appendingTo: &frames)
      for frame in made { try table.append(byteCount: frame.byteCount, contentByteCount: frame.contentByteCount) }
    }
    return (frames, table)
  }

  /// Fills `target`, of the payload's size, from its frames.
  public func unpack(_ frames: InputFile, _ table: SeekTable, into target: inout ByteBuffer) throws(GriffinError) {
    var decoder = try PlaneDecoder(frames, table)
    var block = ByteBuffer(byteCount: layout.blockByteCount)
    var frame = 0
    for range in layout.blocks(of: target.byteCount) {
      var bytes = block.mutablePrefix(range.count)
      try decoder.decode(firstFrame: frame, by: layout, into: &bytes)
      PayloadCodec.copy(block, range.count, to: &target, at: range.lowerBound)
      frame += layout.widths.count
    }
  }

  private static func copy(_ block: borrowing ByteBuffer, _ byteCount: Int, to target: inout ByteBuffer, at offset: Int) {
    var bytes = target.mutableBytes
    bytes.copy(block.bytes.extracting(0..<byteCount), to: offset)
  }
}
