internal import Crypto

/// The 32 bytes of a SHA-256, and their lower-case hexadecimal form.
public struct SHA256Digest: Sendable, Hashable {
  public static let byteCount = 32
  /// Exactly 32 bytes.
  public let bytes: [UInt8]

  /// - Returns: nil where there are not exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == SHA256Digest.byteCount else { return nil }
    self.bytes = bytes
  }

  /// - Returns: nil where the text is not 64 lower-case hexadecimal digits.
  public init?(hexadecimal: String) {
    let digits = Array(hexadecimal.utf8)
    guard digits.count == 2 * SHA256Digest.byteCount else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = SHA256Digest.value(digits[index]), let low = SHA256Digest.value(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// 64 lower-case hexadecimal digits.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of bytes that are at hand.
  public init(of bytes: RawSpan) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finalize()
  }
}

extension SHA256Digest: CustomStringConvertible {
  public var description: String { hexadecimal }
}

/// SHA-256 over bytes that arrive in pieces.
public struct SHA256Hasher {
  private var state = SHA256()

  public init() {}

  public mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
  }

  public func finalize() -> SHA256Digest {
    guard let digest = SHA256Digest(bytes: Array(state.finalize())) else { preconditionFailure("SHA-256 has 32 bytes") }
    return digest
  }
}
