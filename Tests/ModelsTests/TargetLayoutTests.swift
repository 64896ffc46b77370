import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

/// Targets under the names of others, and weights that others packed.
struct TargetLayoutTests {
  private static func renamed(_ tiny: TinyModel, _ change: (String) -> String) throws -> MemorySource {
    var source = MemorySource()
    for tensor in tiny.source.tensors {
      try source.add(change(tensor.name), tensor.type, tensor.shape.dimensions, bytes: tiny.source.bytes(tensor.name))
    }
    return source
  }

  /// How names are changed.
  struct Naming: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (String) -> String

    init(_ name: String, _ change: @escaping @Sendable (String) -> String) { (testDescription, self.change) = (name, change) }

    static func before(_ prefix: String, headToo: Bool = true) -> Naming {
      Naming(prefix + (headToo ? "" : ", the head outside")) { $0 == "lm_head.weight" && !headToo ? $0 : prefix + $0 }
    }

    static let all: [Naming] = [
      .before("_orig_mod."), .before("module."), .before("base_model.model."), .before("language_model."), .before("module._orig_mod."),
      .before("module.base_model.model."), .before("language_model.", headToo: false),
      Naming("model.language_model.") { $0.hasPrefix("model.") ? "model.language_model." + $0.dropFirst(6) : $0 },
      Naming("no model.") { $0.hasPrefix("model.") ? String($0.dropFirst(6)) : $0 },
      Naming("compiled layers") { $0.replacing("model.layers.0.", with: "model.layers.0._orig_mod.") },
      Naming("a compiled bare model") { "_orig_mod." + ($0.hasPrefix("model.") ? String($0.dropFirst(6)) : $0) },
    ]
  }

  @Test(arguments: Naming.all) func namesAreBroughtToTheReleasedOnes(naming: Naming) throws {
    for options in [TinyModel.Options(), .family("mixtral"), TinyModel.Options { $0.tied = true }] {
      let tiny = try TinyModel.target(options)
      let plain = try TargetModel.recognise(tiny.source, config: tiny.document())
      let source = try TargetLayoutTests.renamed(tiny, naming.change)
      // A tied model under a prefix has no head that could be outside.
      let model = try TargetModel.recognise(source, config: tiny.document())
      #expect(model.tensors.bindings.map(\.name) == plain.tensors.bindings.map(\.name))
      #expect(model.parameterCount == plain.parameterCount && model.warnings == plain.warnings)
      for binding in model.tensors.bindings {
        let bytes = try model.tensors.source.withBytes(of: binding.index) { $0.copied }
        #expect(bytes == tiny.source.bytes(binding.name), "\(binding.name)")
      }
    }
  }

  @Test func otherPrefixesAreNamed() throws {
    let tiny = try TinyModel.target()
    let source = try TargetLayoutTests.renamed(tiny) { "net.decoder." + $0 }
    let error = #expect(throws: GriffinError.self) { try TargetModel.recognise(source, config: tiny.document()) }
    #expect(error?.kind == .inconsistent)
    #expect(error?.hints.first == "every name begins with \"net.decoder.\"; without it 21 would be those that are expected")
  }

  @Test func anUntiedTargetWithoutAHeadHearsOfTheKey() throws {
    var tiny = try TinyModel.target()
    tiny.source.remove("lm_head.weight")
    let error = #expect(throws: GriffinError.self) { try TargetModel.recognise(tiny.source, config: tiny.document()) }
    #expect(error?.tensor == "lm_head.weight" && error?.hints.first?.contains("\"tie_word_embeddings\": true") == true)
    tiny.config["tie_word_embeddings"] = true
    _ = try TargetModel.recognise(tiny.source, config: tiny.document())
  }

  // MARK: Fused experts

  /// What transformers 5 holds in memory: the experts of a layer in two tensors.
  private static func fused(_ tiny: TinyModel, block: String) throws -> MemorySource {
    var source = MemorySource()
    let experts = try #require(tiny.config["num_local_experts"]?.integer)
    for tensor in tiny.source.tensors where !tensor.name.contains(".experts.") {
      try source.add(
        tensor.name.replacing("block_sparse_moe", with: block), tensor.type, tensor.shape.dimensions,
        bytes: tiny.source.bytes(tensor.name))
    }
    for layer in 0..<2 {
      let old = "model.layers.\(layer).block_sparse_moe.experts."
      func bytes(_ expert: Int, _ part: String) -> [UInt8] { tiny.source.bytes("\(old)\(expert).\(part).weight") }
      let new = "model.layers.\(layer).\(block).experts."
      try source.add(
        new + "gate_up_proj", .f32, [experts, 2 * 172, 64], bytes: (0..<experts).flatMap { bytes($0, "w1") + bytes($0, "w3") })
      try source.add(new + "down_proj", .f32, [experts, 64, 172], bytes: (0..<experts).flatMap { bytes($0, "w2") })
    }
    return source
  }

  @Test(arguments: ["mlp", "block_sparse_moe"]) func fusedExpertsAreSplit(block: String) throws {
    let tiny = try TinyModel.target(.family("mixtral"))
    let plain = try TargetModel.recognise(tiny.source, config: tiny.document())
    let model = try TargetModel.recognise(TargetLayoutTests.fused(tiny, block: block), config: tiny.document())
    #expect(model.tensors.bindings.map(\.name) == plain.tensors.bindings.map(\.name))
    #expect(model.parameterCount == plain.parameterCount && model.warnings.isEmpty)
    for binding in model.tensors.bindings {
      let expected = tiny.source.bytes(binding.name)
      #expect(try model.tensors.source.withBytes(of: binding.index) { $0.copied } == expected, "\(binding.name)")
      // A part of it, as the packer reads.
      var buffer = ByteBuffer(byteCount: expected.count - 8)
      do {
        var bytes = buffer.mutableBytes
        try model.tensors.source.read(binding.index, at: 4, into: &bytes)
      }
      #expect(buffer.bytes.copied == Array(expected[4..<expected.count - 4]))
    }
  }

  @Test func fusedExpertsOfAnotherFormAreSaid() throws {
    let tiny = try TinyModel.target(.family("mixtral"))
    for shape in [[5, 3, 64], [0, 344, 64], [100_000, 2, 1], [344, 64]] {
      var source = try TargetLayoutTests.fused(tiny, block: "mlp")
      source.remove("model.layers.0.mlp.experts.gate_up_proj")
      try source.add("model.layers.0.mlp.experts.gate_up_proj", .f32, shape)
      let error = #expect(throws: GriffinError.self) { try TargetModel.recognise(source, config: tiny.document()) }
      #expect(error?.kind == .inconsistent, "\(shape)")
    }
  }

  // MARK: Packed weights

  /// Tensors that a tool leaves in place of one projection, and what it is called.
  private static let packed: [(String, [(String, ElementType, [Int])])] = [
    ("GPTQ or AWQ", [("qweight", .i32, [8, 64]), ("scales", .f16, [1, 64])]),
    ("bitsandbytes, 8", [("weight", .i8, [80, 64]), ("SCB", .f32, [80])]),
    ("bitsandbytes, 4", [("weight", .u8, [2560, 1]), ("weight.absmax", .u8, [80]), ("weight.quant_map", .f32, [16])]),
    ("MLX", [("weight", .u32, [80, 8]), ("scales", .f16, [80, 1]), ("biases", .f16, [80, 1])]),
    ("compressed-tensors", [("weight_packed", .i32, [80, 8]), ("weight_scale", .bf16, [80, 1]), ("weight_shape", .i64, [2])]),
    ("NVFP4", [("weight", .u8, [80, 32]), ("weight_scale", .f8_e4m3, [80, 4]), ("weight_scale_2", .f32, [])]),
    ("F8", [("weight", .f8_e4m3fnuz, [80, 64]), ("weight_scale_inv", .f32, [1, 1])]),
    ("8-bit integers", [("weight", .i8, [80, 64]), ("weight_scale", .f32, [80, 1])]),
    ("LoRA", [("weight", .f32, [80, 64]), ("lora_A.weight", .f32, [8, 64]), ("lora_B.weight", .f32, [80, 8])]),
  ]

  @Test(arguments: packed.indices) func packedWeightsAreNamed(index: Int) throws {
    let (name, tensors) = TargetLayoutTests.packed[index]
    let models: [(TinyModel, String, Bool)] = [
      (try TinyModel.target(), "model.layers.0.self_attn.q_proj.", true), (try TinyModel.eagleDraft(), "layers.0.self_attn.q_proj.", false),
    ]
    for (tiny, module, isTarget) in models {
      var source = tiny.source
      source.remove(module + "weight")
      for (part, type, shape) in tensors { try source.add(module + part, type, shape) }
      let error = #expect(throws: GriffinError.self) {
        if isTarget {
          _ = try TargetModel.recognise(source, config: tiny.document())
        } else {
          _ = try DraftModel.recognise(source, config: tiny.document())
        }
      }
      #expect(error?.kind == .unsupported && error?.message.contains(name) == true, "\(String(describing: error))")
      #expect(error?.tensor?.hasPrefix(module) == true && error?.hints.count == 1)
    }
  }

  @Test func aMethodThatPlainFloatsContradictIsLeftAside() throws {
    var tiny = try TinyModel.target()
    tiny.config["quantization_config"] = ["quant_method": "fp8"]
    let model = try TargetModel.recognise(tiny.source, config: tiny.document())
    #expect(model.warnings == ["config.json: quantization_config says fp8, but all weights are plain floats; it is left aside"])
    var draft = try TinyModel.eagle3Draft()
    draft.config["quantization_config"] = ["quant_algo": "FP8"]
    #expect(try DraftModel.recognise(draft.source, config: draft.document()).warnings.count == 1)
    // Beside weights of another kind it stands.
    tiny.source.remove("model.norm.weight")
    try tiny.source.add("model.norm.weight", .i64, [64])
    let error = #expect(throws: GriffinError.self) { try TargetModel.recognise(tiny.source, config: tiny.document()) }
    #expect(error?.kind == .unsupported && error?.message.contains("quantized with fp8") == true)
  }

  @Test func hostileQuantizationNamesStayOnOneLine() throws {
    var tiny = try TinyModel.target()
    tiny.config["quantization_config"] = ["quant_method": .string("x\n\u{1B}[31m" + String(repeating: "y", count: 1000))]
    let warning = try #require(try TargetModel.recognise(tiny.source, config: tiny.document()).warnings.first)
    #expect(warning.count < 200 && !warning.contains("\n") && !warning.contains("\u{1B}"))
    try tiny.source.add("\u{1B}[2J.qweight", .i32, [1])
    try tiny.source.add("\u{1B}[2J.g_idx", .i32, [1])
    let error = #expect(throws: GriffinError.self) { try TargetModel.recognise(tiny.source, config: tiny.document()) }
    #expect(error?.message.contains("GPTQ") == true && error?.description.contains("\u{1B}") == false)
  }
}
