internal import Archives
internal import Bundles
internal import ByteStorage
internal import Tensors
internal import Zstandard

/// An archive being written: pieces are gathered, packed on all threads a wave at a time, and written in order while the next wave
/// is packed. Payloads are hashed beside that.
final class PackingRun {
  /// A piece of the archive: bytes at hand, or a block of a payload.
  private enum Piece: Sendable {
    case bytes([UInt8])
    case text([UInt8], Range<Int>)
    case block(Block)
  }

  private struct Block: Sendable {
    let payload: Int
    let base: Int?
    let range: Range<Int>
    let layout: PlaneLayout
    let treatment: PlaneEncoder.Treatment
  }

  private struct Packed: Sendable {
    var bytes: [UInt8] = []
    var frames: [PlaneEncoder.Frame] = []
  }

  private let packer: BundlePacker
  private let head: BundleHead
  private let output: OutputFile
  private let meter: ProgressMeter
  private var wave: [Piece] = []
  private var waveByteCount = 0
  /// What the last wave made and is not written yet, and where it goes.
  private var unwritten: (pieces: [Packed], offset: Int) = ([], 0)
  private var table = SeekTable()
  private let hashers = Locked<[Int: SHA256Hasher]>([:])
  private let tensorNames: [Int: String]

  private static let waveLimit = 32 << 20
  private static let pieceLimit = 4096

  init(_ packer: BundlePacker, _ head: BundleHead, _ output: OutputFile, meter: ProgressMeter) {
    (self.packer, self.head, self.output, self.meter) = (packer, head, output, meter)
    tensorNames = Dictionary(head.manifest.tensors.map { ($0.payload, $0.descriptor.name) }) { first, _ in first }
  }

  /// Adds a piece that is a frame of its own.
  func add(_ bytes: [UInt8]) throws(GriffinError) { try add(.bytes(bytes), byteCount: bytes.count) }

  /// Adds an entry's bytes.
  func add(_ member: ArchiveMember) throws(GriffinError) {
    for range in member.blocks {
      switch member.content {
      case .text(let bytes): try add(.text(bytes, range), byteCount: range.count)
      case .payload(let index, let base):
        let block = Block(payload: index, base: base, range: range, layout: member.layout, treatment: member.treatment)
        try add(.block(block), byteCount: range.count)
      }
    }
    // A payload of no bytes has a digest too.
    if case .payload(let index, _) = member.content, member.byteCount == 0 { try check(index, SHA256Digest(of: RawSpan())) }
  }

  private func add(_ piece: Piece, byteCount: Int) throws(GriffinError) {
    wave.append(piece)
    waveByteCount += byteCount
    if waveByteCount >= PackingRun.waveLimit || wave.count >= PackingRun.pieceLimit { try flush() }
  }

  /// Packs what was gathered, and writes what the wave before made.
  private func flush() throws(GriffinError) {
    let (pieces, written) = (wave, unwritten)
    (wave, waveByteCount) = ([], 0)
    let hashing = hashing(pieces)
    let results = Locked([Packed](repeating: Packed(), count: pieces.count))
    let (output, meter, hashers, effort) = (output, meter, hashers, packer.effort)
    let (bundle, base, cancellation) = (packer.bundle, packer.base, packer.cancellation)
    try Workers.run(packer.threads, jobs: 1 + hashing.count + pieces.count, makeState: { PackingState(effort) }) {
      job, state throws(GriffinError) in
      try cancellation.check()
      if job == 0 { return try PackingRun.write(written.pieces, to: output, at: written.offset) }
      if job <= hashing.count {
        let (payload, range) = hashing[job - 1]
        var hasher = hashers.withLock { $0[payload] } ?? SHA256Hasher()
        let offset = bundle.manifest.payloads[payload].offset
        let stretch = offset + range.lowerBound..<offset + range.upperBound
        try bundle.file.forEachChunk(of: stretch, through: &state.block, cancellation: cancellation) { bytes, _ in hasher.update(bytes) }
        let hashed = hasher
        return hashers.withLock { $0[payload] = hashed }
      }
      let piece = job - 1 - hashing.count
      let packed = try PackingRun.pack(pieces[piece], bundle, base, &state, meter)
      results.withLock { $0[piece] = packed }
    }
    for (payload, range) in hashing where range.upperBound == bundle.manifest.payloads[payload].byteCount {
      if let hasher = hashers.withLock({ $0.removeValue(forKey: payload) }) { try check(payload, hasher.finalize()) }
    }
    let made = results.withLock { $0 }
    unwritten = (made, table.byteCount)
    for frame in made.flatMap(\.frames) { try table.append(byteCount: frame.byteCount, contentByteCount: frame.contentByteCount) }
  }

