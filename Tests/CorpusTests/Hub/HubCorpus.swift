import ByteStorage
import Foundation
import TestSupport

/// `formats/hub-cache.md`: names, references and snapshots.
enum HubCorpus {
  static let page = "hub-cache.md"
  private static let commit = String(repeating: "a", count: 40)

  /// A repository in a cache of its own, changed.
  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String..., source: String = "owner/name",
    change: @escaping @Sendable (CorpusFolder, HubCacheFolder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "hub-\(name)", rule: Rule(page, words), kind: kind, mentions: mentions,
      arguments: ["convert", "--target", source, "-o", "out.griffin"]
    ) { folder in
      let cache = try HubCacheFolder(folder.cachePath)
      let target = try TinyCheckpoint.target()
      try cache.add(
        "owner/name", commit: commit, references: ["main"],
        files: [("config.json", Array(target.configText.utf8)), ("model.safetensors", SafetensorsBuilder(target.source).bytes)])
      try change(folder, cache)
    }
  }

  private static let reference = "it MUST hold the name of a commit"
  private static let missing = "A repository, revision or file that is not there is exit 66"
  private static let names = "neither begin nor end with `-` or `.`, and hold no `--` and no `..`"

  static let hostile: [HostileCase] =
    [
      ("to-the-parent", "../name"), ("with-dots-inside", "ow..ner/name"), ("with-dashes-inside", "ow--ner/name"),
      ("dot-first", ".owner/name"),
      ("dash-last", "owner/name-"), ("of-three-parts", "owner/name/more"),
      ("of-97-characters", "owner/" + String(repeating: "n", count: 91)),
      ("revision-to-the-parent", "owner/name@../../x"), ("revision-absolute", "owner/name@/etc"),
      ("revision-empty", "owner/name@"),
      ("with-a-space", "owner/na me"), ("with-a-backslash", "owner/na\\me"), ("with-an-escape-sequence", "owner/na\u{1B}me"),
    ].map { name, source in
      refuse("name-\(name)", names, .missing, "no such file or folder", source: source) { _, _ in }
    } + [
      refuse("repository-missing", missing, .missing, "owner/other", source: "owner/other") { _, _ in },
      refuse("revision-missing", missing, .missing, "revision v2", source: "owner/name@v2") { _, _ in },
      refuse("reference-empty", reference, .malformed, "refs/main") { folder, _ in try folder.setReference([]) },
      refuse("reference-to-the-parent", reference, .malformed, "refs/main") { folder, _ in
        try folder.setReference(Array("..".utf8))
      },
      refuse("reference-outside", reference, .malformed, "refs/main") { folder, _ in
        try folder.setReference(Array("../../../etc".utf8))
      },
      refuse("reference-absolute", reference, .malformed, "refs/main") { folder, _ in
        try folder.setReference(Array("/etc/passwd".utf8))
      },
      refuse("reference-with-nul", reference, .malformed, "refs/main") { folder, _ in
        try folder.setReference(Array("abc\0def".utf8))
      },
      refuse("reference-not-utf-8", reference, .malformed, "refs/main") { folder, _ in try folder.setReference([0xFF, 0xFE]) },
      refuse("reference-of-two-lines", reference, .malformed, "refs/main") { folder, _ in
        try folder.setReference(Array("abc\ndef".utf8))
      },
      refuse("reference-of-a-gibibyte", "at most 256 bytes", .malformed, "refs/main") { folder, _ in
        let file = FileHandle(forWritingAtPath: folder.referencePath)
        try file?.truncate(atOffset: 1 << 30)
      },
      refuse("reference-a-link-to-passwd", reference, .malformed, "refs/main") { folder, _ in
        try FileManager.default.removeItem(atPath: folder.referencePath)
        try FileManager.default.createSymbolicLink(atPath: folder.referencePath, withDestinationPath: "/etc/passwd")
      },
      refuse("reference-to-no-snapshot", missing, .missing, "revision main") { folder, _ in
        try folder.setReference(Array("bbbb".utf8))
      },
      refuse("reference-a-folder", missing, .missing, "revision main") { folder, _ in
        try FileManager.default.removeItem(atPath: folder.referencePath)
        try FileManager.default.createDirectory(atPath: folder.referencePath, withIntermediateDirectories: false)
      },
      refuse("snapshot-missing", missing, .missing, "revision main") { _, cache in
        try FileManager.default.removeItem(atPath: cache.folder("owner/name") + "/snapshots")
      },
      refuse("snapshot-a-file", missing, .missing, "revision main") { _, cache in
        let path = cache.folder("owner/name") + "/snapshots/" + commit
        try FileManager.default.removeItem(atPath: path)
        try Data().write(to: URL(fileURLWithPath: path))
      },
      refuse("snapshot-a-dangling-link", missing, .missing, "revision main") { _, cache in
        let path = cache.folder("owner/name") + "/snapshots/" + commit
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
      },
      refuse("blobs-missing", missing, .missing, "snapshots") { _, cache in
        try FileManager.default.removeItem(atPath: cache.folder("owner/name") + "/blobs")
      },
      refuse("config-a-dangling-link", missing, .missing, "config.json") { _, cache in
        let path = cache.folder("owner/name") + "/snapshots/\(commit)/config.json"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "../../blobs/absent")
      },
      refuse("config-a-link-to-itself", missing, .missing, "config.json") { _, cache in
        let path = cache.folder("owner/name") + "/snapshots/\(commit)/config.json"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "config.json")
      },
    ]
}

extension CorpusFolder {
  /// Where the command looks for downloaded repositories.
  var cachePath: String { path + "/cache/hub" }

  fileprivate var referencePath: String { cachePath + "/models--owner--name/refs/main" }

  fileprivate func setReference(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: referencePath)) }
}
