import ByteStorage
import TestSupport

/// `formats/bundle.md`: header, manifest, payloads and attachments, each rule broken as a stranger would.
enum BundleCorpus {
  static let hostile = headers + manifests + components + tensors + payloads + attachments + models
  static let page = "bundle.md"
  static let file = "hostile.griffin"

  /// The conformance vector with a flaw, looked at.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String..., arguments: [String]? = nil,
    forge: @escaping @Sendable (inout BundleForge) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "bundle-\(name)", rule: Rule(page, words), kind: kind, mentions: [file] + mentions,
      arguments: arguments ?? ["inspect", file, "--tensors"]
    ) { folder in
      var bundle = try BundleForge(TinyBundle.vector())
      try forge(&bundle)
      try folder.write(bundle.bytes, to: file)
    }
  }

  /// A flaw by another text in the manifest.
  static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ old: String, _ new: String
  ) -> HostileCase { refuse(name, words, kind, mention) { try $0.replace(old, new) } }

  /// Changes the finished file, nothing made to fit.
  static func damage(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    change: @escaping @Sendable (inout [UInt8]) -> Void
  ) -> HostileCase {
    HostileCase("bundle-\(name)", rule: Rule(page, words), kind: kind, mentions: [file] + mentions, arguments: ["inspect", file])
    { folder in
      var bytes = try TinyBundle.vector()
      change(&bytes)
      try folder.write(bytes, to: file)
    }
  }

  static let headers: [HostileCase] = [
    damage("empty", "H1. MUST be", .malformed, "empty") { $0 = [] },
    damage("of-one-byte", "H1. MUST be", .malformed, "byte 0") { $0 = [0x89] },
    damage("cut-in-the-header", "H1. MUST be", .malformed, "fewer than the 128") { $0 = Array($0.prefix(127)) },
    damage("text-mode", "a transfer that translates line ends", .malformed, "text mode") { $0.remove(at: 4) },
    damage("seven-bits", "clears high bits", .malformed, "text mode") { $0[0] &= 0x7F },
    damage("unfinished", "a bundle whose writing did not finish", .malformed, "did not finish") { bytes in
      for index in 0..<128 { bytes[index] = 0 }
    },
    damage("another-file", "H1. MUST be", .malformed, "other bytes") { $0.replaceSubrange(0..<4, with: Array("GGUF".utf8)) },
    refuse("version-2", "H2. MUST be 1", .unsupported, "version 2", "byte 8") { $0.set(2, bytes: 4, at: 8) },
    refuse("version-0", "H2. MUST be 1", .unsupported, "version 0") { $0.set(0, bytes: 4, at: 8) },
    refuse("version-of-32-bits", "H2. MUST be 1", .unsupported, "4294967295") { $0.set(.max, bytes: 4, at: 8) },
    refuse("big-endian", "H2. MUST be 1", .unsupported, "16777216") { $0.set(0x0100_0000, bytes: 4, at: 8) },
    refuse("flags", "H4. MUST be 0", .unsupported, "flags are 1", "byte 12") { $0.set(1, bytes: 4, at: 12) },
    refuse("flags-of-32-bits", "H4. MUST be 0", .unsupported, "flags") { $0.set(.max, bytes: 4, at: 12) },
    damage("header-bit-flipped", "H3. SHA-256 of bytes 0 to 95", .malformed, "checksum", "byte 96") { $0[50] ^= 1 },
    damage("header-digest-flipped", "H3. SHA-256 of bytes 0 to 95", .malformed, "checksum") { $0[127] ^= 1 },
    refuse("reserved-byte", "H5. MUST be 0", .malformed, "byte 40") { $0.set(1, bytes: 1, at: 40) },
    refuse("reserved-byte-at-the-end", "H5. MUST be 0", .malformed, "byte 95") { $0.set(1, bytes: 1, at: 95) },
    refuse("manifest-elsewhere", "H6. MUST be 128", .malformed, "byte 24") { $0.set(4096, at: 24) },
    refuse("manifest-in-the-header", "H6. MUST be 128", .malformed, "byte 24") { $0.set(0, at: 24) },
    refuse("manifest-offset-overflow", "H6. MUST be 128", .malformed, "18446744073709551615") { $0.set(.max, at: 24) },
    refuse("manifest-of-64-bits", "H7. MUST be at most 67108864", .unsafe, "18446744073709551615") { $0.set(.max, at: 32) },
    refuse("manifest-of-63-bits", "H7. MUST be at most 67108864", .unsafe, "9223372036854775807") {
      $0.set(UInt64(Int64.max), at: 32)
    },
    refuse("manifest-one-byte-too-many", "H7. MUST be at most 67108864", .unsafe, "67108865") { $0.set((64 << 20) + 1, at: 32) },
    refuse("manifest-beyond-the-file", "128 + manifest_bytes MUST NOT exceed file_bytes", .malformed, "beyond") {
      $0.set(64 << 20, at: 32)
    },
    refuse("manifest-of-no-bytes", "M1. Its SHA-256 MUST be the header's", .malformed, "manifest") { $0.set(0, at: 32) },
    damage("truncated-tail", "H8. MUST be the size of the file", .malformed, "truncated") { $0.removeLast(16384) },
    damage("truncated-by-a-byte", "H8. MUST be the size of the file", .malformed, "truncated") { $0.removeLast() },
    damage("trailing-data", "H8. MUST be the size of the file", .malformed, "after its end") {
      $0 += [UInt8](repeating: 0, count: 16384)
    },
    damage("two-bundles", "H8. MUST be the size of the file", .malformed, "after its end") { $0 += $0 },
    refuse("file-of-64-bits", "H8. MUST be the size of the file", .malformed, "18446744073709551615") { $0.set(.max, at: 16) },
    damage("manifest-flipped", "M1. Its SHA-256 MUST be the header's", .malformed, "SHA-256", "byte 128") { $0[140] ^= 4 },
    damage("manifest-digest-only", "M1. Its SHA-256 MUST be the header's", .malformed, "manifest") { bytes in
      bytes[60] ^= 1
      bytes.replaceSubrange(96..<128, with: SHA256Digest(of: Array(bytes[..<96]).rawBytes).bytes)
    },
  ]
}
