import ByteStorage
import TestSupport

/// The form before PyTorch 1.6 (L1 and L2).
extension PyTorchCorpus {
  private static let five = "L1. Five pickles", then = "L2. Then, in the order of the list, each storage"

  private static func old(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    state: @escaping @Sendable (inout PyTorchBuilder) throws -> Void = { _ in },
    _ change: @escaping @Sendable (inout PyTorchBuilder.Legacy) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "legacy-\(name)", rule: Rule("pytorch-bin.md", words), kind: kind, mentions: [file, mention], arguments: CorpusArguments.draft
    ) { folder in try folder.writeLegacyDraft(state: state, change) }
  }

  private static func ending(_ opcodes: [UInt8]) -> [UInt8] { PickleBuilder().bytes + opcodes + [0x2E] }

  static let legacy: [HostileCase] = [
    old("other-magic", five, .malformed, "magic number") { $0.magic[5] ^= 1 },
    old("magic-a-text", five, .malformed, "magic number") { $0.magic = ending([0x8C, 1, 0x61]) },
    old("protocol-1000", five, .unsupported, "1001") { $0.version = ending([0x4D, 0xE8, 3]) },
    old("protocol-a-text", five, .unsupported, "1001") { $0.version = ending([0x8C, 1, 0x61]) },
    old("big-endian", five, .unsupported, "little-endian machine") { $0.machine = PyTorchBuilder.Legacy.machine(isLittleEndian: false) },
    old("machine-silent", five, .unsupported, "little-endian machine") { $0.machine = ending([0x7D]) },
    old("machine-a-list", five, .malformed, "description of the machine") { $0.machine = ending([0x5D]) },
    old("machine-asks-for-the-shell", "every other global is refused", .unsafe, "os.system") {
      $0.machine = ending(Array("cos\nsystem\n".utf8))
    },
    old("magic-asks-for-the-shell", "every other global is refused", .unsafe, "os.system") { $0.magic = ending(Array("cos\nsystem\n".utf8)) },
    old("state-asks-for-the-shell", "every other global is refused", .unsafe, "posix.system", state: { file in
      file.extra = { $0.global("posix", "system") }
    }) { _ in },
    old("keys-ask-for-the-shell", "every other global is refused", .unsafe, "os.system") { $0.keyPickle = ending(Array("cos\nsystem\n".utf8)) },
    old("only-the-magic", five, .malformed, "pickle of protocol") { file in
      (file.version, file.machine, file.state, file.keyPickle, file.storages) = ([], [], [], [], [])
    },
    old("state-cut-off", five, .malformed, "truncated") { file in
      file.state = Array(file.state.prefix(100))
      (file.keyPickle, file.storages) = ([], [])
    },
    old("keys-missing", five, .malformed, "pickle of protocol") { ($0.keyPickle, $0.storages) = ([], []) },
    old("keys-no-list", five, .malformed, "list of the keys") { $0.keyPickle = ending([0x7D]) },
    old("keys-too-few", five, .malformed, "list of the keys") { $0.keys.removeLast() },
    old("keys-too-many", five, .malformed, "list of the keys") { $0.keys.append("99") },
    old("key-twice", then, .malformed, "there twice") { $0.keys[1] = $0.keys[0] },
    old("key-of-no-storage", then, .malformed, "'99'") { $0.keys[1] = "99" },
    old("keys-swapped", then, .malformed, "elements, as the pickle says") { $0.keys.swapAt(1, 2) },
    old("storage-count-other", then, .malformed, "storage 0 with 512 elements") { $0.storages[0].count = 511 },
    old("storage-count-negative", then, .malformed, "storage 0 with 512 elements") { $0.storages[0].count = -512 },
    old("storage-count-of-all-bits", then, .malformed, "storage 0 with 512 elements") { $0.storages[0].count = .max },
    old("storage-missing", then, .malformed, "truncated") { $0.storages.removeLast() },
    old("storage-cut-by-a-byte", then, .malformed, "truncated") { $0.storages[$0.storages.count - 1].bytes.removeLast() },
    old("bytes-after-the-last-storage", "Nothing follows", .malformed, "1 bytes after the last storage") { $0.trailing = [0] },
    old("zip-after-the-last-storage", "Nothing follows", .malformed, "after the last storage") { $0.trailing = ZipBuilder.fourFloats.bytes },
    old("storage-a-view-of-another", "P5. Persistent ids", .unsupported, "views of other storages", state: { file in
      file.extra = { pickle in
        pickle.mark()
        pickle.text("storage")
        pickle.global("torch", "FloatStorage")
        for text in ["99", "cpu"] { pickle.text(text) }
        pickle.integer(4)
        pickle.integers([0, 0, 4])
        pickle.tuple()
        pickle.raw("Q")
      }
    }) { _ in },
    old("storage-of-five-parts", "P5. Persistent ids", .malformed, "6 parts", state: { file in
      file.extra = { $0.storage("FloatStorage", key: "99", elements: 4) }
    }) { _ in },
    old("storage-beyond-the-file", then, .malformed, "only", state: { file in
      file["fc.fc.bias"].elements = 1 << 40
    }) { $0.storages[2].count = 1 << 40 },
    bytes("legacy-protocol-zero", "P1. Protocols 2 to 5", .malformed, "protocol 2 to 5") { _ in [0x80, 0] + Array("I1\n.".utf8) },
    bytes("legacy-of-two-bytes", "P1. Protocols 2 to 5", .malformed, "pickle") { _ in [0x80, 2] },
    bytes("legacy-a-whole-pickle", five, .malformed, "magic number") { _ in PickleBuilder.stateDict { $0.none() } },
  ]
}
