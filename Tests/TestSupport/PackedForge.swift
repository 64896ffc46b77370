internal import ByteStorage
internal import Zstandard

/// Takes a packed bundle apart into the contents of its frames and puts it together again with a flaw; sizes and the seek table fit what
/// is there, so that what a reader refuses is the flaw.
public struct PackedForge {
  public enum Problem: Error {
    case noFrameBegins(String)
    case tooLarge(Int)
  }

  /// What the frames hold, in their order.
  public var contents: [[UInt8]]
  /// Sizes of contents that the table says, where it shall not be the truth.
  public var stated: [Int: Int] = [:]
  /// Frames that stand for contents, where they shall not be made of them.
  public var frames: [Int: [UInt8]] = [:]
  /// Whether the table follows.
  public var hasTable = true

  /// - Parameter bytes: A sound archive.
  public init(_ bytes: [UInt8]) throws {
    let table = try SeekTable(atEndOf: InputFile(standingIn: bytes, path: "packed.tar.zst"))
    contents = try (0..<table.frameCount).map { frame in
      try PackedForge.content(Array(bytes[table[frame]]), byteCount: Int(table.contentByteCounts[frame]))
    }
  }

  /// A damaged table may say any size.
  private static func content(_ frame: [UInt8], byteCount: Int) throws -> [UInt8] {
    guard byteCount <= 1 << 20 else { throw Problem.tooLarge(byteCount) }
    var decompressor = try FrameDecompressor()
    var buffer = ByteBuffer(byteCount: byteCount)
    var target = buffer.mutableBytes
    try decompressor.decompress(frame.rawBytes, into: &target, at: 0..<byteCount)
    return buffer.bytes.copied
  }

  /// The frame with the header of an entry.
  public func header(of name: String) throws -> Int {
    let wanted = Array(name.utf8) + [0]
    guard let frame = contents.firstIndex(where: { $0.count >= 512 && $0.suffix(512).starts(with: wanted) })
    else { throw Problem.noFrameBegins(name) }
    return frame
  }

  /// Puts another header in the place of an entry's; the zeros before it stay.
  public mutating func replaceHeader(of name: String, by entry: TarBuilder.Entry) throws {
    let frame = try header(of: name)
    contents[frame].replaceSubrange((contents[frame].count - 512)..., with: TarBuilder([entry]).bytes.prefix(512))
  }

  public func bytes() throws -> [UInt8] {
    var file: [UInt8] = []
    var table = SeekTable()
    for (index, content) in contents.enumerated() {
      let frame = try frames[index] ?? Zstandard.compress(content.rawBytes)
      file += frame
      try table.append(byteCount: frame.count, contentByteCount: stated[index] ?? content.count)
    }
    return hasTable ? file + table.encoded : file
  }
}