  /// The stretch of each payload that the pieces cover; a payload's blocks come in order.
  private func hashing(_ pieces: [Piece]) -> [(payload: Int, range: Range<Int>)] {
    var ranges: [(payload: Int, range: Range<Int>)] = []
    for case .block(let block) in pieces {
      if let last = ranges.last, last.payload == block.payload {
        ranges[ranges.count - 1].range = last.range.lowerBound..<block.range.upperBound
      } else {
        ranges.append((block.payload, block.range))
      }
    }
    return ranges
  }

  private static func pack(
    _ piece: Piece, _ bundle: ModelBundle, _ base: ModelBundle?, _ state: inout PackingState, _ meter: ProgressMeter
  ) throws(GriffinError) -> Packed {
    let packed: (bytes: [UInt8], frames: [PlaneEncoder.Frame])
    switch piece {
    case .bytes(let bytes):
      var target = state.block.mutablePrefix(bytes.count)
      target.copy(bytes.rawBytes, to: 0)
      packed = try state.encode(bytes.count, by: .whole, .text)
    case .text(let bytes, let range):
      var target = state.block.mutablePrefix(range.count)
      target.copy(bytes.rawBytes.extracting(range), to: 0)
      packed = try state.encode(range.count, by: .whole, .text)
      meter.add(range.count)
    case .block(let block):
      let offset = bundle.manifest.payloads[block.payload].offset + block.range.lowerBound
      try state.read(bundle.file, at: offset, byteCount: block.range.count)
      if let other = block.base, let base {
        try state.subtract(
          base.file, at: base.manifest.payloads[other].offset + block.range.lowerBound, byteCount: block.range.count,
          unitByteCount: block.layout.unitByteCount)
      }
      packed = try state.encode(block.range.count, by: block.layout, block.treatment)
      meter.add(block.range.count)
    }
    return Packed(bytes: packed.bytes, frames: packed.frames)
  }

  private static func write(_ pieces: [Packed], to output: OutputFile, at start: Int) throws(GriffinError) {
    var offset = start
    for piece in pieces {
      try output.write(piece.bytes.rawBytes, at: offset)
      offset += piece.bytes.count
    }
  }

  /// Packs and writes what is left, and the index.
  /// - Returns: Bytes of the archive.
  func finish() throws(GriffinError) -> Int {
    try flush()
    try PackingRun.write(unwritten.pieces, to: output, at: unwritten.offset)
    let index = table.encoded
    try output.write(index.rawBytes, at: table.byteCount)
    return table.byteCount + index.count
  }

  /// Hashes payloads that are left out, so that a damaged bundle is not said to be the base's.
  func checkLeftOut(_ note: ArchiveNote) throws(GriffinError) {
    let (bundle, cancellation) = (packer.bundle, packer.cancellation)
    let payloads = note.leftOut.map(\.payload)
    let digests = Locked([SHA256Digest](repeating: BundlePlan.unknownDigest, count: payloads.count))
    try Workers.run(packer.threads, jobs: payloads.count, makeState: { ByteBuffer(byteCount: PlaneLayout.blockLimit) }) {
      job, buffer throws(GriffinError) in
      let digest = try SHA256Digest(
        of: bundle.file, in: bundle.manifest.payloads[payloads[job]].range, through: &buffer, cancellation: cancellation)
      digests.withLock { $0[job] = digest }
    }
    for (payload, digest) in zip(payloads, digests.withLock { $0 }) { try check(payload, digest) }
  }

  /// What lies between payloads is made again when it is unpacked, so it has to be zeros.
  func checkGaps() throws(GriffinError) {
    var buffer = ByteBuffer(byteCount: 1 << 20)
    for gap in head.gaps {
      if let (offset, byte) = try packer.bundle.file.firstNonzeroByte(in: gap, through: &buffer, cancellation: packer.cancellation) {
        throw damage("padding: byte \(offset) is \(byte), expected 0", offset: offset)
      }
    }
  }

  private func check(_ payload: Int, _ found: SHA256Digest) throws(GriffinError) {
    let expected = head.manifest.payloads[payload]
    guard found == expected.digest else {
      throw damage("SHA-256 is \(found), expected \(expected.digest)", offset: expected.offset, tensor: tensorNames[payload])
    }
  }

  private func damage(_ message: String, offset: Int, tensor: String? = nil) -> GriffinError {
    GriffinError(
      .malformed, file: packer.bundle.file.path, tensor: tensor, offset: offset, message,
      hints: ["a damaged bundle is not packed; get it again, or convert it again"])
  }
}
