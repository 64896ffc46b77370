import ByteStorage
import TestSupport

/// What a pickle asks for and what it does with it (P2 to P4). A command that ran would leave a file, which is looked for.
extension PyTorchCorpus {
  private static let others = "every other global is refused by its name"
  private static let reasons = "Quantized, sparse, nested and meta tensors are refused with the reason"
  private static let calls = "P4. `REDUCE` and `BUILD` take what these globals take and nothing else"
  private static let byName = "Every other one is refused by name"
  private static let objects = "those that make objects"

  /// A call of a global with a command, as it stands in malicious files.
  private static func call(_ module: String, _ name: String, as suffix: String) -> HostileCase {
    value("global-\(suffix)", others, .unsafe, "\(module).\(name)") { pickle in
      pickle.global(module, name)
      pickle.mark()
      pickle.text("touch executed")
      pickle.tuple()
      pickle.reduce()
    }
  }

  /// The same by `STACK_GLOBAL`, whose texts come from the stack.
  private static func stackGlobal(_ module: String, _ name: String, as suffix: String, isRemembered: Bool = false) -> HostileCase {
    value("stack-global-\(suffix)", others, .unsafe, "\(module).\(name)") { pickle in
      pickle.text(module)
      if isRemembered { pickle.put(200) }
      pickle.text(name)
      if isRemembered {
        // Both texts come back from the memo, far from where they were written.
        pickle.put(201)
        pickle.raw(0x86)
        pickle.get(200)
        pickle.get(201)
      }
      pickle.raw(0x93)
    }
  }

  static let globals: [HostileCase] = [
    call("os", "system", as: "os-system"), call("posix", "system", as: "posix-system"), call("nt", "system", as: "nt-system"),
    call("builtins", "eval", as: "eval"), call("builtins", "exec", as: "exec"), call("__builtin__", "eval", as: "eval-of-python-two"),
    call("builtins", "getattr", as: "getattr"), call("builtins", "__import__", as: "import"),
    call("subprocess", "Popen", as: "popen"), call("runpy", "_run_code", as: "run-code"), call("pty", "spawn", as: "spawn"),
    call("importlib", "import_module", as: "import-module"), call("marshal", "loads", as: "marshal"), call("pickle", "loads", as: "pickle-in-pickle"),
    call("functools", "partial", as: "partial"), call("operator", "attrgetter", as: "attrgetter"), call("types", "CodeType", as: "code-type"),
    call("ctypes", "CDLL", as: "shared-library"), call("shutil", "rmtree", as: "rmtree"), call("socket", "create_connection", as: "socket"),
    call("torch.hub", "load", as: "torch-hub"), call("torch", "load", as: "torch-load"), call("torch", "jit", as: "torch-jit"),
    call("numpy", "load", as: "numpy-load"), call("numpy.core.multiarray", "_reconstruct", as: "numpy-array"),
    call("collections", "Counter", as: "other-collection"), call("collections", "OrderedDict.__init__", as: "dotted"),
    call("torch._utils", "_rebuild_tensor", as: "older-tensor"), call("torch._tensor", "_rebuild_from_type_v2", as: "tensor-subclass"),
    call("transformers.models.llama", "LlamaModel", as: "a-model-class"), call("", "", as: "without-a-name"),
    stackGlobal("os", "system", as: "os-system"), stackGlobal("os", "system", as: "remembered", isRemembered: true),
    stackGlobal("torch._utils", "_rebuild_tensor_v2.__globals__", as: "dotted"),
    value("stack-global-of-numbers", calls, .malformed, "STACK_GLOBAL") { pickle in
      pickle.integer(1)
      pickle.integer(2)
      pickle.raw(0x93)
    },
    value("quantized", reasons, .unsupported, "_rebuild_qtensor", "quantized") { $0.global("torch._utils", "_rebuild_qtensor") },
    value("sparse", reasons, .unsupported, "_rebuild_sparse_tensor", "sparse") { $0.global("torch._utils", "_rebuild_sparse_tensor") },
    value("nested-tensor", reasons, .unsupported, "_rebuild_nested_tensor", "nested") { $0.global("torch._utils", "_rebuild_nested_tensor") },
    value("meta-tensor", reasons, .unsupported, "no data") { $0.global("torch._utils", "_rebuild_meta_tensor_no_storage") },
    value("storage-of-quantized-bytes", "`torch.*Storage` of known element types", .unsupported, "torch.QInt8Storage") {
      $0.global("torch", "QInt8Storage")
    },
    value("ordered-dictionary-with-arguments", calls, .malformed, "collections.OrderedDict") { pickle in
      pickle.global("collections", "OrderedDict")
      pickle.integers([1])
      pickle.reduce()
    },
    value("size-of-numbers", calls, .malformed, "torch.Size") { pickle in
      pickle.global("torch", "Size")
      pickle.integers([1, 2])
      pickle.reduce()
    },
    value("storage-called", calls, .unsafe, "REDUCE") { pickle in
      pickle.global("torch", "FloatStorage")
      pickle.integers([4])
      pickle.reduce()
    },
    value("text-called", calls, .unsafe, "REDUCE") { pickle in
      pickle.text("os.system")
      pickle.integers([4])
      pickle.reduce()
    },
    value("called-with-a-list", calls, .unsafe, "REDUCE") { pickle in
      pickle.global("collections", "OrderedDict")
      pickle.emptyList()
      pickle.reduce()
    },
    value("state-of-a-tensor", calls, .unsafe, "BUILD") { pickle in
      pickle.tensor(key: "0", elements: 512, sizes: [32, 16], strides: [16, 1])
      pickle.emptyDictionary()
      pickle.build()
    },
    value("state-other-than-metadata", calls, .unsafe, "BUILD") { pickle in
      pickle.orderedDictionary()
      pickle.emptyDictionary()
      pickle.text("__setstate__")
      pickle.none()
      pickle.raw("s")
      pickle.build()
    },
    value("state-with-slots", calls, .unsafe, "BUILD") { pickle in
      pickle.orderedDictionary()
      pickle.emptyDictionary()
      pickle.emptyDictionary()
      pickle.raw(0x86)
      pickle.build()
    },
    value("parameter-of-nothing", calls, .malformed, "_rebuild_parameter") { pickle in
      pickle.global("torch._utils", "_rebuild_parameter")
      pickle.none()
      pickle.bool(true)
      pickle.orderedDictionary()
      pickle.raw(0x87)
      pickle.reduce()
    },
  ]

