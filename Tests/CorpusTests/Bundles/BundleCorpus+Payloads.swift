import ByteStorage
import TestSupport
import Zstandard

extension BundleCorpus {
  private static let names = "T1. `target/` or `draft/`"
  private static let shapes = "T4. Outermost dimension first, at most 8"

  static let tensors: [HostileCase] = [
    text("tensor-of-nobody", names, .malformed, "draught/scalar", "draft/scalar", "draught/scalar"),
    text("tensor-without-a-name", names, .malformed, "draft/", "draft/scalar", "draft/"),
    text("tensor-name-with-nul", names, .malformed, "printable ASCII", "draft/scalar", "draft/a\\u0000b"),
    text("tensor-name-with-a-line-feed", names, .malformed, "printable ASCII", "draft/scalar", "draft/a\\nb"),
    text("tensor-name-not-ascii", names, .malformed, "printable ASCII", "draft/scalar", "draft/\u{202E}a"),
    refuse("tensor-name-of-1025-bytes", names, .unsafe, "1025") {
      try $0.replace("draft/scalar", "draft/" + String(repeating: "n", count: 1019))
    },
    refuse("tensor-name-of-10-mib", names, .unsafe, "1024") {
      try $0.replace("draft/scalar", "draft/" + String(repeating: "n", count: 10 << 20))
    },
    text("tensor-twice", "T2. No two are equal", .malformed, "two tensors", "draft/scalar", "draft/empty"),
    text("tensor-type-unknown", "T3. One of the element types", .unsupported, "q9_9", "\"q8_0\",\"shape\"", "\"q9_9\",\"shape\""),
    text("tensor-type-a-number", members, .malformed, "type", "\"type\":\"q8_0\"", "\"type\":8"),
    text("shape-overflow", shapes, .malformed, "lm_head", "[2,32]", "[4294967296,4294967296]"),
    text("shape-bytes-overflow", shapes, .malformed, "embed_tokens", "[4,2]", "[4611686018427387904,2]"),
    text("shape-negative", members, .malformed, "-4", "[4,2]", "[-4,2]"),
    text("shape-fraction", members, .malformed, "shape", "[4,2]", "[4,2.5]"),
    text("shape-of-9", shapes, .unsafe, "shape", "[4,2]", "[1,1,1,1,1,1,1,4,2]"),
    text("shape-not-of-blocks", shapes, .malformed, "lm_head", "[2,32]", "[32,2]"),
    text(
      "shape-larger-than-data", "P5. A payload's bytes MUST be those of its tensors' type and shape", .malformed, "embed_tokens",
      "[4,2]", "[4000,2]"),
    refuse("of-262145-tensors", "| tensors; payloads | 262144; 266240 |", .unsafe, "262144") { bundle in
      let entry = "{\"name\":\"draft/a\",\"type\":\"i8\",\"shape\":[],\"payload\":0},"
      try bundle.replace("\"tensors\":[", "\"tensors\":[" + String(repeating: entry, count: 262_144))
    },
  ]

  private static let members = "M3. Every member of the tables below MUST be there"
  private static let first = "P1. The first payload's offset MUST be", other = "P2. Every other payload's offset MUST be"

