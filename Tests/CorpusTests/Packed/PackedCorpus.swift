import ByteStorage
import TestSupport

/// Packed bundles that are not what `griffin pack` writes (formats/archive.md).
enum PackedCorpus {
  static let page = "archive.md"

  private struct NotPacked: Error { let text: String }

  private static let packed = Result<[UInt8], any Error> {
    let folder = try CorpusFolder()
    try folder.write(TinyBundle.pair(), to: "pair.griffin")
    let run = try CorpusRun(["pack", "pair.griffin", "-o", "pair.tar.zst"], in: folder)
    guard run.status == 0 else { throw NotPacked(text: String(decoding: run.output, as: UTF8.self) + run.errors) }
    return try folder.read("pair.tar.zst")
  }

  /// The tiny pair, packed by the command.
  static func pair() throws -> [UInt8] { try packed.get() }

  private static func file(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: [String], arguments: [String] = ["unpack", "pair.tar.zst", "-o", "out.griffin"],
    make: @escaping @Sendable () throws -> [UInt8]
  ) -> HostileCase {
    HostileCase("packed-\(name)", rule: Rule(page, words), kind: kind, mentions: ["pair.tar.zst"] + mentions, arguments: arguments) { folder in
      try folder.write(make(), to: "pair.tar.zst")
    }
  }

  private static func forged(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: [String],
    change: @escaping @Sendable (inout PackedForge) throws -> Void
  ) -> HostileCase {
    file(name, words, kind, mentions) {
      var forge = try PackedForge(pair())
      try change(&forge)
      return try forge.bytes()
    }
  }

  private static func entry(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: [String], _ entry: TarBuilder.Entry, at place: String
  ) -> HostileCase {
    forged(name, words, kind, mentions + ["byte "]) { try $0.replaceHeader(of: place, by: entry) }
  }

  private static let unsafeName = "a name that is absolute, leads out of its folder or steers a terminal; a link, a device"
  private static let order = "They MUST be these, in this order"
  private static let note = "archive.json"

