extension ByteAlphabet {
  /// The character that stands for each byte, in UTF-8.
  private static let spellings: [[UInt8]] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) -> [UInt8] in
      var scalar = byte
      if !((0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)) {
        scalar = next
        next += 1
      }
      return Unicode.Scalar(scalar).map { Array(String($0).utf8) } ?? []
    }
  }()

  /// Bytes as the characters that stand for them.
  static func spell(_ bytes: ArraySlice<UInt8>) -> [UInt8] { bytes.flatMap { spellings[Int($0)] } }
}