  static let payloads: [HostileCase] = [
    text("payload-in-the-header", first, .malformed, "payloads[0].offset is 0", "\"offset\":16384", "\"offset\":0"),
    text("payload-in-the-manifest", first, .malformed, "payloads[0].offset is 128", "\"offset\":16384", "\"offset\":128"),
    text("payload-not-aligned", other, .malformed, "payloads[4].offset is 81928", "\"offset\":81920", "\"offset\":81928"),
    text("payloads-overlap", other, .malformed, "payloads[4].offset is 65536", "\"offset\":81920", "\"offset\":65536"),
    text("payload-after-a-hole", other, .malformed, "payloads[4].offset is 98304", "\"offset\":81920", "\"offset\":98304"),
    text("payload-beyond-the-file", other, .malformed, "offset is 1099511627776", "\"offset\":81920", "\"offset\":1099511627776"),
    text(
      "payload-offset-overflow", other, .malformed, "9223372036854775807", "\"offset\":81920", "\"offset\":9223372036854775807"),
    text("payload-offset-negative", members, .malformed, "-16384", "\"offset\":16384", "\"offset\":-16384"),
    text(
      "payload-bytes-overflow", "P5. A payload's bytes MUST be", .malformed, "9223372036854775807", "\"bytes\":8,",
      "\"bytes\":9223372036854775807,"),
    text(
      "payload-bytes-too-many", "P5. A payload's bytes MUST be", .malformed, "payload has 17", "\"offset\":65536,\"bytes\":16",
      "\"offset\":65536,\"bytes\":17"),
    text(
      "payload-index-beyond", "`payload` MUST be below the number of payloads", .malformed, "names payload 9", "\"payload\":8",
      "\"payload\":9"),
    text(
      "payload-index-of-63-bits", "`payload` MUST be below the number of payloads", .malformed, "9223372036854775807",
      "\"payload\":8", "\"payload\":9223372036854775807"),
    text("payload-index-negative", members, .malformed, "-1", "\"payload\":8", "\"payload\":-1"),
    text(
      "payload-of-nobody", "P4. Every payload MUST belong", .malformed, "payloads[8]",
      ",{\"name\":\"draft/scalar\",\"type\":\"i64\",\"shape\":[],\"payload\":8}", ""),
    text("payload-of-both", "P4. Every payload MUST belong", .malformed, "another's", "\"payload\":2}]", "\"payload\":8}]"),
    text(
      "alias-of-another-type", "P6. Tensors that share a payload", .malformed, "shares a payload",
      "\"draft/embed_tokens.weight\",\"type\":\"f16\"", "\"draft/embed_tokens.weight\",\"type\":\"bf16\""),
    text(
      "alias-of-another-shape", "P6. Tensors that share a payload", .malformed, "another type or shape",
      "\"draft/embed_tokens.weight\",\"type\":\"f16\",\"shape\":[4,2]",
      "\"draft/embed_tokens.weight\",\"type\":\"f16\",\"shape\":[2,4]"),
    refuse("of-266241-payloads", "| tensors; payloads | 262144; 266240 |", .unsafe, "266240") { bundle in
      let entry = "{\"offset\":0,\"bytes\":0,\"sha256\":\"\(String(repeating: "0", count: 64))\"},"
      try bundle.replace("\"payloads\":[", "\"payloads\":[" + String(repeating: entry, count: 266_240))
    },
    refuse("more-file-than-payloads", "P3. file_bytes MUST be up(offset + bytes) of the last payload", .malformed, "147456") {
      bundle in
      bundle.set(163_840, at: 16)
      bundle.damage.append { $0 += [UInt8](repeating: 0, count: 16384) }
    },
  ]

  private static let plain = "A **plain file name** is 1 to 255 bytes of UTF-8"
  private static let frame = "A4. The payload MUST be exactly one zstd frame"

