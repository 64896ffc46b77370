internal import ByteStorage
internal import Tensors

/// The header of a safetensors file, read and checked: every rule of `formats/safetensors.md`.
struct SafetensorsHeader {
  struct Entry {
    var descriptor: TensorDescriptor
    /// Where the tensor's bytes start in the file.
    var offset: Int
  }

  /// In the order of their bytes in the file.
  private(set) var entries: [Entry] = []

  private static let maximumBytes = 100_000_000
  private static let lengthBytes = 8

  private let file: InputFile
  private var names: Set<String> = []

  init(_ file: InputFile) throws(GriffinError) {
    self.file = file
    let bytes = file.bytes
    let headerEnd = try SafetensorsHeader.end(of: file)
    var reader = JSONReader(
      bytes.extracting(SafetensorsHeader.lengthBytes..<headerEnd), limits: .safetensorsHeader, file: file.path,
      baseOffset: SafetensorsHeader.lengthBytes)
    try reader.beginObject("the header")
    while let name = try reader.nextKey() {
      if name == "__metadata__" {
        try checkMetadata(&reader)
      } else {
        try readEntry(name, &reader, dataStart: headerEnd)
      }
    }
    try reader.finish()
    names = []
    try checkCoverage(dataStart: headerEnd)
  }

  /// Where the header ends and the data begin.
  private static func end(of file: InputFile) throws(GriffinError) -> Int {
    let bytes = file.bytes
    // The first byte of the JSON tells a damaged safetensors file from one of another kind.
    let opensObject = bytes.byteCount > lengthBytes && bytes[lengthBytes] == UInt8(ascii: "{")
    func refusal(_ message: String) -> GriffinError {
      let foreign = opensObject ? nil : ForeignContent(bytes)?.error(file: file.path, expected: "a safetensors file")
      return foreign ?? GriffinError(.malformed, file: file.path, offset: 0, message)
    }
    guard let length = bytes.littleEndian(UInt64.self, at: 0) else {
      throw refusal("expected the 8 bytes of a header length, found a file of \(bytes.byteCount) bytes")
    }
    guard length <= UInt64(maximumBytes) else {
      throw refusal("the header claims \(length) bytes; safetensors allows at most \(maximumBytes)")
    }
    let end = lengthBytes + Int(length)
    guard length > 0, opensObject else { throw refusal("the header does not start with '{'") }
    guard end <= bytes.byteCount else {
      throw GriffinError(
        .malformed, file: file.path, offset: 0,
        "the header claims \(length) bytes, but the file has \(bytes.byteCount - lengthBytes) after the length; it may be truncated")
    }
    try file.require(0..<end)
    return end
  }

  private func checkMetadata(_ reader: inout JSONReader) throws(GriffinError) {
    try reader.beginObject("__metadata__")
    while let key = try reader.nextKey() { _ = try reader.readString("__metadata__ \(key)") }
  }

  private mutating func readEntry(_ name: String, _ reader: inout JSONReader, dataStart: Int) throws(GriffinError) {
    let offset = reader.offset
    func error(_ kind: GriffinError.Kind, _ message: String) -> GriffinError {
      GriffinError(kind, file: file.path, tensor: name.shortened(), offset: offset, message)
    }
    if let objection = CheckpointLimits.objection(toName: name) { throw error(.malformed, objection) }
    guard entries.count < CheckpointLimits.safetensorsTensors else {
      throw error(.unsafe, "the file holds more than \(CheckpointLimits.safetensorsTensors) tensors")
    }
    // The JSON reader compares bytes; names that Unicode calls equal would still be confused here.
    guard names.insert(name).inserted else { throw error(.malformed, "two tensors have this name in two Unicode spellings") }

    var type: ElementType?
    var dimensions: [Int]?
    var span: [Int]?
    do throws(GriffinError) {
      try reader.beginObject("the entry")
      while let key = try reader.nextKey() {
        switch key {
        case "dtype":
          let text = try reader.readString(key)
          guard let known = ElementType(safetensorsName: text) else {
            throw error(.unsupported, "the dtype \(text.shortened(to: 40)) is not one of safetensors'")
          }
          type = known
        case "shape": dimensions = try readCounts(key, &reader, atMost: Shape.maximumRank)
        case "data_offsets": span = try readCounts(key, &reader, atMost: 2)
        default: try reader.skipValue()
        }
      }
    } catch {
      throw error.located(tensor: name.shortened())
    }
    guard let type, let dimensions, let span else {
      throw error(.malformed, "expected dtype, shape and data_offsets, found no \(type == nil ? "dtype" : dimensions == nil ? "shape" : "data_offsets")")
    }
    guard span.count == 2 else { throw error(.malformed, "data_offsets: expected 2 offsets, found \(span.count)") }
    let descriptor: TensorDescriptor
    do {
      descriptor = try TensorDescriptor(name: name, type: type, shape: Shape(dimensions))
    } catch let problem {
      throw error(.malformed, "\(problem)")
    }
    let dataBytes = file.byteCount - dataStart
    guard span[0] <= span[1], span[1] <= dataBytes else {
      throw error(
        .malformed, "data_offsets [\(span[0]), \(span[1])] are not a range in the \(dataBytes) bytes of data; the file may be truncated")
    }
    guard span[1] - span[0] == descriptor.byteCount else {
      throw error(
        .malformed,
        "data_offsets span \(span[1] - span[0]) bytes, but \(type.safetensorsName ?? "") \(descriptor.shape) takes \(descriptor.byteCount)")
    }
    entries.append(Entry(descriptor: descriptor, offset: dataStart + span[0]))
  }

  /// Reads an array of integers that are not negative.
  private func readCounts(_ what: String, _ reader: inout JSONReader, atMost limit: Int) throws(GriffinError) -> [Int] {
    var counts: [Int] = []
    try reader.beginArray(what)
    while try reader.hasNextElement() {
      let value = try reader.readInteger(what)
      guard value >= 0, counts.count < limit else {
        throw GriffinError(
          .malformed, file: file.path, offset: reader.offset,
          "\(what): expected at most \(limit) numbers, none below 0, found " + (value < 0 ? "\(value)" : "more"))
      }
      counts.append(value)
    }
    return counts
  }

  /// Tensors follow one another without gap or overlap from the header to the end of the file.
  private mutating func checkCoverage(dataStart: Int) throws(GriffinError) {
    // Empty tensors share their offset with the tensor after them; the header's order decides then.
    let order = entries.indices.sorted {
      (entries[$0].offset, entries[$0].descriptor.byteCount, $0) < (entries[$1].offset, entries[$1].descriptor.byteCount, $1)
    }
    entries = order.map { entries[$0] }
    var end = dataStart
    for entry in entries {
      guard entry.offset == end else {
        let what = entry.offset < end ? "overlaps the tensor before it" : "leaves a hole of \(entry.offset - end) bytes before it"
        throw GriffinError(
          .malformed, file: file.path, tensor: entry.descriptor.name, offset: min(entry.offset, end),
          "expected the tensor's bytes at offset \(end - dataStart) of the data; it starts at \(entry.offset - dataStart) and \(what)")
      }
      end += entry.descriptor.byteCount
    }
    guard end == file.byteCount else {
      throw GriffinError(
        .malformed, file: file.path, offset: end, "\(file.byteCount - end) bytes after the last tensor belong to no tensor")
    }
  }
}
