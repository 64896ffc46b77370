public import ByteStorage
public import Tensors
public import Zstandard

/// Packs and unpacks bytes of one type in memory, as the payloads of an archive are, on one thread: for measurements.
public struct PayloadCodec: ~Copyable {
  private let layout: PlaneLayout
  private let treatment: PlaneEncoder.Treatment
  private var encoder: PlaneEncoder
  private var decoder: PlaneDecoder?

  /// - Throws: `io` where memory ran out.
  public init(_ type: ElementType, effort: PackingEffort = .usual) throws(GriffinError) {
    layout = PlaneLayout(type)
    treatment = type.category == .float ? .floats : .others
    encoder = try PlaneEncoder(effort)
  }

  /// Packs a payload.
  /// - Parameters:
  ///   - bytes: Whole blocks of the type.
  ///   - frames: Gets the frames of its planes at its end.
  /// - Returns: Where the frames are.
  public mutating func pack(_ bytes: RawSpan, appendingTo frames: inout [UInt8]) throws(GriffinError) -> SeekTable {
    var table = SeekTable()
    for block in layout.blocks(of: bytes.byteCount) {
      let made = try encoder.encode(bytes.extracting(block), by: layout, treatment, appendingTo: &frames)
      for frame in made { try table.append(byteCount: frame.byteCount, contentByteCount: frame.contentByteCount) }
    }
    return table
  }

  /// Fills `target`, of the payload's size, from its frames.
  public mutating func unpack(_ frames: InputFile, _ table: SeekTable, into target: inout ByteBuffer) throws(GriffinError) {
    var ready: PlaneDecoder
    if let held = decoder.take() { ready = held } else { ready = try PlaneDecoder(frames, table) }
    ready.turn(to: frames, table)
    var frame = 0
    for range in layout.blocks(of: target.byteCount) {
      var bytes = target.mutablePart(range)
      try ready.decode(firstFrame: frame, by: layout, into: &bytes)
      frame += layout.widths.count
    }
    decoder = consume ready
  }
}
