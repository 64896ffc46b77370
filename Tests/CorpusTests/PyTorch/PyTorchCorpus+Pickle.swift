import ByteStorage
import TestSupport

/// The pickle as a program (P1 and P4): protocols, the stack, the memo, lengths and bombs.
extension PyTorchCorpus {
  private static let protocolRule = "P1. Protocols 2 to 5, which begin with `PROTO`"
  private static let stackRule = "nothing is taken from an empty stack or from below a mark"
  private static let stopRule = "one value is left at `STOP`, which ends the pickle"
  private static let lengthRule = "a length beyond the bytes that follow it is malformed at once"
  private static let valueRule = "at most 2,097,152 values on the stack, in the memo and in containers, each"

  /// A pickle of these opcodes after `PROTO`.
  private static func program(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    _ write: @escaping @Sendable (inout PickleBuilder) -> Void
  ) -> HostileCase {
    pickle("pickle-\(name)", words, kind, mention) {
      var pickle = PickleBuilder()
      write(&pickle)
      return pickle.bytes
    }
  }

  static let protocols: [HostileCase] = [
    pickle("protocol-zero-in-zip", protocolRule, .malformed, "protocol 2 to 5") { Array("(dp0\n.".utf8) },
    pickle("protocol-six", protocolRule, .malformed, "protocol 2 to 5") { PickleBuilder(protocol: 6).bytes + Array("}.".utf8) },
    pickle("protocol-one", protocolRule, .malformed, "protocol 2 to 5") { PickleBuilder(protocol: 1).bytes + Array("}.".utf8) },
    pickle("protocol-all-bits", protocolRule, .malformed, "protocol 2 to 5") { [0x80, 0xFF, 0x7D, 0x2E] },
    pickle("pickle-empty", protocolRule, .malformed, "protocol 2 to 5") { [] },
    pickle("pickle-one-byte", protocolRule, .malformed, "protocol 2 to 5") { [0x80] },
    bytes("pytorch-ascii-pickle-named-bin", protocolRule, .malformed, "neither a zip archive nor a pickle") { _ in
      Array("cos\nsystem\n(S'touch executed'\ntR.".utf8)
    },
    bytes("pytorch-is-an-empty-file", "an empty file", page: "checkpoint-folders.md", .malformed, "empty file") { _ in [] },
    bytes("pytorch-is-a-git-lfs-pointer", "A Git LFS pointer", page: "checkpoint-folders.md", .malformed, "LFS") { _ in
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8)
    },
    bytes("pytorch-is-a-web-page", "an HTML page", page: "checkpoint-folders.md", .malformed, "HTML") { _ in
      Array("<!DOCTYPE html>".utf8)
    },
    bytes(
      "pytorch-is-a-tar-archive", "an archive or a checkpoint of another format", page: "checkpoint-folders.md", .unsupported,
      "tar"
    ) { _ in
      TarBuilder([.init("storages", [1]), .init("tensors", [2])]).bytes
    },
    bytes(
      "pytorch-is-a-safetensors-file", "an archive or a checkpoint of another format", page: "checkpoint-folders.md", .malformed,
      "safetensors"
    ) {
      _ in SafetensorsBuilder().bytes
    },
  ]

  static let stack: [HostileCase] = [
    program("only-a-protocol", stopRule, .malformed, "without STOP") { _ in },
    program("without-stop", stopRule, .malformed, "without STOP") { $0.emptyDictionary() },
    program("of-nothing", stopRule, .malformed, "0 values") { $0.stop() },
    program("of-two-values", stopRule, .malformed, "2 values") { $0.raw("}}.") },
    program("with-an-open-mark", stopRule, .malformed, "stops") { $0.raw("}(.") },
    pickle("pickle-goes-on", stopRule, .malformed, "goes on") { PickleBuilder.stateDict { $0.none() } + [0] },
    pickle("pickle-after-pickle", stopRule, .malformed, "goes on") {
      PickleBuilder.stateDict { $0.none() } + PickleBuilder.stateDict { $0.none() }
    },
    program("tuple-of-nothing", stackRule, .malformed, "more values") { $0.raw(0x85) },
    program("item-of-nothing", stackRule, .malformed, "more values") { $0.raw("s") },
    program("call-of-nothing", stackRule, .malformed, "more values") { $0.raw("R") },
    program("state-of-nothing", stackRule, .malformed, "more values") { $0.raw("b") },
    program("storage-of-nothing", stackRule, .malformed, "more values") { $0.raw("Q") },
    program("tuple-without-a-mark", stackRule, .malformed, "mark") { $0.raw("Nt") },
    program("items-without-a-mark", stackRule, .malformed, "mark") { $0.raw("}u") },
    program("elements-without-a-mark", stackRule, .malformed, "mark") { $0.raw("]e") },
    program("below-a-mark", stackRule, .malformed, "more values") {
      $0.raw("NN(N")
      $0.raw(0x87)
    },
    program("items-of-what-is-below-a-mark", stackRule, .malformed, "dictionary") { $0.raw("}((NNu") },
    program("items-of-a-list", "`SETITEM` on something else", .malformed, "not a dictionary") { $0.raw("](NNu") },
    program("item-of-a-tuple", "`SETITEM` on something else", .malformed, "not a dictionary") { $0.raw(")NNs") },
    program("items-of-an-odd-number", "a key without a value", .malformed, "without a value") { $0.raw("}(NNNu") },
    program("element-of-a-dictionary", "`APPEND` on something else", .malformed, "not a list") { $0.raw("}Na") },
    program("elements-of-a-tuple", "`APPEND` on something else", .malformed, "not a list") { $0.raw(")(Ne") },
    program("memo-never-set", "what was never remembered", .malformed, "recalls value 7") { $0.get(7) },
    program("memo-far-away", "what was never remembered", .malformed, "recalls value 2147483648") { $0.raw(0x6A, 0, 0, 0, 0x80) },
    program("memo-of-nothing", stackRule, .malformed, "stack is empty") { $0.put(0) },
    program("memo-of-nothing-by-count", stackRule, .malformed, "stack is empty") { $0.raw(0x94) },
  ]

  static let values: [HostileCase] = [
    program("text-longer-than-the-file", lengthRule, .malformed, "inside an opcode") { $0.raw(0x58, 0xFF, 0xFF, 0xFF, 0x7F) },
    program("text-of-all-bits", lengthRule, .malformed, "inside an opcode") {
      $0.raw(0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
    },
    program("text-of-the-largest-size", lengthRule, .malformed, "inside an opcode") {
      $0.raw(0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F)
    },
    program("string-longer-than-the-file", lengthRule, .malformed, "inside an opcode") { $0.raw(0x54, 0xFF, 0xFF, 0xFF, 0xFF) },
    program("text-not-utf8", "Texts are UTF-8", .malformed, "UTF-8") { $0.raw(0x58, 2, 0, 0, 0, 0xFF, 0xFE) },
    program("integer-of-four-gigabytes", "255 bytes", .unsafe, "integer of 4294967295 bytes") {
      $0.raw(0x8B, 0xFF, 0xFF, 0xFF, 0xFF)
    },
    program("integer-of-256-bytes", "255 bytes", .unsafe, "integer of 256 bytes") {
      $0.raw(0x8B, 0, 1, 0, 0)
      $0.bytes += [UInt8](repeating: 1, count: 256)
    },
    program("integer-cut-off", lengthRule, .malformed, "inside an opcode") { $0.raw(0x8A, 200, 1) },
    program("float-cut-off", lengthRule, .malformed, "inside an opcode") { $0.raw(0x47, 0, 0) },
    program("frame-longer-than-the-file", lengthRule, .malformed, "inside an opcode") { $0.raw(0x95, 0, 0, 0, 0, 1, 0, 0, 0) },
    program("frame-of-all-bits", lengthRule, .malformed, "inside an opcode") {
      $0.raw(0x95, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
    },
    program("name-without-an-end", lengthRule, .malformed, "inside an opcode") { $0.raw("cos") },
    program("name-of-2000-bytes", "1024 bytes", .malformed, "longer than 1024") {
      $0.global(String(repeating: "a", count: 2000), "b")
    },
    program("name-not-utf8", "Texts are UTF-8", .malformed, "UTF-8") {
      $0.raw(0x63, 0xFF, 0x0A)
      $0.raw("a\n")
    },
    program("value-bomb-on-the-stack", valueRule, .unsafe, "2097152 values") {
      $0.bytes += [UInt8](repeating: 0x4E, count: (2 << 20) + 10)
    },
    program("value-bomb-of-tuples", valueRule, .unsafe, "2097152 values") {
      $0.bytes += [UInt8](repeating: 0x29, count: (2 << 20) + 10)
    },
    program("value-bomb-of-marks", valueRule, .unsafe, "2097152 values") {
      $0.bytes += [UInt8](repeating: 0x28, count: (2 << 20) + 10)
    },
    program("value-bomb-in-the-memo", valueRule, .unsafe, "2097152 values") {
      $0.none()
      $0.bytes += [UInt8](repeating: 0x94, count: (2 << 20) + 10)
    },
    program("nested-tuples", "P2. Opcodes", .malformed, "a tuple") {
      // A million tuples in one another, and then the memo doubles them: 2^64 leaves, were they ever visited.
      $0.none()
      $0.bytes += [UInt8](repeating: 0x85, count: 1_000_000)
      for _ in 0..<64 {
        $0.put(0)
        $0.get(0)
        $0.raw(0x86)
      }
      $0.stop()
    },
    pickle("pickle-beyond-its-limit", "at most 64 MiB", .unsafe, "67108864") {
      PickleBuilder().bytes + [UInt8](repeating: 0x4E, count: 64 << 20) + [0x2E]
    },
  ]
}
