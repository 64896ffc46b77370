import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

/// What sets the families apart: tensors, defaults and windows.
struct FamilyTests {
  private static func model(_ name: String, _ change: (inout TinyModel) throws -> Void = { _ in }) throws -> TargetModel {
    var tiny = try TinyModel.target(.family(name))
    try change(&tiny)
    return try TargetModel.recognise(tiny.source, config: tiny.document())
  }

  private static func refusal(_ name: String, _ change: (inout TinyModel) throws -> Void) throws -> GriffinError? {
    #expect(throws: GriffinError.self) { try model(name, change) }
  }

  @Test(arguments: TinyModel.Options.families) func everyFamilyIsItself(name: String) throws {
    let model = try FamilyTests.model(name)
    #expect(model.family.name == name && model.warnings.isEmpty)
    // The normalised configuration of a bundle gives the same tensors and the same arithmetic.
    let document = try ConfigDocument(.object(model.configuration.document), file: nil)
    let again = try TargetModel(
      family: model.family, configuration: TransformerConfiguration(reading: document),
      table: TensorTable(model.tensors.source), prefix: "", file: nil)
    #expect(again.configuration == model.configuration)
    #expect(again.tensors.bindings == model.tensors.bindings)
  }

  @Test(arguments: TinyModel.Options.families, [true, false])
  func headsAreTiedWhereTheConfigurationSaysSo(name: String, keep: Bool) throws {
    let model = try FamilyTests.model(name) {
      $0.config["tie_word_embeddings"] = true
      if !keep { $0.source.remove("lm_head.weight") }
    }
    let untied = try FamilyTests.model(name)
    #expect(model.configuration.tiesEmbeddings && !untied.configuration.tiesEmbeddings)
    #expect(model.parameterCount == untied.parameterCount - 203 * 64)
  }

  @Test func biasesAreWhatTheFamilySays() throws {
    for part in ["q", "k", "v"] {
      let name = "model.layers.1.self_attn.\(part)_proj.bias"
      #expect(try FamilyTests.refusal("qwen2") { $0.source.remove(name) }?.tensor == name)
      for family in ["mixtral", "mistral"] {
        let shape = part == "q" ? [80] : [40]
        #expect(try FamilyTests.refusal(family) { try $0.source.add(name, .f32, shape) }?.tensor == name)
      }
    }
    let output = "model.layers.0.self_attn.o_proj.bias"
    #expect(try FamilyTests.refusal("qwen2") { try $0.source.add(output, .f32, [64]) }?.tensor == output)
  }

  @Test func declaredBiasesThatAreNotThereAreSaid() throws {
    for family in ["llama", "qwen3"] {
      let model = try FamilyTests.model(family) { $0.config["attention_bias"] = true }
      #expect(model.warnings == ["the configuration declares q/k/v biases and the file has none; the tensors decide"])
    }
  }

