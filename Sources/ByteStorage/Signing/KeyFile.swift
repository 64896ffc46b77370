/// What a key file holds: the DER of one key, and what its PEM frame calls it (RFC 7468). Text around the frame is ignored.
struct KeyFile {
  /// Bytes of a key file at most; one of Ed25519 has about a hundred.
  static let maximumByteCount = 64 << 10
  /// The object identifier 1.3.101.112, as DER has it.
  static let ed25519Identifier: [UInt8] = [0x2B, 0x65, 0x70]
  static let generationHint = "openssl genpkey -algorithm ed25519 -out FILE makes a private key, openssl pkey -in FILE -pubout its public half"

  private let path: String
  /// Such as `PRIVATE KEY`; nil where the file is plain DER.
  let label: String?
  let bytes: [UInt8]

  init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    guard file.byteCount <= KeyFile.maximumByteCount else {
      throw GriffinError(
        .unsafe, file: path, "the file has \(file.byteCount) bytes; a key file has at most \(KeyFile.maximumByteCount)")
    }
    let buffer = try FileContents.file(file).read()
    let content = buffer.bytes.copied
    self.path = path
    if content.first == DERReader.Tag.sequence.rawValue {
      (label, bytes) = (nil, content)
      return
    }
    let lines = content.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).map { KeyFile.trimmed($0) }
    let begins = lines.indices.filter { KeyFile.label(of: lines[$0], "BEGIN") != nil }
    guard let begin = begins.first, let label = KeyFile.label(of: lines[begin], "BEGIN") else {
      throw GriffinError(
        .malformed, file: path, "expected a key in PEM (a line -----BEGIN … KEY-----) or DER", hints: [KeyFile.generationHint])
    }
    guard begins.count == 1 else {
      throw GriffinError(.malformed, file: path, "expected one key, found \(begins.count) PEM blocks")
    }
    guard let end = lines[begin...].firstIndex(where: { KeyFile.label(of: $0, "END") == label }) else {
      throw GriffinError(.malformed, file: path, "the PEM block has no line -----END \(label)-----; the file may be truncated")
    }
    // What openssl once wrote for encrypted keys has header lines, which are no base64.
    guard let bytes = Base64.decode(lines[(begin + 1)..<end].joined()) else {
      throw GriffinError(.malformed, file: path, "the PEM block \(label) is not base64")
    }
    (self.label, self.bytes) = (label, bytes)
  }

  var foundLabel: String { label.map { "a PEM block \($0)" } ?? "DER" }

  func error(_ kind: GriffinError.Kind, _ message: String, hints: [String] = []) -> GriffinError {
    GriffinError(kind, file: path, message, hints: hints)
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let last = line.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { line.removeLast() }
    return line
  }

  /// The label of a line `-----BEGIN LABEL-----`: capitals, digits and spaces, at most 64.
  private static func label(of line: ArraySlice<UInt8>, _ word: String) -> String? {
    let (prefix, suffix) = (Array("-----\(word) ".utf8), Array("-----".utf8))
    guard line.starts(with: prefix), line.count > prefix.count + suffix.count, line.suffix(suffix.count).elementsEqual(suffix) else {
      return nil
    }
    let label = line.dropFirst(prefix.count).dropLast(suffix.count)
    let allowed = label.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: " ") || (48...57).contains($0) }
    return allowed && label.count <= 64 ? String(decoding: label, as: UTF8.self) : nil
  }
}

/// Base64 of RFC 4648 with padding; nothing else is passed over.
enum Base64 {
  static func decode(_ digits: some Collection<UInt8>) -> [UInt8]? {
    guard digits.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    var (bits, padding): (UInt32, Int) = (0, 0)
    for (index, digit) in digits.enumerated() {
      if digit == UInt8(ascii: "=") {
        padding += 1
        bits <<= 6
      } else {
        guard padding == 0, let value = value(digit) else { return nil }
        bits = bits << 6 | UInt32(value)
      }
      if index % 4 == 3 {
        let group = [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
        guard padding <= 2, padding == 0 || index == digits.count - 1, group.suffix(padding).allSatisfy({ $0 == 0 }) else { return nil }
        bytes += group.dropLast(padding)
        bits = 0
      }
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
