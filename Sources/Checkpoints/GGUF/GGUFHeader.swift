internal import ByteStorage
internal import Tensors

/// Everything before the tensor data of one GGUF file, read and checked: the rules of `formats/gguf.md`.
package struct GGUFHeader {
  /// `GGUF`, little-endian.
  package static let magic: UInt32 = 0x4655_4747

  struct Entry {
    /// Under the file's own name, dimensions outermost first.
    var descriptor: TensorDescriptor
    /// Where the tensor's bytes start in the file.
    var offset: Int
  }

  let metadata: GGUFMetadata
  /// In the order of their bytes in the file.
  private(set) var entries: [Entry] = []

  private static let versions: ClosedRange<UInt32> = 2...3
  /// What tensors are aligned to where the file is silent.
  package static let defaultAlignment = 32
  private static let maximumRank = 4

  init(_ file: InputFile) throws(GriffinError) {
    var cursor = GGUFCursor(file)
    try GGUFHeader.readVersion(&cursor)
    // A tensor takes at least a name of a byte, a rank, a dimension, a type and an offset.
    let tensorCount = try cursor.readCount("the number of tensors", leastByteCount: 1, limit: CheckpointLimits.ggufTensors)
    let pairCount = try cursor.readCount("the number of metadata pairs", leastByteCount: 13, limit: CheckpointLimits.ggufPairs)
    metadata = try GGUFMetadata(&cursor, count: pairCount)
    let alignment = try GGUFHeader.alignment(metadata)
    var names: Set<String> = []
    for _ in 0..<tensorCount {
      let start = cursor.offset
      let entry = try GGUFHeader.readEntry(&cursor, alignment: alignment)
      guard names.insert(entry.descriptor.name).inserted else {
        throw GriffinError(
          .malformed, file: file.path, tensor: entry.descriptor.name.shortened(), offset: start, "two tensors have this name")
      }
      entries.append(entry)
    }
    guard let dataStart = cursor.offset.roundedUp(to: alignment) else {
      throw cursor.error(.malformed, "the header ends beyond what 64 bits count")
    }
    try place(in: file, dataStart: dataStart, alignment: alignment)
  }

  /// - Throws: `unsupported` for version 1, later versions and big-endian files; `malformed` for no GGUF at all.
  private static func readVersion(_ cursor: inout GGUFCursor) throws(GriffinError) {
    let file = cursor.file
    guard file.bytes.littleEndian(UInt32.self, at: 0) == GGUFHeader.magic else {
      throw ForeignContent(file.bytes)?.error(file: file.path, expected: "a GGUF file")
        ?? GriffinError(.malformed, file: file.path, offset: 0, "expected a GGUF file, which starts with the letters GGUF")
    }
    try cursor.skip(4, "the magic")
    let version = try cursor.read(UInt32.self, "the version")
    guard !versions.contains(version) else { return }
    if version & 0xFFFF == 0 && version != 0 {
      throw GriffinError(
        .unsupported, file: file.path, offset: 4,
        "the file is big-endian (its version reads \(version.byteSwapped) with the bytes swapped)",
        hints: ["convert it to little-endian, for instance with gguf-py's gguf_convert_endian"])
    }
    throw GriffinError(
      .unsupported, file: file.path, offset: 4, "the file is of GGUF version \(version); versions 2 and 3 are read")
  }

  /// `general.alignment`: a power of two, 32 where the file is silent.
  private static func alignment(_ metadata: GGUFMetadata) throws(GriffinError) -> Int {
    let key = "general.alignment"
    guard let value = metadata[key] else { return defaultAlignment }
    guard value.type == .uint32 else { throw metadata.mistyped(key, "a uint32", value) }
    let alignment = try metadata.integer(key) ?? 0
    guard alignment > 0, alignment & (alignment - 1) == 0, alignment <= CheckpointLimits.ggufAlignment else {
      throw GriffinError(
        .malformed, file: metadata.file.path, offset: value.offset,
        "\(key) is \(alignment); expected a power of two up to \(CheckpointLimits.ggufAlignment)")
    }
    return alignment
  }

  /// One tensor: name, dimensions innermost first, type, offset in the data.
  private static func readEntry(_ cursor: inout GGUFCursor, alignment: Int) throws(GriffinError) -> Entry {
    let start = cursor.offset
    let name = try cursor.readString("a tensor's name", limit: CheckpointLimits.ggufNameBytes)
    func error(_ kind: GriffinError.Kind, at offset: Int = start, _ message: String) -> GriffinError {
      GriffinError(kind, file: cursor.file.path, tensor: name.shortened().printable, offset: offset, message)
    }
    if let objection = CheckpointLimits.objection(toName: name) { throw error(.malformed, objection) }
    let rank = try cursor.read(UInt32.self, "the rank of \(name)")
    guard rank >= 1, rank <= maximumRank else {
      throw error(.malformed, "it has \(rank) dimensions; expected 1 to \(maximumRank)")
    }
    var dimensions: [Int] = []
    for _ in 0..<rank {
      let dimension = try cursor.read(UInt64.self, "a dimension of \(name)")
      guard dimension > 0, let exact = Int(exactly: dimension) else {
        throw error(.malformed, "one of its dimensions is \(Int64(bitPattern: dimension)); expected 1 or more")
      }
      dimensions.append(exact)
    }
    let typeOffset = cursor.offset
    let number = try cursor.read(UInt32.self, "the type of \(name)")
    guard let type = ElementType(ggmlIdentifier: number) else {
      let retired = [4, 5, 31, 32, 33, 36, 37, 38].contains(number) ? "was retired" : "is not known"
      throw error(.unsupported, at: typeOffset, "its elements are of ggml type \(number), which \(retired)")
    }
    let offset = try cursor.read(UInt64.self, "the offset of \(name)")
    guard offset % UInt64(alignment) == 0 else {
      throw error(.malformed, at: cursor.offset - 8, "its offset \(offset) is not a multiple of the alignment \(alignment)")
    }
    guard let exactOffset = Int(exactly: offset) else {
      throw error(.malformed, at: cursor.offset - 8, "its offset \(offset) is beyond the end of the file")
    }
    do {
      // Innermost first in the file, outermost first everywhere else.
      return Entry(
        descriptor: try TensorDescriptor(name: name, type: type, shape: Shape(dimensions.reversed())), offset: exactOffset)
    } catch let problem {
      throw error(.malformed, "\(problem)")
    }
  }

  /// Tensors follow one another, padded to the alignment, all lie in the file, and nothing follows them.
  private mutating func place(in file: InputFile, dataStart: Int, alignment: Int) throws(GriffinError) {
    entries.sort { $0.offset < $1.offset }
    var end = 0
    for index in entries.indices {
      let descriptor = entries[index].descriptor
      func error(_ message: String) -> GriffinError {
        GriffinError(
          .malformed, file: file.path, tensor: descriptor.name, offset: dataStart.adding(entries[index].offset), message)
      }
      guard entries[index].offset == end else {
        let what = entries[index].offset < end ? "overlaps the tensor before it" : "leaves a hole before it"
        throw error("expected it at offset \(end) of the data; it starts at \(entries[index].offset) and \(what)")
      }
      guard let position = dataStart.adding(end), let last = position.adding(descriptor.byteCount), last <= file.byteCount else {
        throw error(
          "its \(descriptor.byteCount) bytes from offset \(end) of the data end beyond the \(file.byteCount) bytes of the file; "
            + "it may be truncated")
      }
      entries[index].offset = position
      guard let next = (end + descriptor.byteCount).roundedUp(to: alignment) else {
        throw error("it ends beyond what 64 bits count")
      }
      end = next
    }
    // A count that is one too low moves the data, too; this is where it shows.
    let trailing = file.byteCount - (dataStart.adding(end) ?? .max)
    guard trailing <= 0 else {
      throw GriffinError(
        .malformed, file: file.path, offset: file.byteCount - trailing,
        "\(trailing) bytes after the last tensor belong to no tensor")
    }
  }
}
