internal import ByteStorage

/// What one thread packs with. Memory that is not to be had is said when it is asked for.
struct PackingState: ~Copyable {
  private let effort: PackingEffort
  private var encoder: PlaneEncoder?
  /// A block of the bundle.
  var block = ByteBuffer(byteCount: PlaneLayout.blockLimit)
  /// A block of the base.
  private var other = ByteBuffer(byteCount: 0)

  init(_ effort: PackingEffort) { self.effort = effort }

  /// Packs the first bytes of `block`.
  /// - Throws: `io` where memory ran out.
  mutating func encode(
    _ byteCount: Int, by layout: PlaneLayout, _ treatment: PlaneEncoder.Treatment
  ) throws(GriffinError) -> (bytes: [UInt8], frames: [PlaneEncoder.Frame]) {
    var ready: PlaneEncoder
    if let held = encoder.take() { ready = held } else { ready = try PlaneEncoder(effort) }
    var bytes: [UInt8] = []
    let frames = try ready.encode(block.bytes.extracting(0..<byteCount), by: layout, treatment, appendingTo: &bytes)
    encoder = consume ready
    return (bytes, frames)
  }

  /// Replaces the first bytes of `block` by their differences from bytes of a base.
  mutating func subtract(_ base: InputFile, at offset: Int, byteCount: Int, unitByteCount: Int) throws(GriffinError) {
    if other.byteCount == 0 { other = ByteBuffer(byteCount: PlaneLayout.blockLimit) }
    var target = other.mutablePrefix(byteCount)
    try base.read(at: offset, into: &target)
    PackingState.subtract(other, from: &block, byteCount: byteCount, unitByteCount: unitByteCount)
  }

  private static func subtract(_ base: borrowing ByteBuffer, from block: inout ByteBuffer, byteCount: Int, unitByteCount: Int) {
    var bytes = block.mutablePrefix(byteCount)
    DifferenceKernels.subtract(base.bytes.extracting(0..<byteCount), from: &bytes, unitByteCount: unitByteCount)
  }

  /// Reads bytes of a file into `block`.
  mutating func read(_ file: InputFile, at offset: Int, byteCount: Int) throws(GriffinError) {
    var target = block.mutablePrefix(byteCount)
    try file.read(at: offset, into: &target)
  }
}
