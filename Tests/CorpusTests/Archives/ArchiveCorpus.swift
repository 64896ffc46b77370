import ByteStorage
import Foundation
import TestSupport

/// `formats/archives.md`: names, links, bombs and what is cut off. Nothing that was unpacked may be left behind.
enum ArchiveCorpus {
  static let hostile: [HostileCase] = names + kinds + bombs + damage + contents
  static let page = "archives.md"

  /// The files of the tiny target.
  static func model(_ prefix: String = "model/") throws -> [TarBuilder.Entry] {
    let target = try TinyCheckpoint.target()
    return [
      TarBuilder.Entry(prefix + "config.json", Array(target.configText.utf8)),
      TarBuilder.Entry(prefix + "model.safetensors", SafetensorsBuilder(target.source).bytes),
    ]
  }

  /// An archive of a name that says what it is.
  static func file(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String..., as file: String = "model.tar",
    bytes: @escaping @Sendable () throws -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "archive-\(name)", rule: Rule(page, words), kind: kind, mentions: [file] + mentions,
      arguments: ["convert", "--target", file, "-o", "out.griffin"]
    ) { folder in try folder.write(bytes(), to: file) }
  }

  /// A tar archive of the tiny target and more.
  static func tar(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .unsafe, _ mentions: String...,
    change: @escaping @Sendable (inout TarBuilder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "archive-\(name)", rule: Rule(page, words), kind: kind, mentions: ["model.tar"] + mentions,
      arguments: ["convert", "--target", "model.tar", "-o", "out.griffin"]
    ) { folder in
      var archive = try TarBuilder(model())
      try change(&archive)
      try folder.write(archive.bytes, to: "model.tar")
    }
  }

  /// A zip archive of the tiny target and more.
  static func zip(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .unsafe, _ mentions: String...,
    change: @escaping @Sendable (inout ZipBuilder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "archive-zip-\(name)", rule: Rule(page, words), kind: kind, mentions: ["model.zip"] + mentions,
      arguments: ["convert", "--target", "model.zip", "-o", "out.griffin"]
    ) { folder in
      var archive = ZipBuilder()
      for entry in try model() { archive.add(entry.name, entry.bytes) }
      try change(&archive)
      try folder.write(archive.bytes, to: "model.zip")
    }
  }

  private static let names: [HostileCase] =
    [
      ("to-the-parent", "../evil"), ("to-the-parent-from-inside", "model/../../evil"), ("parent-at-the-end", "model/.."),
      ("parent-itself", ".."),
      ("absolute", "/tmp/evil"), ("twice-absolute", "//tmp/evil"), ("with-a-backslash", "model\\..\\evil"),
      ("with-a-drive", "C:evil"),
      ("with-an-escape-sequence", "evil\u{1B}[2J"), ("with-a-line-feed", "evil\nname"), ("with-a-c1-control", "evil\u{9B}2J"),
      ("deep-and-back", "a/b/c/../../../../evil"),
    ].flatMap { name, entry in
      // Control characters are shown escaped, and libarchive takes the backslashes of a zip archive for slashes.
      let shown = entry.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\\" } ? "evil" : entry
      return [
        tar("name-\(name)", "no `..` part, no leading `/`, no drive", .unsafe, shown) { $0.entries.append(.init(entry, [1])) },
        zip("name-\(name)", "no `..` part, no leading `/`, no drive", .unsafe, shown) { $0.add(entry, [1]) },
      ]
    } + [
      tar("name-not-utf-8", "UTF-8; at most 4096 bytes", .malformed, "UTF-8") {
        $0.entries.append(.init(rawName: [0x66, 0xFC, 0x72], [1]))
      },
      zip("name-with-nul", "no control character", .malformed, "zip") { $0.add("model/tokenizer.json\0.txt", [1]) },
      zip("name-empty", "not empty", .malformed, "no name") { $0.add("", [1]) },
      zip("name-of-5000-bytes", "at most 4096 bytes, 255 a part", .unsafe, "4096") {
        $0.add(String(repeating: "a/", count: 2500) + "b", [1])
      },
      zip("name-part-of-256-bytes", "at most 4096 bytes, 255 a part", .unsafe, "255") {
        $0.add("model/" + String(repeating: "n", count: 256), [1])
      },
      zip("folders-deeper-than-64", "64 folders deep", .unsafe, "64") { $0.add(String(repeating: "a/", count: 65) + "b", [1]) },
      zip("many-deep-folders", "64 folders deep", .unsafe, "64") { archive in
        for index in 0..<2000 { archive.add(String(repeating: "a/", count: 2000) + "\(index)", []) }
      },
    ]

  private static let linked = "links, symbolic and hard"
  private static let once = "a file's name occurs once"

  private static let kinds: [HostileCase] =
    [
      ("symbolic-link-to-passwd", "2", "/etc/passwd"), ("symbolic-link-to-the-parent", "2", "../../evil"),
      ("symbolic-link-inside", "2", "config.json"),
      ("symbolic-link-to-itself", "2", "tokenizer.json"), ("hard-link-inside", "1", "model/config.json"),
      ("hard-link-to-passwd", "1", "/etc/passwd"),
    ].map { name, type, link in
      tar(name, linked, .unsafe, "tokenizer.json", "link") {
        $0.entries.append(.init("model/tokenizer.json", type: Character(type), link: link))
      }
    } + [
      tar("link-to-a-folder-then-a-file-in-it", linked, .unsafe, "link") {
        $0.entries += [.init("model/sub", type: "2", link: "/tmp"), .init("model/sub/evil", [1])]
      },
      tar("character-device", "devices, pipes, sockets", .unsafe, "tokenizer.json") {
        $0.entries.append(.init("model/tokenizer.json", type: "3"))
      },
      tar("block-device", "devices, pipes, sockets", .unsafe, "tokenizer.json") {
        $0.entries.append(.init("model/tokenizer.json", type: "4"))
      },
      tar("pipe", "devices, pipes, sockets", .unsafe, "tokenizer.json") {
        $0.entries.append(.init("model/tokenizer.json", type: "6"))
      },
      tar("device-deep-down", "devices, pipes, sockets", .unsafe, "null") {
        $0.entries.append(.init("model/a/b/null", type: "3"))
      },
      zip("symbolic-link", linked, .unsafe, "tokenizer.json") { archive in
        var link = ZipBuilder.Member("model/tokenizer.json", Array("/etc/passwd".utf8))
        (link.madeBy, link.externalAttributes) = (3 << 8 | 20, 0o120777 << 16)
        archive.members.append(link)
      },
      tar("file-twice", once, .unsafe, "two entries") { $0.entries.append(.init("model/config.json", [1])) },
      tar("file-twice-by-a-dot", once, .unsafe, "two entries") { $0.entries.append(.init("./model/./config.json", [1])) },
      tar("file-twice-by-a-slash", once, .unsafe, "two entries") { $0.entries.append(.init("model//config.json", [1])) },
      tar("file-that-is-a-folder", once, .unsafe, "two entries") { $0.entries.append(.init("model/config.json/evil", [1])) },
      tar("folder-that-is-a-file", once, .unsafe, "two entries") { $0.entries.append(.init("model", [1])) },
      zip("file-twice", once, .unsafe, "two entries") { $0.add("model/config.json", [1]) },
      zip("encrypted", "Encrypted entries", .unsupported, "encrypted") { $0.members[1].flags = 1 },
    ]
}
