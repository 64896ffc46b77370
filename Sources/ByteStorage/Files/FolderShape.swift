/// What a folder of files that is made as a whole can hold. Nothing else is ever removed with it.
public struct FolderShape: Sendable, Hashable {
  /// What such a folder is called: `an export`.
  let name: String
  /// Folders with plain files in them and nothing deeper, such as `blobs/sha256`; nil for any at its top.
  private let folders: [String]?
  /// Names of files at its top; nil for any.
  private let files: [String]?

  /// The files of an exported pair.
  public static let export = FolderShape(name: "an export", folders: ["target", "draft"], files: [])
  /// An OCI image layout.
  public static let imageLayout = FolderShape(name: "an image layout", folders: ["blobs/sha256"], files: ["oci-layout", "index.json"])
  /// Files, and folders with files in them.
  static let loose = FolderShape(name: "an export", folders: nil, files: nil)

  /// Whether a file has its place in a folder of the whole, the top being the empty name; what is still in the making counts.
  func hasFile(_ name: String, in folder: String) -> Bool {
    guard folder.isEmpty else { return folders?.contains(folder) ?? !folder.contains("/") }
    return files?.contains { name == $0 || name == $0 + OutputFile.partialSuffix } ?? true
  }

  /// Whether a folder of the whole is one with files, or leads to one.
  func hasFolder(_ folder: String) -> Bool {
    folders?.contains { $0 == folder || $0.hasPrefix(folder + "/") } ?? !folder.contains("/")
  }
}