  static let attachments: [HostileCase] =
    [
      ("to-the-parent", "..", "plain file name"), ("of-a-path", "../../etc/passwd", "plain file name"),
      ("absolute", "/etc/passwd", "plain file name"),
      ("with-a-backslash", "..\\\\x", "plain file name"), ("with-a-drive", "C:x", "plain file name"),
      ("with-nul", "a\\u0000b", "plain file name"),
      ("with-an-escape-sequence", "a\\u001b[2Jb", "plain file name"), ("empty", "", "plain file name"),
    ].map { name, path, mention in
      text("attachment-name-\(name)", plain, .unsafe, mention, "target/LICENSE", "target/\(path)")
    } + [
      text("attachment-of-nobody", "A1. `target/` or `draft/`", .malformed, "attachments[1]", "target/LICENSE", "LICENSE"),
      text("attachment-twice", "A2. No two are equal", .malformed, "target/config.json", "target/LICENSE", "target/config.json"),
      refuse("attachment-twice-in-two-spellings", "A2. No two are equal", .malformed, "two attachments") {
        try $0.replace("target/config.json", "target/\u{E9}")
        try $0.replace("target/LICENSE", "target/e\u{301}")
      },
      text(
        "attachment-of-64-mib-and-a-byte", "A3. Bytes of the content, at most 67108864", .unsafe, "67108865", "\"bytes\":42",
        "\"bytes\":67108865"),
      text(
        "attachments-of-too-many-bytes", "of all attachments together at most 134217728", .unsafe, "134217728",
        "\"attachments\":[",
        "\"attachments\":["
          + (0..<3).map { index in
            "{\"name\":\"target/z\(index)\",\"bytes\":67108864,\"sha256\":\"\(String(repeating: "0", count: 64))\",\"payload\":\(index)},"
          }.joined()),
      text("attachment-frame-too-long", "has at most 68157440 bytes", .unsafe, "68157440", "\"bytes\":54", "\"bytes\":68157441"),
      content("states-another-size", frame, .malformed, "expected 43") { try $0.replace("\"bytes\":42", "\"bytes\":43") },
      content("states-64-mib", frame, .malformed, "expected 67108864") { try $0.replace("\"bytes\":42", "\"bytes\":67108864") },
      content("no-frame", frame, .malformed, "zstd frame") { $0.damage.append { $0[16384] ^= 1 } },
      content("of-another-content", "A4. SHA-256 of the content", .malformed, "SHA-256") {
        $0.damage.append { $0[16384 + 20] ^= 1 }
      },
      content("cut-off", frame, .malformed, "cut off") { try $0.replace("\"bytes\":54", "\"bytes\":53") },
      content("with-trailing-data", frame, .malformed, "follow the zstd frame") {
        try $0.replace("\"bytes\":54", "\"bytes\":60")
      },
      content("without-its-size", frame, .malformed, "does not state its content size") { bundle in
        bundle.put(frame: [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x00, 0x01, 0x00, 0x00])
      },
      content("of-a-window-of-1-gib", "its window MUST be at most 128 MiB", .unsafe, "window") { bundle in
        try bundle.replace("\"bytes\":42", "\"bytes\":256")
        bundle.put(frame: [0x28, 0xB5, 0x2F, 0xFD, 0x40, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x61])
      },
      content("with-a-dictionary", "MUST NOT need a dictionary", .malformed, "zstd frame") { bundle in
        bundle.put(frame: [0x28, 0xB5, 0x2F, 0xFD, 0x21, 0x07, 42, 0x51, 0x01, 0x00] + [UInt8](repeating: 0x61, count: 42))
      },
      content("skippable-frame", frame, .malformed, "zstd frame") { $0.put(frame: [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]) },
    ]

  /// A flaw that shows when an attachment is read: the first is made the tokenizer's configuration.
  private static func content(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    forge: @escaping @Sendable (inout BundleForge) throws -> Void
  ) -> HostileCase {
    refuse("attachment-\(name)", words, kind, mention, "tokenizer_config.json") { bundle in
      try bundle.replace("target/config.json", "target/tokenizer_config.json")
      try forge(&bundle)
    }
  }
}

extension BundleForge {
  /// Puts another frame in the place of the first attachment's, which has 54 bytes.
  fileprivate mutating func put(frame: [UInt8]) {
    manifest = manifest.replacing("\"offset\":16384,\"bytes\":54", with: "\"offset\":16384,\"bytes\":\(frame.count)")
    damage.append { $0.replaceSubrange(16384..<16384 + 54, with: frame + [UInt8](repeating: 0, count: 54 - frame.count)) }
  }
}
