import ByteStorage
import Foundation
import Testing

/// Takes a vector apart and puts it together again with a flaw, everything else made to fit: digests and checksums
/// are right, so that what a reader refuses is the flaw.
struct BundleForge {
  private let original: [UInt8]
  /// The manifest's text.
  var manifest: String
  /// Header bytes to set before its checksum is computed.
  var header: [(offset: Int, bytes: [UInt8])] = []
  /// Changes to the finished file.
  var damage: [(inout [UInt8]) -> Void] = []

  init(_ vector: Vector) throws {
    let bytes = try vector.bytes
    let byteCount = bytes.rawBytes.littleEndian(UInt64.self, at: 32)
    let count = Int(try #require(byteCount))
    manifest = try #require(String(validating: bytes[128..<128 + count], as: UTF8.self))
    original = bytes
  }

  /// Replaces the first occurrence of a part of the manifest, which must be there.
  mutating func replace(_ old: String, _ new: String) throws {
    let range = try #require(manifest.range(of: old), "the manifest does not hold \(old)")
    manifest.replaceSubrange(range, with: new)
  }

  mutating func set(_ value: UInt64, bytes count: Int = 8, at offset: Int) {
    header.append((offset, BundleForge.littleEndian(value, count)))
  }

  /// The file.
  var bytes: [UInt8] {
    let text = Array(manifest.utf8)
    // The vectors' payloads begin at 16384; a longer manifest moves them.
    let start = (128 + text.count + 16383) / 16384 * 16384
    var file = [UInt8](repeating: 0, count: start) + original[16384...]
    var head: [UInt8] = [0x89, 0x47, 0x52, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 1, 0, 0, 0, 0, 0, 0, 0]
    head += BundleForge.littleEndian(UInt64(file.count), 8) + BundleForge.littleEndian(128, 8)
    head += BundleForge.littleEndian(UInt64(text.count), 8) + [UInt8](repeating: 0, count: 8)
    head += SHA256Digest(of: text.rawBytes).bytes + [UInt8](repeating: 0, count: 16)
    for edit in header { head.replaceSubrange(edit.offset..<edit.offset + edit.bytes.count, with: edit.bytes) }
    head += SHA256Digest(of: head.rawBytes).bytes
    file.replaceSubrange(0..<128, with: head)
    file.replaceSubrange(128..<128 + text.count, with: text)
    for change in damage { change(&file) }
    return file
  }

  private static func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
