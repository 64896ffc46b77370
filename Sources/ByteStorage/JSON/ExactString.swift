/// Text compared by its bytes.
///
/// Swift's `String` calls two spellings of one text equal when Unicode does; keys of JSON objects
/// and tokens of a vocabulary are equal only when their bytes are.
public struct ExactString: Sendable, Hashable {
  public let text: String

  public init(_ text: String) { self.text = text }

  public static func == (left: ExactString, right: ExactString) -> Bool { left.text.hasSameBytes(as: right.text) }

  public func hash(into hasher: inout Hasher) {
    // Sound: the bytes are borrowed for the call and only read.
    unsafe text.rawBytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}

extension ExactString: Comparable {
  /// The order of the bytes, which is that of the Unicode scalars.
  public static func < (left: ExactString, right: ExactString) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension String {
  /// Whether both texts are the same UTF-8 bytes.
  public func hasSameBytes(as other: String) -> Bool {
    rawBytes.equals(other.rawBytes)
  }
}
