import ByteStorage
import TestSupport
import Zstandard

extension ArchiveCorpus {
  private static let ratio = "at most 100 times the archive's own bytes once they exceed 64 MiB"

  /// A tar archive with one long file of zeros, compressed.
  private static func zeros(_ byteCount: Int) throws -> [UInt8] {
    var archive = try TarBuilder(model())
    archive.entries.append(.init("model/pytorch_model.bin", [UInt8](repeating: 0, count: byteCount)))
    return try Zstandard.compress(archive.bytes.rawBytes)
  }

  static let bombs: [HostileCase] = [
    file("bomb-by-ratio", ratio, .unsafe, "unpacks to more than", as: "model.tar.zst") { try zeros(70 << 20) },
    file("bomb-deep-down", ratio, .unsafe, "unpacks to more than", as: "model.tar.zst") {
      var archive = try TarBuilder(model())
      archive.entries.append(.init("model/a/b/c/zeros", [UInt8](repeating: 0, count: 70 << 20)))
      return try Zstandard.compress(archive.bytes.rawBytes)
    },
    file("bomb-of-many-files", ratio, .unsafe, "unpacks to more than", as: "model.tar.zst") {
      var archive = try TarBuilder(model())
      let file = [UInt8](repeating: 0, count: 1 << 20)
      for index in 0..<70 { archive.entries.append(.init("model/\(index)", file)) }
      return try Zstandard.compress(archive.bytes.rawBytes)
    },
    tar("states-7-gib", "a size that is stated counts before it is read", .unsafe, "unpacks to more than") {
      $0.entries.append(.init("model/pytorch_model.bin", statedByteCount: 7 << 30))
    },
    tar("sparse-of-8-tib", "a size that is stated counts before it is read", .unsafe, "unpacks to more than") {
      $0.entries.append(contentsOf: sparse(logicalByteCount: 8 << 40))
    },
    tar("states-2-to-the-63", "a size that is stated counts before it is read", .malformed, "overflow") {
      $0.entries.append(.init("PaxHeaders/x", Array("28 size=9223372036854775807\n".utf8), type: "x"))
      $0.entries.append(.init("model/pytorch_model.bin", [1]))
    },
    tar("of-10001-entries", "at most 10 000", .unsafe, "10000 entries") { archive in
      archive.entries += (0..<10_000).map { .init("model/deep/\($0)") }
    },
    tar("of-2001-files", "at most 2000 files at the top", .unsafe, "2000 files") { archive in
      archive.entries += (0..<2000).map { .init("model/\($0)") }
    },
    tar("of-2001-folders-with-a-file", "at most 2000 files at the top", .unsafe, "2000 files") { archive in
      archive.entries += (0..<2000).map { .init("\($0)/file") }
    },
    tar("of-10001-folders", "at most 10 000", .unsafe, "10000 entries") { archive in
      archive.entries += (0..<10_000).map { .init("model/\($0)/", type: "5") }
    },
    zip("of-10001-entries", "at most 10 000", .unsafe, "10000 entries") { archive in
      for index in 0..<10_000 { archive.add("model/deep/\(index)", []) }
    },
    zip("of-a-hundred-thousand-entries", "at most 10 000", .unsafe, "10000 entries") { archive in
      for index in 0..<65_000 { archive.add("a/b/\(index)", []) }
    },
    file("zstd-window-of-1-gib", "a window of at most 128 MiB", .malformed, "archive", as: "model.tar.zst") {
      // A window of 1 GiB, one block of 256 equal bytes.
      [0x28, 0xB5, 0x2F, 0xFD, 0x40, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x61]
    },
    file("compressed-twice", "compressed twice are refused", .unsupported, "more than once", as: "model.tar.gz") {
      try Compression.gzip(Compression.gzip(TarBuilder(model()).bytes))
    },
    file("compressed-by-two-formats", "compressed twice are refused", .unsupported, "more than once", as: "model.tar.zst") {
      try Compression.zstd(Compression.xz(TarBuilder(model()).bytes))
    },
  ]

  /// A file in pax's sparse format 0.1: one byte, and a hole as long as one likes.
  private static func sparse(logicalByteCount: Int) -> [TarBuilder.Entry] {
    let records = [
      "GNU.sparse.size=\(logicalByteCount)", "GNU.sparse.numblocks=1", "GNU.sparse.map=0,1",
      "GNU.sparse.name=model/pytorch_model.bin",
    ]
    let text = records.map { record in
      var length = record.utf8.count + 3
      while "\(length) \(record)\n".utf8.count != length { length += 1 }
      return "\(length) \(record)\n"
    }.joined()
    return [.init("PaxHeaders/pytorch_model.bin", Array(text.utf8), type: "x"), .init("model/pytorch_model.bin", [1])]
  }
}