  private static func opcode(_ name: String, _ bytes: UInt8..., text: String = "", tail: [UInt8] = []) -> HostileCase {
    let suffix = name.lowercased().replacing("_", with: "-")
    return value("opcode-\(suffix)", byName, .unsupported, name) { pickle in
      pickle.none()
      pickle.bytes += bytes + Array(text.utf8) + tail
    }
  }

  static let opcodes: [HostileCase] = [
    value("opcode-inst", objects, .unsafe, "INST", "os.system") { pickle in
      pickle.mark()
      pickle.text("touch executed")
      pickle.raw("ios\nsystem\n")
    },
    value("opcode-obj", objects, .unsafe, "OBJ") { pickle in
      pickle.mark()
      pickle.global("collections", "OrderedDict")
      pickle.raw("o")
    },
    value("opcode-newobj", objects, .unsafe, "NEWOBJ") { pickle in
      pickle.global("collections", "OrderedDict")
      pickle.emptyTuple()
      pickle.raw(0x81)
    },
    value("opcode-newobj-ex", objects, .unsafe, "NEWOBJ_EX") { pickle in
      pickle.global("collections", "OrderedDict")
      pickle.emptyTuple()
      pickle.emptyDictionary()
      pickle.raw(0x92)
    },
    value("opcode-ext1", objects, .unsafe, "EXT1") { $0.raw(0x82, 1) },
    value("opcode-ext2", objects, .unsafe, "EXT2") { $0.raw(0x83, 1, 0) },
    value("opcode-ext4", objects, .unsafe, "EXT4") { $0.raw(0x84, 1, 0, 0, 0) },
    opcode("PERSID", text: "Pstorage\n"), opcode("GET", text: "g0\n"), opcode("PUT", text: "p0\n"), opcode("INT", text: "I1\n"),
    opcode("LONG", text: "L1L\n"), opcode("FLOAT", text: "F1.5\n"), opcode("STRING", text: "S'a'\n"), opcode("UNICODE", text: "Va\n"),
    opcode("LIST", text: "(l"), opcode("DICT", text: "(d"), opcode("POP", text: "0"), opcode("POP_MARK", text: "(1"), opcode("DUP", text: "2"),
    opcode("BINBYTES", text: "B", tail: [1, 0, 0, 0, 0]), opcode("SHORT_BINBYTES", text: "C", tail: [1, 0]),
    opcode("BINBYTES8", 0x8E, tail: [1, 0, 0, 0, 0, 0, 0, 0, 0]), opcode("BYTEARRAY8", 0x96, tail: [1, 0, 0, 0, 0, 0, 0, 0, 0]),
    opcode("EMPTY_SET", 0x8F), opcode("ADDITEMS", 0x28, 0x90), opcode("FROZENSET", 0x28, 0x91),
    opcode("NEXT_BUFFER", 0x97), opcode("READONLY_BUFFER", 0x98), opcode("PROTO", 0x80, 2),
    value("opcode-unknown", "Opcodes: only those that a state dict is made of", .malformed, "byte 255") { $0.raw(0xFF) },
    value("opcode-zero", "Opcodes: only those that a state dict is made of", .malformed, "byte 0 ") { $0.raw(0) },
  ]
}
