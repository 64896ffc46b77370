internal import Archives
public import Bundles
public import ByteStorage
internal import Tensors
internal import Zstandard

extension PackedBundle {
  /// Makes the bundle again, byte for byte, and gives it its name. Every payload is checked against its digest.
  ///
  /// Memory is bounded by 4 MiB a thread beside manifest and index.
  /// - Parameters:
  ///   - output: The bundle to be; discarded by its owner where this throws.
  ///   - base: The bundle that the archive was packed against, where it was.
  ///   - progress: Told of bytes of payloads done and in all.
  /// - Throws: `usage` where a base is given or lacking against what the archive says, `inconsistent` where it is another; `malformed` where
  ///   a frame is damaged or a payload has another digest; what reading and writing throw; `interrupted`.
  public func unpack(
    to output: OutputFile, base: ModelBundle? = nil, threads: Int = Workers.processorCount,
    cancellation: Cancellation = Cancellation(), progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) {
    try check(base)
    try output.reserve(byteCount: head.fileByteCount)
    let meter = ProgressMeter(total: head.manifest.payloads.reduce(0) { $0 + $1.byteCount }, report: progress)
    let worker = UnpackingWorker(self, base, output, cancellation, meter)
    // The largest first, so that no thread is left alone with a long one at the end.
    let entries = entries.sorted { $0.member.byteCount > $1.member.byteCount }
    let leftOut = note.leftOut
    let (file, table) = (file, table)
    try Workers.run(threads, jobs: entries.count + leftOut.count, makeState: { UnpackingState(file, table) }) {
      job, state throws(GriffinError) in
      if job < entries.count {
        try worker.unpack(entries[job], &state)
      } else {
        try worker.copy(leftOut[job - entries.count], &state)
      }
    }
    try self.file.checkUnchanged()
    try base?.file.checkUnchanged()
    try cancellation.check()
    try head.complete(output)
  }

  /// Holds a base against what the archive says of it.
  private func check(_ base: ModelBundle?) throws(GriffinError) {
    guard let expected = note.base else {
      guard base == nil else {
        throw GriffinError(.usage, file: file.path, "the archive needs no base; --base is for archives that were packed against one")
      }
      return
    }
    guard let base else {
      throw GriffinError(
        .usage, file: file.path, "the archive holds what differs from the bundle \(expected) and needs it", hints: ["--base BUNDLE names it"])
    }
    guard base.digest == expected else {
      throw GriffinError(
        .inconsistent, file: base.file.path, "the archive was packed against the bundle \(expected), and this one is \(base.digest)",
        hints: ["name the bundle that it was packed against"])
    }
    for relation in note.leftOut + note.differences {
      let payload = head.manifest.payloads[relation.payload]
      guard relation.base < base.manifest.payloads.count, base.manifest.payloads[relation.base].byteCount == payload.byteCount else {
        throw GriffinError(
          .malformed, file: file.path, "\(ArchiveNote.name): payload \(relation.payload) is said to go with the base's payload \(relation.base), which is not there or not of its size")
      }
    }
    for relation in note.leftOut where base.manifest.payloads[relation.base].digest != head.manifest.payloads[relation.payload].digest {
      throw GriffinError(
        .malformed, file: file.path, "\(ArchiveNote.name): payload \(relation.payload) is left out and is not the base's payload \(relation.base)")
    }
  }
}

/// What one thread unpacks with.
private struct UnpackingState: ~Copyable {
  private let file: InputFile
  private let table: SeekTable
  private var decoder: PlaneDecoder?
  var block = ByteBuffer(byteCount: PlaneLayout.blockLimit)
  var other = ByteBuffer(byteCount: PlaneLayout.blockLimit)

  init(_ file: InputFile, _ table: SeekTable) { (self.file, self.table) = (file, table) }

