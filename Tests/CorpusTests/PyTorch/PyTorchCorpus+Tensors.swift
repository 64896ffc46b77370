import ByteStorage
import TestSupport

/// Storages, views and state dicts (P5, Z6 and T1 to T6).
extension PyTorchCorpus {
  private static let identifier = "P5. Persistent ids have the form of torch's storages"
  private static let keyRule = "A key is 1 to 64 digits"
  private static let sizeRule = "of exactly the bytes that the pickle says"
  private static let bias = "fc.fc.bias"

  /// A persistent id of these parts.
  private static func stored(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ write: @escaping @Sendable (inout PickleBuilder) -> Void
  ) -> HostileCase {
    value("storage-\(name)", words, kind, mention) { pickle in
      pickle.mark()
      write(&pickle)
      pickle.tuple()
      pickle.raw("Q")
    }
  }

  private static func keyed(_ name: String, _ key: String, _ shown: String? = nil) -> HostileCase {
    value("storage-key-\(name)", keyRule, .unsafe, shown ?? key) { $0.storage("FloatStorage", key: key, elements: 4) }
  }

  static let storages: [HostileCase] = [
    value("storage-not-a-tuple", identifier, .malformed, "not a tuple") { $0.raw("NQ") },
    stored("of-nothing", identifier, .malformed, "5 parts") { _ in },
    stored("of-four-parts", identifier, .malformed, "5 parts") { pickle in
      pickle.text("storage")
      pickle.global("torch", "FloatStorage")
      pickle.text("0")
      pickle.text("cpu")
    },
    value("storage-of-six-parts", identifier, .malformed, "5 parts") { $0.storage("FloatStorage", key: "0", elements: 512, isLegacy: true) },
    stored("a-module", identifier, .unsupported, "refers to a module") { pickle in
      pickle.text("module")
      pickle.global("torch", "FloatStorage")
      pickle.text("source.py")
      pickle.text("import os")
      pickle.none()
    },
    stored("of-no-type", identifier, .malformed, "5 parts") { pickle in
      for text in ["storage", "FloatStorage", "0", "cpu"] { pickle.text(text) }
      pickle.integer(4)
    },
    stored("of-a-dictionary", identifier, .malformed, "5 parts") { pickle in
      pickle.text("storage")
      pickle.global("collections", "OrderedDict")
      for text in ["0", "cpu"] { pickle.text(text) }
      pickle.integer(4)
    },
    stored("with-a-number-as-its-key", identifier, .malformed, "5 parts") { pickle in
      pickle.text("storage")
      pickle.global("torch", "FloatStorage")
      pickle.integer(0)
      pickle.text("cpu")
      pickle.integer(4)
    },
    stored("of-a-fraction-of-elements", identifier, .malformed, "5 parts") { pickle in
      pickle.text("storage")
      pickle.global("torch", "FloatStorage")
      for text in ["0", "cpu"] { pickle.text(text) }
      pickle.raw(0x47, 0x40, 0x10, 0, 0, 0, 0, 0, 0)
    },
    keyed("to-the-parent", "../0"), keyed("absolute", "/etc/passwd"), keyed("empty", "", "''"), keyed("in-a-folder", "0/1"),
    keyed("negative", "-1"), keyed("of-65-digits", String(repeating: "1", count: 65), "1111"), keyed("with-nul", "0\0", "0"),
    value("storage-of-negative-size", identifier, .malformed, "-4 elements") { $0.storage("FloatStorage", key: "99", elements: -4) },
    value("storage-size-overflow", identifier, .malformed, "elements") { $0.storage("DoubleStorage", key: "99", elements: 1 << 61) },
    value("storage-that-is-nowhere", "Z6. `data/KEY` for every storage", .malformed, "data/99") {
      $0.storage("FloatStorage", key: "99", elements: 4)
    },
    refuse("storage-larger-than-its-member", sizeRule, .malformed, "storage 2") { file in
      file[bias].elements = 17
    },
    refuse("storage-smaller-than-its-member", sizeRule, .malformed, "storage 2") { $0[bias].elements = 15 },
    refuse("storage-of-a-wider-type", sizeRule, .malformed, "storage 2") { $0[bias].storageType = "DoubleStorage" },
    refuse("storage-cut-by-a-byte", sizeRule, .malformed, "storage 2 has 63 bytes") { $0[storage: "2"].removeLast() },
    value("storage-described-twice", "described twice MUST be described equally", .malformed, "two different ways") {
      $0.storage("HalfStorage", key: "0", elements: 1024)
    },
    HostileCase(
      "pytorch-storage-of-integers-as-weights", rule: Rule("safetensors.md", "a model that needs such a tensor is refused by its name"),
      kind: .unsupported, mentions: ["config.json", bias, "i32"], arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft { $0[bias].storageType = "IntStorage" } },
  ]

