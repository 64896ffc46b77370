/// Makes tar archives (ustar), right ones and wrong ones.
public struct TarBuilder {
  public struct Entry: Sendable {
    public var name: String
    public var bytes: [UInt8]
    /// `0` a file, `1` a hard link, `2` a symbolic link, `3` and `4` devices, `5` a folder, `6` a pipe.
    public var type: Character = "0"
    public var link = ""
    /// Bytes that the header states, where it shall not be the truth.
    public var statedByteCount: Int?
    /// The bytes of the name and of the size's field, where no text makes them.
    public var rawName: [UInt8]?
    public var rawSize: [UInt8]?

    public init(rawName: [UInt8], _ bytes: [UInt8]) {
      self.init("", bytes)
      self.rawName = rawName
    }

    /// - Parameter rawSize: 12 bytes.
    public init(rawSize: [UInt8], _ name: String) {
      self.init(name)
      self.rawSize = rawSize
    }

    public init(_ name: String, _ bytes: [UInt8] = [], type: Character = "0", link: String = "", statedByteCount: Int? = nil) {
      (self.name, self.bytes, self.type, self.link, self.statedByteCount) = (name, bytes, type, link, statedByteCount)
    }
  }

  public var entries: [Entry]
  /// Whether the two blocks of zeros follow that end an archive.
  public var hasEnd = true

  public init(_ entries: [Entry] = []) { self.entries = entries }

  public var bytes: [UInt8] {
    var file: [UInt8] = []
    for entry in entries {
      file += TarBuilder.header(entry) + entry.bytes
      file += [UInt8](repeating: 0, count: (512 - entry.bytes.count % 512) % 512)
    }
    return hasEnd ? file + [UInt8](repeating: 0, count: 1024) : file
  }

  private static func header(_ entry: Entry) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: [UInt8], _ offset: Int) { block.replaceSubrange(offset..<offset + text.count, with: text) }
    func octal(_ value: Int, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
    }
    put(Array((entry.rawName ?? Array(entry.name.utf8)).prefix(100)), 0)
    put(octal(0o644, digits: 7), 100)
    put(octal(0, digits: 7), 108)
    put(octal(0, digits: 7), 116)
    put(octal(entry.statedByteCount ?? entry.bytes.count, digits: 11), 124)
    if let size = entry.rawSize { put(size, 124) }
    put(octal(0, digits: 11), 136)
    put(Array("        ".utf8), 148)
    put(Array(String(entry.type).utf8), 156)
    put(Array(entry.link.utf8.prefix(100)), 157)
    put(Array("ustar".utf8) + [0] + Array("00".utf8), 257)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + [0, 0x20], 148)
    return block
  }
}