  @Test func headNormsAreQwen3s() throws {
    let model = try FamilyTests.model("qwen3")
    let norm = try #require(model.tensors[.layer(1, .keyNorm)])
    #expect(model.tensors.source.tensors[norm].shape.dimensions == [20])
    let name = "model.layers.0.self_attn.q_norm.weight"
    #expect(try FamilyTests.refusal("qwen3") { $0.source.remove(name) }?.tensor == name)
    #expect(try FamilyTests.refusal("llama") { try $0.source.add(name, .f32, [20]) }?.tensor == name)
    // The default is 128, whatever hidden_size and heads are.
    #expect(
      try FamilyTests.refusal("qwen3") { $0.config["head_dim"] = nil }?.message
        .contains("self_attn.q_proj.weight: expected [512, 64], found [80, 64]") == true)
  }

  @Test func expertsAreTensorsOfTheirOwn() throws {
    let model = try FamilyTests.model("mixtral")
    #expect(model.configuration.experts?.count == 5 && model.configuration.experts?.perToken == 2)
    #expect(model.tensors[.layer(0, .router)] != nil && model.tensors[.layer(0, .gate)] == nil)
    for (role, part) in [(ExpertRole.gate, "w1"), (.up, "w3"), (.down, "w2")] {
      let index = try #require(model.tensors[.layer(1, .expert(4, role))])
      #expect(model.tensors.source.tensors[index].name == "model.layers.1.block_sparse_moe.experts.4.\(part).weight")
    }
    let name = "model.layers.1.block_sparse_moe.experts.4.w2.weight"
    #expect(try FamilyTests.refusal("mixtral") { $0.source.remove(name) }?.tensor == name)
    #expect(try FamilyTests.refusal("mixtral") { $0.config["num_local_experts"] = 4 }?.message.contains("6 unexpected") == true)
    #expect(
      try FamilyTests.refusal("mixtral") { $0.config["num_experts_per_tok"] = 6 }?.message
        == "num_experts_per_tok is 6 of num_local_experts 5")
    #expect(try FamilyTests.refusal("mixtral") { $0.config["num_local_experts"] = 1_000_000 }?.kind == .malformed)
    let crowded = try FamilyTests.refusal("mixtral") {
      ($0.config["num_local_experts"], $0.config["num_hidden_layers"]) = (1024, 65)
    }
    #expect(crowded?.message == "num_local_experts 1024 in num_hidden_layers 65 are more than 65536 experts")
    // A dense family does not look at the key.
    #expect(try FamilyTests.model("llama") { $0.config["num_local_experts"] = 8 }.configuration.experts == nil)
  }

  @Test func silentKeysMeanWhatTheFamilyMeans() throws {
    let mixtral = try FamilyTests.model("mixtral") {
      ($0.config["rms_norm_eps"], $0.config["num_experts_per_tok"]) = (nil, nil)
    }.configuration
    #expect(mixtral.rotary.base == 1e6 && mixtral.rmsNormEpsilon == 1e-5 && mixtral.experts?.perToken == 2)
    for family in ["llama", "qwen2", "qwen3", "mistral"] {
      #expect(try FamilyTests.model(family) { $0.config["rms_norm_eps"] = nil }.configuration.rmsNormEpsilon == 1e-6)
      #expect(try FamilyTests.model(family).configuration.rotary.base == 10000)
    }
    let inside = try FamilyTests.model("mixtral") {
      $0.config["rope_parameters"] = ["rope_theta": 777.0, "rope_type": "default"]
    }
    #expect(inside.configuration.rotary.base == 777)
  }

  @Test func multipliersAreGranites() throws {
    let own = try #require(try FamilyTests.model("granite").configuration.multipliers)
    #expect([own.embedding, own.attention, own.residual, own.logitsDivisor] == [1.5, 0.3, 0.6, 3])
    // GraniteConfig's defaults, also that of attention, which is no 1 / sqrt(head_dim) then.
    let silent = try FamilyTests.model("granite") {
      for key in ["embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"] { $0.config[key] = nil }
    }.configuration.multipliers
    #expect(silent?.attention == 1 && silent?.embedding == 1 && silent?.residual == 1 && silent?.logitsDivisor == 1)
    #expect(try FamilyTests.model("llama") { $0.config["attention_multiplier"] = 0.3 }.configuration.multipliers == nil)
  }

  @Test func windowsSlideOnlyWhereEnabled() throws {
    func window(_ family: String, _ changes: JSONObject) throws -> [Int?] {
      let configuration = try FamilyTests.model(family) { tiny in
        for member in changes.members { tiny.config[member.key] = member.value }
      }.configuration
      return [configuration.slidingWindow?.size(inLayer: 0), configuration.slidingWindow?.size(inLayer: 1)]
    }
    for family in ["qwen2", "qwen3"] {
      #expect(try window(family, ["sliding_window": 7]) == [nil, nil])
      #expect(try window(family, ["sliding_window": 7, "use_sliding_window": false, "max_window_layers": 0]) == [nil, nil])
      #expect(try window(family, ["sliding_window": 7, "use_sliding_window": true]) == [nil, nil])
      #expect(try window(family, ["sliding_window": 7, "use_sliding_window": true, "max_window_layers": 1]) == [nil, 7])
      #expect(try window(family, ["use_sliding_window": true, "max_window_layers": 0]) == [4096, 4096])
      let types: JSONValue = ["sliding_attention", "full_attention"]
      #expect(try window(family, ["sliding_window": 7, "use_sliding_window": true, "layer_types": types]) == [7, nil])
    }
    #expect(try window("mistral", ["sliding_window": 9]) == [9, 9])
    #expect(try window("mistral", ["sliding_window": nil]) == [nil, nil])
    #expect(try FamilyTests.model("mistral") { $0.config["sliding_window"] = nil }.configuration.slidingWindow?.size == 4096)
    #expect(try window("mixtral", ["sliding_window": 9]) == [9, 9])
    #expect(try window("mixtral", [:]) == [nil, nil])
    #expect(try window("llama", ["sliding_window": 9, "layer_types": ["sliding_attention", "full_attention"]]) == [nil, nil])
  }

  @Test func listsOfLayersAreChecked() throws {
    for (types, message) in [
      (["full_attention"], "layer_types is not a list of num_hidden_layers (2) kinds of layers"),
      ("full_attention", "layer_types is not a list of num_hidden_layers (2) kinds of layers"),
      (
        ["full_attention", "chunked_attention"],
        "layer_types has \"chunked_attention\"; expected \"full_attention\" or \"sliding_attention\""
      ),
    ] as [(JSONValue, String)] {
      let error = try FamilyTests.refusal("qwen3") { ($0.config["use_sliding_window"], $0.config["layer_types"]) = (true, types) }
      #expect(error?.message == message)
    }
  }
}
