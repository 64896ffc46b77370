import ByteStorage
import TestSupport

/// Image layouts that are not what `griffin pack --oci` writes (section 8 of formats/archive.md).
enum ImageLayoutCorpus {
  private struct NotWritten: Error { let text: String }

  /// Writes the tiny pair's layout into `layout`.
  private static func make(_ folder: CorpusFolder) throws {
    try folder.write(TinyBundle.pair(), to: "pair.griffin")
    let run = try CorpusRun(["pack", "pair.griffin", "--oci", "layout"], in: folder)
    guard run.status == 0 else { throw NotWritten(text: String(decoding: run.output, as: UTF8.self) + run.errors) }
    try folder.remove("pair.griffin")
  }

  /// The blob of the first part of the bundle, by its path.
  private static func part(_ folder: CorpusFolder) throws -> String {
    let indexText = try folder.read("layout/index.json")
    let index = try JSONValue.parse(indexText.rawBytes, limits: .config)
    let manifestText = try folder.read(blob(index["manifests"]?.array?.first))
    let manifest = try JSONValue.parse(manifestText.rawBytes, limits: .config)
    return try blob(manifest["layers"]?.array?.first)
  }

  private static func blob(_ descriptor: JSONValue?) throws -> String {
    guard let digest = descriptor?["digest"]?.string else { throw NotWritten(text: "a descriptor has no digest") }
    return "layout/blobs/sha256/\(digest.dropFirst(7))"
  }

  private static func layout(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: [String], change: @escaping @Sendable (CorpusFolder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "layout-\(name)", rule: Rule("archive.md", words), kind: kind, mentions: mentions, arguments: ["unpack", "layout", "-o", "out.griffin"]
    ) { folder in
      try make(folder)
      try change(folder)
    }
  }

  private static func text(_ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: [String], file: String, _ old: String, _ new: String) -> HostileCase {
    layout(name, words, kind, [file] + mentions) { folder in
      let path = "layout/\(file)"
      let text = String(decoding: try folder.read(path), as: UTF8.self)
      guard text.contains(old) else { throw NotWritten(text: text) }
      try folder.write(text.replacing(old, with: new, maxReplacements: 1), to: path)
    }
  }

  private static let index = "`index.json` with exactly one descriptor of an image manifest"

  static let hostile: [HostileCase] = [
    layout("blob-damaged", "each blob named by its SHA-256", .malformed, ["blobs/sha256/", "SHA-256 is not the one"]) { folder in
      var bytes = try folder.read(part(folder))
      bytes[bytes.count / 2] ^= 1
      try folder.write(bytes, to: part(folder))
    },
    layout("blob-cut", "Descriptors MUST state the size", .malformed, ["blobs/sha256/", "another number"]) { folder in
      try folder.write(Array(folder.read(part(folder)).dropLast()), to: part(folder))
    },
    layout("blob-missing", "each blob named by its SHA-256", .missing, ["blobs/sha256/"]) { folder in try folder.remove(part(folder)) },
    layout("blob-that-is-a-link", "a link in place of one `unsafe`", .unsafe, ["blobs/sha256/", "a link"]) { folder in
      let path = try part(folder)
      try folder.write(folder.read(path), to: "elsewhere")
      try folder.remove(path)
      try folder.link(path, to: "../../../elsewhere")
    },
    text("digest-that-leads-elsewhere", "each blob named by its SHA-256", .malformed, ["expected a digest"], file: "index.json", "\"sha256:", "\"sha256:../../../"),
    text("of-no-image", index, .inconsistent, ["0 images"], file: "index.json", "image.manifest.v1", "image.other.v1"),
    text("of-another-version", "version 1.0.0 of the layout", .unsupported, ["1.0.0"], file: "oci-layout", "1.0.0", "2.0.0"),
    layout("without-its-index", index, .missing, ["index.json"]) { folder in try folder.remove("layout/index.json") },
  ]
}
