/// The constants of the bundle format, version 1. Section numbers refer to `formats/bundle.md`.
public enum BundleFormat {
  /// The only version there is (section 8).
  public static let version: UInt32 = 1
  /// The extension of bundle files.
  public static let fileExtension = "griffin"
  /// A bundle's name without the extension.
  package static func title(ofFile name: String) -> String {
    let suffix = "." + fileExtension
    return name.hasSuffix(suffix) && name.count > suffix.count ? String(name.dropLast(suffix.count)) : name
  }
  /// Bytes of the header, and the offset of the manifest (section 2).
  public static let headerByteCount = 128
  /// Payloads begin at multiples of this, and the file ends at one (section 4).
  public static let alignment = 16384

  /// A byte above 127, then text that every kind of line-end translation changes (section 2).
  static let magic: [UInt8] = [0x89, 0x47, 0x52, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  /// The value of the manifest's `format`.
  static let formatName = "griffin-bundle"

  /// Limits on what a reader accepts (section 7), checked before anything is allocated.
  public enum Limit {
    public static let manifestBytes = 64 << 20
    /// Entries of `tensors`, of `payloads`.
    public static let tensors = 262_144
    public static let payloads = 266_240
    public static let attachments = 4096
    public static let provenance = 65_536
    public static let importance = 256
    public static let importanceTexts = 4096
    public static let metadata = 4096
    public static let tensorNameBytes = 1024
    public static let fileNameBytes = 255
    /// Bytes of a family, kind or recipe name.
    public static let wordBytes = 256
    public static let metadataKeyBytes = 256
    public static let metadataValueBytes = 65_536
    /// Bytes of one attachment's content.
    public static let attachmentBytes = 64 << 20
    /// Bytes of the contents of all attachments.
    public static let allAttachmentBytes = 128 << 20
    /// Bytes of one attachment's zstd frame.
    public static let frameBytes = 65 << 20
  }
}