  private static let within = "T4. A view lies within its storage"

  private static func viewed(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ change: @escaping @Sendable (inout PyTorchBuilder.Entry) -> Void
  ) -> HostileCase {
    refuse("view-\(name)", words, kind, bias, mention) { change(&$0[bias]) }
  }

  static let views: [HostileCase] = [
    viewed("beyond-its-storage", within, .malformed, "exceeds") { $0.sizes = [17] },
    viewed("from-beyond-its-storage", within, .malformed, "exceeds") { $0.offset = 1 },
    viewed("from-far-beyond", within, .malformed, "exceeds") { $0.offset = .max },
    viewed("from-before", within, .malformed, "below 0") { $0.offset = -1 },
    viewed("with-a-wide-stride", within, .malformed, "exceeds") { $0.strides = [2] },
    viewed("with-a-negative-stride", within, .malformed, "below 0") { $0.strides = [-1] },
    viewed("with-the-smallest-stride", within, .malformed, "below 0") { $0.strides = [.min] },
    viewed("with-a-stride-that-overflows", within, .malformed, "exceeds") { $0.strides = [.max] },
    viewed("whose-end-wraps", within, .malformed, "exceeds") { ($0.sizes, $0.strides) = ([5, 4], [1 << 62, 4]) },
    viewed("of-negative-size", "T3. Sizes, strides and offset", .malformed, "-16") { $0.sizes = [-16] },
    viewed("of-two-negative-sizes", "T3. Sizes, strides and offset", .malformed, "-4") { ($0.sizes, $0.strides) = ([-4, -4], [4, 1]) },
    viewed("whose-elements-overflow", "2^63 - 1", .malformed, "64 bits") { ($0.sizes, $0.strides) = ([1 << 32, 1 << 32], [0, 0]) },
    viewed("expanded", "no expanded tensors", .unsafe, "repeats") { ($0.sizes, $0.strides) = ([1000, 16], [0, 1]) },
    viewed("expanded-beyond-any-memory", "no expanded tensors", .unsafe, "repeats") { ($0.sizes, $0.strides) = ([1 << 40, 16], [0, 1]) },
    viewed("overlapping-itself", "no expanded tensors", .unsafe, "repeats") { ($0.sizes, $0.strides) = ([8, 8], [1, 1]) },
    refuse("view-of-nine-dimensions", "dimensions | 8", .malformed, "at most 8") { file in
      file[bias].sizes = [16] + [Int64](repeating: 1, count: 8)
      file[bias].strides = [Int64](repeating: 1, count: 9)
    },
    refuse("view-of-more-sizes-than-strides", "T3. Sizes, strides and offset", .malformed, "1 strides") {
      ($0[bias].sizes, $0[bias].strides) = ([4, 4], [1])
    },
    value("view-with-sizes-as-a-list", "P4.", .malformed, "tuples") { pickle in
      tensor(&pickle) { $0.emptyList() } strides: { $0.integers([1]) }
    },
    value("view-with-sizes-as-floats", "P4.", .malformed, "integers") { pickle in
      tensor(&pickle) { $0.raw(0x47, 0x40, 0x10, 0, 0, 0, 0, 0, 0, 0x85) } strides: { $0.integers([1]) }
    },
    value("view-with-hooks", "P4.", .unsupported, "hooks") { pickle in
      tensor(&pickle, sizes: { $0.integers([4]) }, strides: { $0.integers([1]) }) { hooks in
        hooks.emptyDictionary()
        hooks.text("hook")
        hooks.none()
        hooks.raw("s")
      }
    },
    value("view-conjugated", "T6. Conjugated or negated views are refused", .unsupported, "conjugated") { pickle in
      tensor(&pickle, sizes: { $0.integers([4]) }, strides: { $0.integers([1]) }) { parts in
        parts.orderedDictionary()
        parts.emptyDictionary()
        parts.text("conj")
        parts.bool(true)
        parts.raw("s")
      }
    },
    value("view-of-a-text", "P4.", .malformed, "_rebuild_tensor_v2") { pickle in
      pickle.global("torch._utils", "_rebuild_tensor_v2")
      pickle.mark()
      for text in ["storage", "0", "4", "1", "False", "None"] { pickle.text(text) }
      pickle.tuple()
      pickle.reduce()
    },
    value("view-of-too-few-arguments", "P4.", .malformed, "_rebuild_tensor_v2") { pickle in
      pickle.global("torch._utils", "_rebuild_tensor_v2")
      pickle.emptyTuple()
      pickle.reduce()
    },
  ]

