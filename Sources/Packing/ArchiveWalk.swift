internal import Archives
internal import ByteStorage
internal import Zstandard

/// Goes through an archive's frames in order and holds each against what has to be there.
struct ArchiveWalk: ~Copyable {
  private let file: InputFile
  private let table: SeekTable
  private var decoder: PlaneDecoder
  private var frame = 0
  /// Bytes of the entry before.
  private var byteCount = 0
  private var names: Set<String> = []

  init(_ file: InputFile, _ table: SeekTable) throws(GriffinError) {
    (self.file, self.table) = (file, table)
    decoder = try PlaneDecoder(file, table)
  }

  /// Reads an entry of text.
  /// - Throws: `malformed`, or `unsafe` where it is longer than the limit.
  mutating func text(_ name: String, limit: Int) throws(GriffinError) -> [UInt8] {
    let place = offset
    let count = try header(name)
    guard count <= limit else {
      throw GriffinError(.unsafe, offset: place, "\(name) has \(count) bytes, at most \(limit) are read")
    }
    var text: [UInt8] = []
    for block in PlaneLayout.whole.blocks(of: count) {
      let place = offset
      let content = try next("the bytes of \(name)")
      guard content.count == block.count else {
        throw GriffinError(.malformed, offset: place, "the frame holds \(content.count) bytes of \(name), expected \(block.count)")
      }
      text += content
    }
    return text
  }

  /// Passes over an entry, whose header and sizes of frames are checked.
  /// - Returns: The frame that its bytes begin with.
  mutating func pass(_ member: ArchiveMember) throws(GriffinError) -> Int {
    let place = offset
    let count = try header(member.name)
    guard count == member.byteCount else {
      throw GriffinError(.malformed, offset: place, "\(member.name) is said to have \(count) bytes, its payload has \(member.byteCount)")
    }
    let first = frame
    for block in member.blocks {
      for planeByteCount in member.layout.planeByteCounts(ofBlock: block.count) {
        let place = offset
        guard frame < table.frameCount else { throw cutOff("the bytes of \(member.name)") }
        guard Int(table.contentByteCounts[frame]) == planeByteCount else {
          throw GriffinError(
            .malformed, offset: place, "a plane of \(member.name) has \(table.contentByteCounts[frame]) bytes, expected \(planeByteCount)")
        }
        frame += 1
      }
    }
    return first
  }

  /// Checks the mark at the end, after which nothing comes.
  mutating func end() throws(GriffinError) {
    let place = offset
    let content = try next("the end mark")
    let expected = TarHeader.padding(after: byteCount) + TarHeader.endByteCount
    guard content.count == expected, content.allSatisfy({ $0 == 0 }) else {
      if let entry = try? TarHeader.entry(content.rawBytes.extracting(min(TarHeader.padding(after: byteCount), content.count)..<content.count)) {
        throw unexpected(entry, "the end of the archive", place)
      }
      throw GriffinError(.malformed, offset: place, "expected the end mark, \(expected) zeros")
    }
    guard frame == table.frameCount else {
      throw GriffinError(.malformed, offset: offset, "\(table.frameCount - frame) frames follow the end mark, expected none")
    }
  }

  /// Where the next frame begins in the file.
  private var offset: Int { table.offsets[frame] }

  private mutating func next(_ what: String) throws(GriffinError) -> [UInt8] {
    guard frame < table.frameCount else { throw cutOff(what) }
    defer { frame += 1 }
    return try decoder.content(ofFrame: frame)
  }

  /// Reads the header of the entry that has to come.
  /// - Returns: Bytes of the entry.
  private mutating func header(_ name: String) throws(GriffinError) -> Int {
    let place = offset
    let content = try next("the entry \(name)")
    let padding = TarHeader.padding(after: byteCount)
    guard content.count >= padding, content.count <= padding + TarHeader.limit, content[..<padding].allSatisfy({ $0 == 0 }) else {
      throw GriffinError(.malformed, offset: place, "expected \(padding) zeros and the header of \(name), found other bytes")
    }
    let entry: ArchiveEntry
    do throws(GriffinError) {
      entry = try TarHeader.entry(content.rawBytes.extracting(padding..<content.count))
    } catch {
      throw GriffinError(error.kind, offset: place, "\(error.message); the entry \(name) is expected here")
    }
    guard entry.name.hasSameBytes(as: name), entry.kind == .file else { throw unexpected(entry, "the entry \(name)", place) }
    names.insert(name)
    guard let count = entry.statedByteCount, count >= 0 else {
      throw GriffinError(.malformed, offset: place, "the entry \(name) does not say how long it is")
    }
    byteCount = count
    return count
  }

  /// What to say of an entry that should not be there: what makes it unsafe, that it was there before, or that it is out of order.
  private func unexpected(_ entry: ArchiveEntry, _ expected: String, _ place: Int) -> GriffinError {
    do throws(GriffinError) { try TarHeader.checkSafe(entry) } catch {
      var error = error
      error.offset = place
      return error
    }
    let found = "the entry \"\(entry.name.shortened().printable)\""
    guard !names.contains(entry.name) else { return GriffinError(.unsafe, offset: place, "\(found) comes twice") }
    return GriffinError(.malformed, offset: place, "expected \(expected), found \(found)\(entry.kind == .file ? "" : ", which is no file")")
  }

  private func cutOff(_ what: String) -> GriffinError {
    GriffinError(.malformed, offset: offset, "the archive is cut off: \(what) should follow", hints: ["get the file again"])
  }
}
