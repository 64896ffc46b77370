import ByteStorage
import Foundation
import Zstandard

extension Fixtures {
  /// The folder of a trained golden pair: `Fixtures.golden("vicuna-tiny") + "/target"`.
  ///
  /// Most pairs are kept as `golden/NAME.tar.zst` and are unpacked once, into the build folder, under a name that
  /// carries the archive's digest.
  public static func golden(_ name: String) throws -> String {
    let folder = path("golden/\(name)")
    if FileManager.default.fileExists(atPath: folder) { return folder }
    let archive = try bytes("golden/\(name).tar.zst")
    let key = SHA256Digest(of: archive.rawBytes).hexadecimal.prefix(12)
    let root = URL(fileURLWithPath: path("../../.build/golden")).standardizedFileURL.path
    let unpacked = "\(root)/\(name)-\(key)"
    if !FileManager.default.fileExists(atPath: unpacked) {
      // Other tests may be at the same: whoever is first to rename wins, and all unpack the same.
      let partial = "\(unpacked).\(UUID().uuidString)"
      try unpack(archive, into: partial)
      if unsafe rename(partial, unpacked) != 0 { try FileManager.default.removeItem(atPath: partial) }
    }
    return "\(unpacked)/\(name)"
  }

  private struct BadArchive: Error {}

  /// Unpacks a ustar archive that `zstd` compressed in one frame, with its content size of 4 bytes.
  private static func unpack(_ archive: [UInt8], into folder: String) throws {
    let window = archive[4] & 0x20 == 0 ? 1 : 0
    guard archive[4] >> 6 == 2, let count = archive.rawBytes.littleEndian(UInt32.self, at: 5 + window) else { throw BadArchive() }
    let tar = try Zstandard.decompress(archive.rawBytes, expectedByteCount: Int(count))
    var offset = 0
    while offset + 512 <= tar.count, tar[offset] != 0 {
      func text(_ range: Range<Int>) -> String {
        String(decoding: tar[(offset + range.lowerBound)..<(offset + range.upperBound)].prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let size = Int(text(124..<136).filter { $0 != " " }, radix: 8) else { throw BadArchive() }
      let path = "\(folder)/\(text(0..<100))"
      if tar[offset + 156] == UInt8(ascii: "5") {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      } else {
        try Data(tar[(offset + 512)..<(offset + 512 + size)]).write(to: URL(fileURLWithPath: path))
      }
      offset += 512 + (size + 511) / 512 * 512
    }
  }
}