  /// Fills the first bytes of `block`.
  mutating func decode(firstFrame: Int, by layout: PlaneLayout, byteCount: Int) throws(GriffinError) {
    var ready: PlaneDecoder
    if let held = decoder.take() { ready = held } else { ready = try PlaneDecoder(file, table) }
    var target = block.mutablePrefix(byteCount)
    try ready.decode(firstFrame: firstFrame, by: layout, into: &target)
    decoder = consume ready
  }

  /// Adds bytes of a base to the differences that `block` begins with.
  mutating func add(_ base: InputFile, at offset: Int, byteCount: Int, unitByteCount: Int) throws(GriffinError) {
    var target = other.mutablePrefix(byteCount)
    try base.read(at: offset, into: &target)
    UnpackingState.add(other, to: &block, byteCount: byteCount, unitByteCount: unitByteCount)
  }

  private static func add(_ base: borrowing ByteBuffer, to block: inout ByteBuffer, byteCount: Int, unitByteCount: Int) {
    var bytes = block.mutablePrefix(byteCount)
    DifferenceKernels.add(base.bytes.extracting(0..<byteCount), to: &bytes, unitByteCount: unitByteCount)
  }
}

/// Makes payloads again, one at a time on each thread.
private struct UnpackingWorker: Sendable {
  private let packed: PackedBundle
  private let base: ModelBundle?
  private let output: OutputFile
  private let cancellation: Cancellation
  private let meter: ProgressMeter

  init(_ packed: PackedBundle, _ base: ModelBundle?, _ output: OutputFile, _ cancellation: Cancellation, _ meter: ProgressMeter) {
    (self.packed, self.base, self.output, self.cancellation, self.meter) = (packed, base, output, cancellation, meter)
  }

  func unpack(_ entry: PackedBundle.Entry, _ state: inout UnpackingState) throws(GriffinError) {
    let member = entry.member
    guard case .payload(let index, let other) = member.content else { return }
    let offset = packed.head.manifest.payloads[index].offset
    var hasher = SHA256Hasher()
    var frame = entry.firstFrame
    for block in member.blocks {
      try cancellation.check()
      try state.decode(firstFrame: frame, by: member.layout, byteCount: block.count)
      if let other, let base {
        try state.add(
          base.file, at: base.manifest.payloads[other].offset + block.lowerBound, byteCount: block.count, unitByteCount: member.layout.unitByteCount)
      }
      let bytes = state.block.bytes.extracting(0..<block.count)
      hasher.update(bytes)
      try output.write(bytes, at: offset + block.lowerBound)
      meter.add(block.count)
      frame += member.layout.widths.count
    }
    try check(index, hasher, packed.file, offset: frame > entry.firstFrame ? packed.table.offsets[entry.firstFrame] : nil)
  }

  func copy(_ relation: ArchiveNote.Relation, _ state: inout UnpackingState) throws(GriffinError) {
    guard let base else { return }
    let payload = packed.head.manifest.payloads[relation.payload]
    let source = base.manifest.payloads[relation.base].range
    var hasher = SHA256Hasher()
    try base.file.forEachChunk(of: source, through: &state.block, cancellation: cancellation) { bytes, offset throws(GriffinError) in
      hasher.update(bytes)
      try output.write(bytes, at: payload.offset + offset - source.lowerBound)
      meter.add(bytes.byteCount)
    }
    try check(relation.payload, hasher, base.file, offset: source.lowerBound)
  }

  private func check(_ index: Int, _ hasher: SHA256Hasher, _ file: InputFile, offset: Int?) throws(GriffinError) {
    let (found, expected) = (hasher.finalize(), packed.head.manifest.payloads[index].digest)
    guard found == expected else {
      let tensor = packed.head.manifest.tensors.first { $0.payload == index }?.descriptor.name
      throw GriffinError(
        .malformed, file: file.path, tensor: tensor, offset: offset, "SHA-256 of payload \(index) is \(found), expected \(expected): it is damaged",
        hints: ["get the file again"])
    }
  }
}