  static let hostile: [HostileCase] = [
    entry("absolute", unsafeName, .unsafe, ["absolute name"], .init("/etc/passwd", statedByteCount: 5), at: note),
    entry("above", unsafeName, .unsafe, ["leads out of its folder"], .init("payloads/../../up", statedByteCount: 5), at: note),
    entry("control", unsafeName, .unsafe, ["control characters"], .init("payloads/\u{1B}[2J", statedByteCount: 5), at: note),
    entry("symbolic-link", unsafeName, .unsafe, ["is a link"], .init(note, type: "2", link: "manifest.json"), at: note),
    entry("hard-link", unsafeName, .unsafe, ["is a link"], .init(note, type: "1", link: "manifest.json"), at: note),
    entry("device", unsafeName, .unsafe, ["is no file and no folder"], .init(note, type: "3"), at: note),
    entry("twice", "an entry that comes twice", .unsafe, ["comes twice"], .init("manifest.json", statedByteCount: 5), at: note),
    entry("of-another-name", order, .malformed, ["expected the entry archive.json"], .init("other.json", statedByteCount: 5), at: note),
    entry("folder", order, .malformed, ["which is no file"], .init("payloads", type: "5"), at: note),
    entry(
      "manifest-too-long", "a frame, a manifest or an archive.json that is too large", .unsafe, ["manifest.json has"],
      .init("manifest.json", statedByteCount: (64 << 20) + 1), at: "manifest.json"),
    entry(
      "note-too-long", "a frame, a manifest or an archive.json that is too large", .unsafe, ["archive.json has"],
      .init(note, statedByteCount: (16 << 20) + 1), at: note),
    forged("payload-of-wrong-size", "An entry's size MUST be that of its payload", .malformed, ["its payload has", "byte "]) {
      let place = try $0.firstPayload()
      try $0.replaceHeader(of: place, by: .init(place, statedByteCount: 1))
    },
    forged("out-of-order", order, .malformed, ["expected the entry payloads/", "byte "]) {
      let place = try $0.firstPayload()
      try $0.replaceHeader(of: place, by: .init("payloads/000999", statedByteCount: 1))
    },
    forged("not-a-header", order, .malformed, ["archive.json", "byte "]) {
      let frame = try $0.header(of: note)
      $0.contents[frame] = [UInt8](repeating: 7, count: $0.contents[frame].count)
    },
    forged("hidden-entry", "Headers and contents do not share frames", .malformed, ["bytes of something else", "byte "]) {
      let frame = try $0.header(of: note)
      $0.contents[frame] += TarBuilder([.init("hidden", [1])]).bytes.prefix(1024)
    },
    forged("plane-too-short", "A frame's content MUST be exactly its plane", .malformed, ["a plane of payloads/", "byte "]) {
      let frame = try $0.header(of: $0.firstPayload()) + 1
      $0.contents[frame].removeLast()
    },
    forged("plane-that-lies", "A frame's content MUST be exactly its plane", .malformed, ["the zstd frame", "byte "]) {
      let frame = try $0.header(of: $0.firstPayload()) + 1
      $0.stated[frame] = $0.contents[frame].count
      $0.contents[frame].removeLast()
    },
    forged("plane-damaged", "Every payload's SHA-256, once it is put together, MUST be the manifest's", .malformed, ["SHA-256 of payload", "byte "]) {
      let frame = try $0.header(of: $0.firstPayload()) + 1
      $0.contents[frame][0] ^= 1
    },
    forged("frame-damaged", "a frame that is damaged", .malformed, ["cannot be decompressed", "byte "]) {
      let frame = try $0.header(of: $0.firstPayload()) + 1
      $0.frames[frame] = [0x28, 0xB5, 0x2F, 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    },
    forged("bomb-in-a-frame", "Every frame MUST state its content size, at most 1048576 bytes", .unsafe, ["at most 1048576"]) {
      let frame = try $0.header(of: note)
      $0.contents[frame] = [UInt8](repeating: 0, count: 64 << 20)
    },
    forged("without-end", "an end mark that is missing", .malformed, ["cut off"]) { $0.contents.removeLast() },
    forged("end-too-short", "end mark of 1024 zeros", .malformed, ["expected the end mark", "byte "]) {
      $0.contents[$0.contents.count - 1] = [0]
    },
    forged("after-its-end", "After the end mark nothing follows", .malformed, ["follow the end mark", "byte "]) {
      $0.contents.append([UInt8](repeating: 0, count: 512))
    },
    forged("note-of-another-format", "MUST be `griffin-archive`", .malformed, ["archive.json"]) { try $0.changeNote("griffin-archive", "griffin-archiva") },
    forged("note-of-version-2", "MUST be 1; readers refuse others", .unsupported, ["version 2"]) { try $0.changeNote("\"version\":1", "\"version\":2") },
    forged("note-of-another-digest", "MUST be the bundle's digest", .malformed, ["not those of the manifest"]) { try $0.changeNote("\"digest\":\"", "\"digest\":\"0") },
    forged("note-without-base", "Without a base both lists MUST be empty", .malformed, ["no base is"]) { try $0.changeNote("\"left_out\":[]", "\"left_out\":[[0,0]]") },
    forged("note-out-of-order", "Pairs MUST stand in the order of their first numbers", .malformed, ["left_out"]) {
      try $0.changeNote("\"left_out\":[]", "\"left_out\":[[1,0],[1,0]]")
    },
    forged("manifest-damaged", "The manifest MUST obey every rule of bundle.md", .malformed, ["pair.tar.zst"]) {
      let frame = try $0.header(of: "manifest.json") + 1
      $0.contents[frame][0] = UInt8(ascii: "[")
    },
    file("cut", "The last frame MUST be a seek table", .malformed, ["seek table"]) { try Array(pair().dropLast(100)) },
    file("cut-in-half", "The last frame MUST be a seek table", .malformed, ["seek table"]) { try Array(pair().prefix(pair().count / 2)) },
    file("empty", "The last frame MUST be a seek table", .malformed, ["seek table"]) { [] },
    file("with-a-hole", "MUST fill the file up to the table", .malformed, ["bytes together"]) {
      var bytes = try pair()
      bytes.removeSubrange(3000..<3001)
      return bytes
    },
    file("of-too-many-frames", "At most 16777216 frames", .unsafe, ["at most 16777216"]) {
      var bytes = try pair()
      bytes.replaceSubrange(bytes.count - 9..<bytes.count - 5, with: [0xFF, 0xFF, 0xFF, 0x7F])
      return bytes
    },
    file("as-a-source-damaged", "take a packed bundle as they take an unpacked one", .malformed, ["SHA-256 of payload"], arguments: ["verify", "pair.tar.zst"]) {
      var forge = try PackedForge(pair())
      let frame = try forge.header(of: forge.firstPayload()) + 1
      forge.contents[frame][0] ^= 1
      return try forge.bytes()
    },
  ]

  static let accepted: [AcceptedCase] = [
    AcceptedCase(
      "packed-anew", rule: Rule(page, "How a frame is made is the writer's choice"), arguments: ["unpack", "pair.tar.zst", "-o", "out.griffin"]
    ) { folder in
      // The frames of another writer: with checksums, of another level.
      try folder.write(PackedForge(pair()).bytes(), to: "pair.tar.zst")
    },
    AcceptedCase(
      "packed-as-target", rule: Rule(page, "take a packed bundle as they take an unpacked one"),
      arguments: ["convert", "--target", "pair.tar.zst", "-o", "out.griffin"]
    ) { folder in try folder.write(pair(), to: "pair.tar.zst") },
  ]
}

extension PackedForge {
  /// The name of the first entry of a payload.
  fileprivate func firstPayload() throws -> String {
    for content in contents where content.count >= 512 {
      let name = String(decoding: content.suffix(512).prefix { $0 != 0 }, as: UTF8.self)
      if name.hasPrefix("payloads/") { return name }
    }
    throw Problem.noFrameBegins("payloads/")
  }

  /// Replaces words of archive.json, with a header that fits.
  fileprivate mutating func changeNote(_ old: String, _ new: String) throws {
    let frame = try header(of: "archive.json")
    let text = String(decoding: contents[frame + 1], as: UTF8.self)
    guard text.contains(old) else { throw Problem.noFrameBegins(old) }
    contents[frame + 1] = Array(text.replacing(old, with: new).utf8)
    try replaceHeader(of: "archive.json", by: .init("archive.json", statedByteCount: contents[frame + 1].count))
    let count = contents[frame + 2].count - 512
    let padding = (512 - contents[frame + 1].count % 512) % 512
    contents[frame + 2].replaceSubrange(0..<count, with: [UInt8](repeating: 0, count: padding))
  }
}
