internal import ByteStorage
private import Foundation

/// Takes a sound bundle apart and puts it together again with a flaw, everything else made to fit: digests and checksums
/// are right, so that what a reader refuses is the flaw.
public struct BundleForge: Sendable {
  public enum Problem: Error {
    case noBundle
    case manifestLacks(String)
  }

  private let payloads: [UInt8]
  /// The manifest's text.
  public var manifest: String
  /// Header bytes to set before its checksum is computed.
  public var header: [(offset: Int, bytes: [UInt8])] = []
  /// Changes to the finished file.
  public var damage: [@Sendable (inout [UInt8]) -> Void] = []

  private static let alignment = 16384

  /// - Parameter bytes: A sound bundle.
  public init(_ bytes: [UInt8]) throws {
    guard let count = bytes.rawBytes.littleEndian(UInt64.self, at: 32),
      let text = String(validating: bytes[128..<128 + Int(count)], as: UTF8.self)
    else { throw Problem.noBundle }
    manifest = text
    payloads = Array(bytes[BundleForge.end(text.utf8.count)...])
  }

  /// Where the payloads begin after a manifest of so many bytes.
  private static func end(_ manifestByteCount: Int) -> Int { (128 + manifestByteCount + alignment - 1) / alignment * alignment }

  /// Replaces the first occurrence of a part of the manifest, which must be there.
  public mutating func replace(_ old: String, _ new: String) throws {
    guard let range = manifest.range(of: old) else { throw Problem.manifestLacks(old) }
    manifest.replaceSubrange(range, with: new)
  }

  public mutating func set(_ value: UInt64, bytes count: Int = 8, at offset: Int) {
    header.append((offset, Array(littleEndian(value).prefix(count))))
  }

  /// The file; a longer manifest moves the payloads.
  public var bytes: [UInt8] {
    let text = Array(manifest.utf8)
    var file = [UInt8](repeating: 0, count: BundleForge.end(text.count)) + payloads
    var head: [UInt8] = [0x89, 0x47, 0x52, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 1, 0, 0, 0, 0, 0, 0, 0]
    head += littleEndian(UInt64(file.count)) + littleEndian(UInt64(128))
    head += littleEndian(UInt64(text.count)) + [UInt8](repeating: 0, count: 8)
    head += SHA256Digest(of: text.rawBytes).bytes + [UInt8](repeating: 0, count: 16)
    for edit in header { head.replaceSubrange(edit.offset..<edit.offset + edit.bytes.count, with: edit.bytes) }
    head += SHA256Digest(of: head.rawBytes).bytes
    file.replaceSubrange(0..<128, with: head)
    file.replaceSubrange(128..<128 + text.count, with: text)
    for change in damage { change(&file) }
    return file
  }
}
