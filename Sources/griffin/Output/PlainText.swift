import ByteStorage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A text as a whole: of a file, or of standard input.
enum PlainText {
  /// The path that stands for standard input.
  static let standardInput = "-"

  private static let maximumBytes = 64 << 20

  /// - Throws: `missing`, `unreadable`, `unsafe` for a text that is too large, `malformed` where it is not UTF-8.
  static func read(path: String) throws(GriffinError) -> String {
    guard path != standardInput else {
      guard let text = String(validating: try readStandardInput(), as: UTF8.self) else { throw notText(file: "standard input") }
      return text
    }
    let file = try InputFile(path: path)
    guard file.byteCount <= maximumBytes else {
      throw GriffinError(.unsafe, file: path, "the file has \(file.byteCount) bytes; at most \(maximumBytes) are read")
    }
    guard let text = file.bytes.utf8Text else { throw notText(file: path) }
    return text
  }

  /// The same without a line end at its end, which editors put there and nobody means.
  static func prompt(path: String) throws(GriffinError) -> String {
    var scalars = try read(path: path).unicodeScalars[...]
    if scalars.last == "\n" { scalars.removeLast() }
    if scalars.last == "\r" { scalars.removeLast() }
    return String(scalars)
  }

  private static func notText(file: String) -> GriffinError {
    GriffinError(.malformed, file: file, "the text is not valid UTF-8")
  }

  private static func readStandardInput() throws(GriffinError) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // Sound: the buffer is borrowed for the call, and no more is written than it has.
      let count = unsafe part.withUnsafeMutableBytes { unsafe platformRead(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR {
        if Interruption.cancellation.isCancelled { throw GriffinError(.interrupted, "interrupted while reading standard input") }
        continue
      }
      guard count >= 0 else {
        throw GriffinError(.unreadable, file: "standard input", "reading failed: error \(errno)")
      }
      guard count > 0 else { return bytes }
      bytes += part[..<count]
      guard bytes.count <= maximumBytes else {
        throw GriffinError(.unsafe, file: "standard input", "the text has more than \(maximumBytes) bytes")
      }
    }
  }
}
