import ByteStorage
import TestSupport
import Testing
import Zstandard

struct ZstandardTests {
  private let text = Array(String(repeating: "all work and no play ", count: 500).utf8)

  @Test func comesBackAsItWas() throws {
    var numbers = SeededNumbers(seed: 1)
    for content in [[], [7], text, numbers.bytes(300_000)] {
      let frame = try Zstandard.compress(content.rawBytes)
      let result = try Zstandard.decompress(frame.rawBytes, expectedByteCount: content.count)
      #expect(result == content)
    }
  }

  @Test func equalContentGivesEqualFrames() throws {
    let (one, other) = (try Zstandard.compress(text.rawBytes), try Zstandard.compress(text.rawBytes))
    #expect(one == other)
  }

  @Test func refusesAnotherSize() throws {
    let frame = try Zstandard.compress(text.rawBytes)
    for count in [0, text.count - 1, text.count + 1] {
      let error = #expect(throws: GriffinError.self) { try Zstandard.decompress(frame.rawBytes, expectedByteCount: count) }
      #expect(error?.kind == .malformed)
      #expect(error?.message == "the zstd frame states \(text.count) bytes of content, expected \(count)")
    }
  }

  @Test func refusesDamage() throws {
    let frame = try Zstandard.compress(text.rawBytes)
    #expect(throws: GriffinError.self) {
      try Zstandard.decompress(Array(frame.dropLast()).rawBytes, expectedByteCount: text.count)
    }
    #expect(throws: GriffinError.self) { try Zstandard.decompress((frame + [0]).rawBytes, expectedByteCount: text.count) }
    #expect(throws: GriffinError.self) { try Zstandard.decompress((frame + frame).rawBytes, expectedByteCount: text.count) }
    #expect(throws: GriffinError.self) { try Zstandard.decompress([UInt8]().rawBytes, expectedByteCount: 0) }
    for index in frame.indices {
      var damaged = frame
      damaged[index] ^= 1
      let content = try? Zstandard.decompress(damaged.rawBytes, expectedByteCount: text.count)
      #expect(content == nil || content == text, "bit flip in byte \(index)")
    }
  }

  @Test func refusesAFrameThatDoesNotStateItsSize() {
    // A window of 1 KiB, no content size, no checksum, one empty raw block.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x00, 0x01, 0x00, 0x00]
    let error = #expect(throws: GriffinError.self) { try Zstandard.decompress(frame.rawBytes, expectedByteCount: 0) }
    #expect(error?.message == "the zstd frame does not state its content size")
  }

  @Test func refusesAHugeWindow() {
    // A window of 1 GiB, a content size of 256 + 0 in two bytes, one block of 256 equal bytes.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x40, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x61]
    let error = #expect(throws: GriffinError.self) { try Zstandard.decompress(frame.rawBytes, expectedByteCount: 256) }
    #expect(error?.kind == .unsafe)
  }
}
