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
    guard let bytes = Hexadecimal.decode(hexadecimal, byteCount: SHA256Digest.byteCount) else { return nil }
    self.bytes = bytes
  }

  /// 64 lower-case hexadecimal digits.
  public var hexadecimal: String { Hexadecimal.encode(bytes) }

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
public struct SHA256Hasher: Sendable {
  private var state = SHA256()

  public init() {}

  public mutating func update(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe state.update(bufferPointer: $0) }
  }

  public func finalize() -> SHA256Digest {
    // Not Array(_:) of the sequence, which writes to the storage that all empty arrays share, a race to the thread sanitizer.
    let bytes = unsafe state.finalize().withUnsafeBytes { unsafe [UInt8]($0) }
    guard let digest = SHA256Digest(bytes: bytes) else { preconditionFailure("SHA-256 has 32 bytes") }
    return digest
  }
}
