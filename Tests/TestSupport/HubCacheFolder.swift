import Foundation

/// A cache of the Hugging Face hub as `huggingface_hub` lays it out on disk: blobs, refs, and snapshots of links.
public struct HubCacheFolder {
  public let path: String

  /// - Parameter path: The cache, which is made where it is not there.
  public init(_ path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// The folder of a repository.
  public func folder(_ repository: String) -> String {
    path + "/models--" + repository.replacing("/", with: "--")
  }

  /// Adds a commit with these files, each a blob and a link to it.
  /// - Parameter references: Branches and tags that are at the commit.
  public func add(_ repository: String, commit: String, references: [String] = [], files: [(name: String, bytes: [UInt8])]) throws {
    let manager = FileManager.default
    let base = folder(repository)
    for name in ["blobs", "refs", "snapshots/\(commit)"] {
      try manager.createDirectory(atPath: "\(base)/\(name)", withIntermediateDirectories: true)
    }
    for file in files {
      // Named by their contents, so that commits share what did not change.
      let blob = String(crc32(file.bytes), radix: 16) + "-\(file.bytes.count)"
      try Data(file.bytes).write(to: URL(fileURLWithPath: "\(base)/blobs/\(blob)"))
      try manager.createSymbolicLink(
        atPath: "\(base)/snapshots/\(commit)/\(file.name)", withDestinationPath: "../../blobs/\(blob)")
    }
    for reference in references {
      let file = URL(fileURLWithPath: "\(base)/refs/\(reference)")
      try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(commit.utf8).write(to: file)
    }
  }

  /// Adds a commit with the files of a folder.
  public func add(_ repository: String, commit: String, references: [String] = [], folder: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    try add(
      repository, commit: commit, references: references,
      files: names.map { ($0, try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))) })
  }
}
