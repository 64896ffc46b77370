import Checkpoints
import TestSupport

extension Fuzzer {
  static let archive = Fuzzer(
    name: "archive", description: "an archive of a model folder: unpacked by libarchive, then opened", maximumBytes: 16384,
    read: { input in
      let options = SourceOptions(scratchFolder: WorkFolder.path)
      let checkpoint = try Checkpoint.open(path: WorkFolder.write(input, to: "model.tar"), options: options)
      try checkpoint.source.walk()
    },
    seeds: {
      var zip = ZipBuilder()
      for (name, bytes) in files { zip.add("model/\(name)", bytes) }
      let tar = TarBuilder([.init("model/", type: "5")] + files.map { .init("model/\($0)", $1) }).bytes
      return [
        Seed("tar", TarBuilder(files.map { .init($0, $1) }).bytes), Seed("zip", zip.bytes), Seed("gzip", gzip(tar)),
        Seed("zstd", zstd(tar)),
      ]
    })

  private static let files: [(String, [UInt8])] = [
    ("config.json", Array(#"{"model_type":"llama"}"#.utf8)),
    (
      "model.safetensors",
      littleEndian(UInt64(57)) + Array(#"{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#.utf8)
        + [UInt8](repeating: 0, count: 16)
    ),
  ]

  /// RFC 1952 around one stored block.
  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + littleEndian(count) + littleEndian(~count) + bytes
      + littleEndian(crc32(bytes)) + littleEndian(UInt32(count))
  }

  /// RFC 8878: a single segment of known size, in one raw block.
  private static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    let header = UInt32(bytes.count) << 3 | 1
    return [0x28, 0xB5, 0x2F, 0xFD, 0xA0] + littleEndian(UInt32(bytes.count)) + littleEndian(header).prefix(3) + bytes
  }
}
