import ByteStorage
import TestSupport

/// What a pickle holds: the root, and the names in it (T1 and T2).
extension PyTorchCorpus {
  private static let bias = "fc.fc.bias"
  private static let root = "T1. The root is a dictionary of tensors"
  private static let nameRule = "T2. Names as in safetensors.md S4, none twice"

  private static func named(_ name: String, _ mention: String, _ text: String) -> HostileCase {
    refuse("name-\(name)", nameRule, .malformed, mention) { $0[bias].name = text }
  }

  private static func rooted(_ name: String, _ mention: String, _ write: @escaping @Sendable (inout PickleBuilder) -> Void)
    -> HostileCase
  {
    pickle("root-\(name)", root, .malformed, mention) {
      var pickle = PickleBuilder()
      write(&pickle)
      pickle.stop()
      return pickle.bytes
    }
  }

  static let stateDicts: [HostileCase] = [
    rooted("none", "None") { $0.none() }, rooted("a-list", "a list") { $0.emptyList() },
    rooted("a-tuple", "a tuple") { $0.emptyTuple() },
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
    named("empty", "empty", ""), named("with-a-line-feed", "control characters", "fc\nbias"),
    named("with-nul", "control characters", "fc\0"),
    named("of-1025-bytes", "longer than 1024", String(repeating: "n", count: 1025)),
    refuse("name-twice", nameRule, .malformed, "embed_tokens.weight", "have this name") { $0[bias].name = "embed_tokens.weight" },
    refuse("tensor-bomb", "at most 100,000 tensors", .unsafe, "100000 tensors") { file in
      file.pickle = PickleBuilder.manyTensors(100_001)
    },
  ]
}

extension PickleBuilder {
  /// So many tensors over one storage, as few bytes each as may be.
  static func manyTensors(_ count: Int, elements: Int64 = 0) -> [UInt8] {
    var pickle = PickleBuilder()
    pickle.emptyDictionary()
    pickle.mark()
    pickle.text("first")
    pickle.global("torch._utils", "_rebuild_tensor_v2")
    pickle.put(0)
    // One tuple of arguments serves all.
    pickle.mark()
    pickle.storage("FloatStorage", key: "0", elements: 512)
    pickle.integer(0)
    pickle.integers([elements])
    pickle.integers([1])
    pickle.bool(false)
    pickle.none()
    pickle.tuple()
    pickle.put(1)
    pickle.reduce()
    for number in 1..<count {
      pickle.text("t\(number)")
      pickle.get(0)
      pickle.get(1)
      pickle.reduce()
    }
    pickle.setItems()
    pickle.stop()
    return pickle.bytes
  }
}