  /// A tensor whose parts are written by hand.
  private static func tensor(
    _ pickle: inout PickleBuilder, sizes: (inout PickleBuilder) -> Void, strides: (inout PickleBuilder) -> Void,
    rest: (inout PickleBuilder) -> Void = { $0.orderedDictionary() }
  ) {
    pickle.global("torch._utils", "_rebuild_tensor_v2")
    pickle.mark()
    pickle.storage("FloatStorage", key: "2", elements: 16)
    pickle.integer(0)
    sizes(&pickle)
    strides(&pickle)
    pickle.bool(false)
    rest(&pickle)
    pickle.tuple()
    pickle.reduce()
  }

  private static let root = "T1. The root is a dictionary of tensors"
  private static let nameRule = "T2. Names as in safetensors.md S4, none twice"

  private static func named(_ name: String, _ mention: String, _ text: String) -> HostileCase {
    refuse("name-\(name)", nameRule, .malformed, mention) { $0[bias].name = text }
  }

  private static func rooted(_ name: String, _ mention: String, _ write: @escaping @Sendable (inout PickleBuilder) -> Void) -> HostileCase {
    pickle("root-\(name)", root, .malformed, mention) {
      var pickle = PickleBuilder()
      write(&pickle)
      pickle.stop()
      return pickle.bytes
    }
  }

  static let stateDicts: [HostileCase] = [
    rooted("none", "None") { $0.none() }, rooted("a-list", "a list") { $0.emptyList() }, rooted("a-tuple", "a tuple") { $0.emptyTuple() },
    rooted("a-text", "the text") { $0.text("weights") },
    rooted("a-tensor", "a tensor") { $0.tensor(key: "0", elements: 512, sizes: [512], strides: [1]) },
    rooted("without-tensors", "no tensors") { $0.raw("}NNs") },
    rooted("a-list-in-itself", "a list") { pickle in
      pickle.emptyList()
      pickle.put(0)
      pickle.get(0)
      pickle.raw("a")
    },
    rooted("a-dictionary-in-itself", "no tensors") { pickle in
      pickle.emptyDictionary()
      pickle.put(0)
      pickle.text("self")
      pickle.get(0)
      pickle.raw("s")
    },
    pickle("root-of-two-models", root, .inconsistent, "'model', 'ema'") {
      var pickle = PickleBuilder()
      pickle.emptyDictionary()
      for name in ["model", "ema"] {
        pickle.text(name)
        pickle.emptyDictionary()
        pickle.text("w")
        pickle.tensor(key: "0", elements: 512, sizes: [512], strides: [1])
        pickle.raw("ss")
      }
      pickle.stop()
      return pickle.bytes
    },
    pickle("key-a-number", root, .malformed, "the integer 1") {
      var pickle = PickleBuilder()
      pickle.emptyDictionary()
      pickle.integer(1)
      pickle.tensor(key: "0", elements: 512, sizes: [512], strides: [1])
      pickle.raw("s")
      pickle.stop()
      return pickle.bytes
    },
    named("empty", "empty", ""), named("with-a-line-feed", "control characters", "fc\nbias"), named("with-nul", "control characters", "fc\0"),
    named("of-1025-bytes", "longer than 1024", String(repeating: "n", count: 1025)),
    refuse("name-twice", nameRule, .malformed, "embed_tokens.weight", "have this name") { $0[bias].name = "embed_tokens.weight" },
    refuse("tensor-bomb", "at most 100,000 tensors", .unsafe, "100000 tensors") { file in
      file.pickle = PickleBuilder.manyTensors(100_001)
    },
  ]
}

extension PickleBuilder {
  /// So many empty tensors over one storage, as few bytes each as may be.
  static func manyTensors(_ count: Int) -> [UInt8] {
    var pickle = PickleBuilder()
    pickle.emptyDictionary()
    pickle.global("torch._utils", "_rebuild_tensor_v2")
    pickle.put(0)
    // One tuple of arguments serves all.
    pickle.mark()
    pickle.storage("FloatStorage", key: "0", elements: 512)
    pickle.integer(0)
    pickle.integers([0])
    pickle.integers([1])
    pickle.bool(false)
    pickle.none()
    pickle.tuple()
    pickle.put(1)
    pickle.raw(0x86)
    pickle.put(2)
    for number in 0..<count {
      pickle.text("t\(number)")
      pickle.get(0)
      pickle.get(1)
      pickle.reduce()
    }
    return pickle.bytes
  }
}
