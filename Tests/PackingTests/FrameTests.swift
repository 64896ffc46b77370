import ByteStorage
import TestSupport
import Testing
import Zstandard

/// Frames that are made by hand or by one context, and the table that says where they are.
struct FrameTests {
  @Test(arguments: [1, 255, 256, 131_072, 131_073, 1_048_576]) func storedFramesAreFrames(count: Int) throws {
    var numbers = SeededNumbers(seed: UInt64(count))
    let content = numbers.bytes(count)
    var buffer = ByteBuffer(byteCount: StoredFrame.byteCount(count) + 7)
    var target = buffer.mutableBytes
    let length = StoredFrame.write(content.rawBytes, into: &target, at: 7)
    #expect(length == StoredFrame.byteCount(count))
    let frame = buffer.bytes.extracting(7..<7 + length)
    #expect(try Zstandard.decompress(frame, expectedByteCount: count) == content)
    // Its blocks are found where they lie.
    let (found, bytes) = (StoredFrame.pieces(of: frame, contentByteCount: count), frame.copied)
    let pieces = try #require(found)
    #expect(pieces.flatMap { bytes[$0] } == content)
  }

  /// What is not just such a frame is for the decoder, which refuses it.
  @Test(arguments: [200, 300, 200_000]) func otherFramesHaveNoPieces(count: Int) throws {
    let content = [UInt8](repeating: 7, count: count)
    var buffer = ByteBuffer(byteCount: StoredFrame.byteCount(count))
    var target = buffer.mutableBytes
    _ = StoredFrame.write(content.rawBytes, into: &target, at: 0)
    let frame = buffer.bytes.copied
    func hasPieces(_ frame: [UInt8], _ count: Int) -> Bool { StoredFrame.pieces(of: frame.rawBytes, contentByteCount: count) != nil }
    #expect(hasPieces(frame, count))
    let header = count < 256 ? 6 : 9
    for place in Array(0..<header + 3) + (count > 131_072 ? [header + 3 + 131_072] : []) {
      var damaged = frame
      damaged[place] ^= 4
      #expect(!hasPieces(damaged, count), "\(place)")
    }
    #expect(!hasPieces(frame, count - 1) && !hasPieces(Array(frame.dropLast()), count))
    let compressed = try Zstandard.compress(content.rawBytes)
    #expect(!hasPieces(compressed, count))
  }

  @Test func entropyAloneBeatsMatchesOnSkewedBytes() throws {
    var numbers = SeededNumbers(seed: 3)
    let content = (0..<200_000).map { _ in UInt8(numbers.next().leadingZeroBitCount) }
    var compressor = try FrameCompressor()
    var buffer = ByteBuffer(byteCount: FrameCompressor.capacity(contentByteCount: content.count))
    var target = buffer.mutableBytes
    let count = try compressor.compress(content.rawBytes, by: .entropy, into: &target, at: 0)
    // A geometric distribution of halves has two bits a value.
    #expect(count < content.count * 27 / 100 && count > content.count * 24 / 100)
    #expect(try Zstandard.decompress(buffer.bytes.extracting(0..<count), expectedByteCount: content.count) == content)
    var again = buffer.mutableBytes
    let other = try compressor.compress(content.rawBytes, by: .level(3), into: &again, at: 0)
    #expect(other > count)
  }

  @Test func tablesAreReadBack() throws {
    var table = SeekTable()
    var file: [UInt8] = []
    for count in [10, 300, 5] {
      let content = [UInt8](repeating: 1, count: count)
      let frame = try Zstandard.compress(content.rawBytes)
      file += frame
      try table.append(byteCount: frame.count, contentByteCount: count)
    }
    file += table.encoded
    #expect(try SeekTable(atEndOf: InputFile(standingIn: file, path: "f")) == table)
    for (offset, words) in [(file.count - 9, "than the file has room"), (file.count - 5, "expected a seek table"), (table.byteCount + 8, "bytes together")] {
      var damaged = file
      damaged[offset] ^= 0x40
      let error = #expect(throws: GriffinError.self) { try SeekTable(atEndOf: InputFile(standingIn: damaged, path: "f")) }
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    #expect(throws: GriffinError.self) { try SeekTable(atEndOf: InputFile(standingIn: Array(file.dropLast()), path: "f")) }
  }
}
