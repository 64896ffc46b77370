/// What an archive says of one of its entries, unchecked.
public struct ArchiveEntry: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case file, folder
    /// Another name for something: a symbolic or a hard link.
    case link
    /// A device, a pipe, a socket.
    case special
  }

  /// The name as it is stored.
  public let name: String
  public let kind: Kind
  /// Bytes that the entry is said to have; nil where the archive does not say.
  public let statedByteCount: Int?
  public let isEncrypted: Bool
}
