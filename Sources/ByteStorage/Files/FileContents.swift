/// The content of a small file: on disk, or in memory where another format held it.
public enum FileContents: Sendable {
  case file(InputFile)
  case bytes([UInt8])

  public var byteCount: Int {
    switch self {
    case .file(let file): file.byteCount
    case .bytes(let bytes): bytes.count
    }
  }

  /// The file on disk, where it is one.
  public var file: InputFile? {
    if case .file(let file) = self { file } else { nil }
  }

  /// All bytes, read with `pread`; the caller has bounded `byteCount`.
  /// - Throws: `io`, or `changed` where the file ends early.
  public func read() throws(GriffinError) -> ByteBuffer {
    var buffer = ByteBuffer(byteCount: byteCount)
    var target = buffer.mutableBytes
    switch self {
    case .file(let file) where file.far != nil:
      try file.require(0..<file.byteCount)
      target.copy(file.bytes, to: 0)
    case .file(let file): try file.read(at: 0, into: &target)
    case .bytes(let bytes): target.copy(bytes.rawBytes, to: 0)
    }
    return buffer
  }
}

extension InputFile {
  /// The whole of a small file.
  /// - Parameters:
  ///   - limit: The most bytes that are read.
  ///   - name: What the file is, for the message.
  /// - Throws: `unsafe` where it has more; what reading throws.
  package func contents(limit: Int, name: String = "the file") throws(GriffinError) -> ByteBuffer {
    guard byteCount <= limit else {
      throw GriffinError(.unsafe, file: path, "\(name) has \(byteCount) bytes, at most \(limit) are read")
    }
    return try FileContents.file(self).read()
  }
}
