import ByteStorage
import TestSupport

extension ArchiveCorpus {
  private static let end = "a tar archive MUST end with its mark of zeros"
  private static let directory = "a zip archive with its directory"
  private static let content = "By content: tar (ustar, pax, GNU) and zip"

  static let damage: [HostileCase] =
    [("in-a-header", 100), ("after-a-header", 512), ("in-a-file", 600), ("between-entries", 1536)].map { name, count in
      file("cut-\(name)", end, .malformed, "archive") { try Array(TarBuilder(model()).bytes.prefix(count)) }
    } + [
      tar("without-its-end", end, .malformed, "cut off") { $0.hasEnd = false },
      file("cut-gzip", end, .malformed, "archive", as: "model.tar.gz") {
        try Array(Compression.gzip(TarBuilder(model()).bytes).dropLast(3000))
      },
      file("cut-xz", end, .malformed, "archive", as: "model.tar.xz") {
        try Array(Compression.xz(TarBuilder(model()).bytes).dropLast(3000))
      },
      file("cut-zstd", end, .malformed, "archive", as: "model.tar.zst") {
        try Array(Compression.zstd(TarBuilder(model()).bytes).dropLast(100))
      },
      file("damaged-xz", "those of xz, zstd and zip are", .malformed, "archive", as: "model.tar.xz") {
        var bytes = try Compression.xz(TarBuilder(model()).bytes)
        bytes[2000] ^= 1
        return bytes
      },
      file("damaged-zstd", "those of xz, zstd and zip are", .malformed, "archive", as: "model.tar.zst") {
        var bytes = try Compression.zstd(TarBuilder(model()).bytes)
        bytes[bytes.count - 2] ^= 1
        return bytes
      },
      file("with-a-damaged-header", end, .malformed, "archive") {
        var bytes = try TarBuilder(model()).bytes
        bytes[10] ^= 1
        return bytes
      },
      tar("entry-longer-than-the-file", end, .malformed, "archive") { archive in
        archive.entries.append(.init("model/tokenizer.json", [1], statedByteCount: 1 << 20))
        archive.hasEnd = false
      },
      tar("entry-size-negative", end, .malformed, "archive") {
        $0.entries.append(.init(rawSize: [0xFF] + [UInt8](repeating: 0xFF, count: 11), "model/x"))
      },
      file("empty", content, .malformed, "archive") { [] },
      file("a-web-page", content, .malformed, "archive", as: "model.zip") { Array("<!doctype html><title>Sign in</title>".utf8) },
      file("a-git-lfs-pointer", content, .malformed, "archive", as: "model.tar.gz") {
        Array("version https://git-lfs.github.com/spec/v1\n".utf8)
      },
      file("of-zeros", content, .malformed, "archive") { [UInt8](repeating: 0, count: 100) },
      file("rar", content, .malformed, "archive", as: "model.zip") {
        Array("Rar!".utf8) + [0x1A, 0x07, 0x01, 0x00] + [UInt8](repeating: 0, count: 600)
      },
      file("7-zip", content, .malformed, "archive", as: "model.zip") {
        Array("7z".utf8) + [0xBC, 0xAF, 0x27, 0x1C] + [UInt8](repeating: 0, count: 600)
      },
      file("cpio", content, .malformed, "archive") {
        Array("070701".utf8) + [UInt8](repeating: 0x30, count: 104) + Array("x\0".utf8)
      },
      file("bzip2", content, .malformed, "archive", as: "model.tar.gz") {
        Array("BZh91AY&SY".utf8) + [UInt8](repeating: 7, count: 600)
      },
      file("zip-cut-in-half", directory, .malformed, "archive", as: "model.zip") {
        var archive = ZipBuilder()
        for entry in try model() { archive.add(entry.name, entry.bytes) }
        return Array(archive.bytes.prefix(archive.bytes.count / 2))
      },
      zip("checksum-wrong", "those of xz, zstd and zip are", .malformed, "archive") { $0.members[1].checksum = 7 },
      zip("entry-beyond-the-file", directory, .malformed, "archive") { $0.members[1].offsetError = 1 << 30 },
      zip("entry-longer-than-it-is", directory, .malformed, "archive") {
        $0.members[1].compressedBytes = 1 << 24
        $0.members[1].uncompressedBytes = 1 << 24
      },
      zip("method-unknown", directory, .malformed, "archive") { $0.members[1].method = 77 },
      zip("deflated-garbage", directory, .malformed, "archive") { $0.members[1].method = 8 },
    ]

  private static let one = "The model is the folder with `config.json`"

  static let contents: [HostileCase] = [
    file("of-nothing", one, .missing, "config.json") { TarBuilder([.init("readme.md", [1])]).bytes },
    file("of-two-models", one, .inconsistent, "draft/, target/") { try TarBuilder(model("target/") + model("draft/")).bytes },
    file("of-a-model-at-the-top-and-in-a-folder", one, .inconsistent, "its top") {
      try TarBuilder(model("") + model("target/")).bytes
    },
    file("of-a-model-too-deep", one, .missing, "config.json") { try TarBuilder(model("a/b/")).bytes },
    file("of-an-archive", one, .missing, "config.json") { try TarBuilder([.init("model.tar", TarBuilder(model()).bytes)]).bytes },
    file("of-a-damaged-model", one, .malformed, "model.tar/model/model.safetensors") {
      var entries = try model()
      entries[1].bytes = [1, 2]
      return TarBuilder(entries).bytes
    },
    file("of-a-pickle-that-calls", one, .malformed, "pickle of protocol") {
      let entries = try model()
      return TarBuilder([entries[0], .init("model/pytorch_model.bin", Array("cposix\nsystem\n(S'touch executed'\ntR.".utf8))])
        .bytes
    },
  ]
}
