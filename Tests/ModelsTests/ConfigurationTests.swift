import ByteStorage
import Models
import Testing

struct ConfigurationTests {
  /// A complete config.json, of LLaMA 2 7B.
  private static let complete: JSONObject = [
    "architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
    "hidden_size": 4096, "intermediate_size": 11008, "max_position_embeddings": 4096, "model_type": "llama",
    "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32, "pretraining_tp": 1, "rms_norm_eps": 1e-5,
    "rope_scaling": nil, "rope_theta": 10000.0, "tie_word_embeddings": false, "torch_dtype": "float16", "vocab_size": 32000,
  ]

  private static let limits = JSONLimits(bytes: 1 << 20, depth: 8, values: 1000, stringBytes: 1000)

  private static func read(_ changes: [String: JSONValue?] = [:]) throws(GriffinError) -> TransformerConfiguration {
    var object = complete
    for (key, value) in changes { object[key] = value }
    return try TransformerConfiguration(reading: ConfigDocument(.object(object), file: "config.json"))
  }

  private static func refusal(_ changes: [String: JSONValue?]) -> GriffinError? {
    #expect(throws: GriffinError.self) { try read(changes) }
  }

  @Test func everyKeyIsRead() throws {
    let configuration = try ConfigurationTests.read([
      "num_key_value_heads": 8, "head_dim": 64, "rope_theta": 500_000, "tie_word_embeddings": true,
      "eos_token_id": [128_001, 128_009], "rms_norm_eps": 1e-6, "attention_bias": true,
    ])
    #expect(configuration.hiddenSize == 4096)
    #expect(configuration.intermediateSize == 11008)
    #expect(configuration.layerCount == 32)
    #expect(configuration.headCount == 32)
    #expect(configuration.keyValueHeadCount == 8)
    #expect(configuration.headDimension == 64)
    #expect(configuration.queryWidth == 2048)
    #expect(configuration.keyValueWidth == 512)
    #expect(configuration.vocabularySize == 32000)
    #expect(configuration.rmsNormEpsilon == 1e-6)
    #expect(configuration.rotary.base == 500_000)
    #expect(configuration.rotary.scaling == .none)
    #expect(configuration.tiesEmbeddings)
    #expect(configuration.maximumPositions == 4096)
    #expect(configuration.declaresAttentionBias == true)
    #expect(configuration.beginTokens == [1])
    #expect(configuration.endTokens == [128_001, 128_009])
    #expect(configuration.stopTokens == [], "both lie outside the vocabulary")
  }

  @Test func silentKeysMeanWhatTheyMeanToEverybody() throws {
    let silent: [String: JSONValue?] = [
      "num_key_value_heads": nil, "rope_theta": nil, "rms_norm_eps": nil, "tie_word_embeddings": nil,
      "max_position_embeddings": nil, "attention_bias": nil, "hidden_act": nil, "bos_token_id": nil,
      "eos_token_id": nil,
    ]
    // Absent and null are the same.
    for changes in [silent, silent.mapValues { _ in .some(.null) }] {
      let configuration = try ConfigurationTests.read(changes)
      #expect(configuration.keyValueHeadCount == 32)
      #expect(configuration.headDimension == 128)
      #expect(configuration.rotary.base == 10000)
      #expect(configuration.rmsNormEpsilon == 1e-6)
      #expect(!configuration.tiesEmbeddings)
      #expect(configuration.maximumPositions == nil)
      #expect(configuration.declaresAttentionBias == nil)
      #expect(configuration.beginTokens.isEmpty && configuration.endTokens.isEmpty)
    }
  }

  @Test(arguments: ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"])
  func sizesAreRequired(key: String) {
    let expected = GriffinError(.malformed, file: "config.json", "\(key) is missing; a model's configuration needs it")
    #expect(ConfigurationTests.refusal([key: nil]) == expected)
    #expect(ConfigurationTests.refusal([key: .some(.null)]) == expected)
  }

  private static let mistyped: [(key: String, value: JSONValue, message: String)] = [
    ("hidden_size", "4096", #"hidden_size is "4096"; expected an integer"#),
    ("intermediate_size", 11008.5, "intermediate_size is 11008.5; expected an integer"),
    ("num_hidden_layers", [32], "num_hidden_layers is [32]; expected an integer"),
    ("num_attention_heads", true, "num_attention_heads is true; expected an integer"),
    ("num_key_value_heads", [:], "num_key_value_heads is {}; expected an integer"),
    ("vocab_size", .number(1e300), "vocab_size is 1e+300; expected an integer"),
    ("head_dim", "128", #"head_dim is "128"; expected an integer"#),
    ("max_position_embeddings", "4k", #"max_position_embeddings is "4k"; expected an integer"#),
    ("rms_norm_eps", "1e-5", #"rms_norm_eps is "1e-5"; expected a number"#),
    ("rope_theta", true, "rope_theta is true; expected a number"),
    ("tie_word_embeddings", 0, "tie_word_embeddings is 0; expected true or false"),
    ("attention_bias", "no", #"attention_bias is "no"; expected true or false"#),
    ("qkv_bias", 1, "qkv_bias is 1; expected true or false"),
    ("hidden_act", 3, "hidden_act is 3; expected a string"),
    ("bos_token_id", "<s>", #"bos_token_id is "<s>"; expected a token id or a list of them"#),
    ("eos_token_id", [2, "</s>"], #"eos_token_id is [2,"</s>"]; expected a token id or a list of them"#),
    ("rope_parameters", 3, "expected a JSON object with the model's configuration"),
  ]

  @Test(arguments: mistyped) func mistypedKeysAreNamed(key: String, value: JSONValue, message: String) {
    #expect(ConfigurationTests.refusal([key: value]) == GriffinError(.malformed, file: "config.json", message))
  }

  private static let outOfRange: [(key: String, value: JSONValue, message: String)] = [
    ("hidden_size", 0, "hidden_size is 0; expected 1 to 1048576"),
    ("hidden_size", .integer(Int.max), "hidden_size is \(Int.max); expected 1 to 1048576"),
    ("intermediate_size", -1, "intermediate_size is -1; expected 1 to 1048576"),
    ("num_hidden_layers", 1_000_000_000, "num_hidden_layers is 1000000000; expected 1 to 4096"),
    ("num_attention_heads", 0, "num_attention_heads is 0; expected 1 to 4096"),
    ("num_key_value_heads", 0, "num_key_value_heads is 0; expected 1 to 4096"),
    ("vocab_size", 0, "vocab_size is 0; expected 1 to 16777216"),
    ("head_dim", 0, "head_dim is 0; expected 1 to 1048576"),
    ("max_position_embeddings", 0, "max_position_embeddings is 0; expected 1 to 1000000000"),
    ("rms_norm_eps", -1e-5, "rms_norm_eps is -1e-05; expected 0.0 to 1.0"),
    ("rms_norm_eps", .number(.infinity), "rms_norm_eps is inf; expected 0.0 to 1.0"),
    ("rope_theta", 0, "rope_theta is 0.0; expected 1.0 to 1e+18"),
    ("rope_theta", .number(.nan), "rope_theta is nan; expected 1.0 to 1e+18"),
  ]

  @Test(arguments: outOfRange) func absurdSizesAreRefused(key: String, value: JSONValue, message: String) {
    #expect(ConfigurationTests.refusal([key: value]) == GriffinError(.malformed, file: "config.json", message))
  }

  @Test func headsMustDivide() {
    #expect(
      ConfigurationTests.refusal(["num_attention_heads": 33, "num_key_value_heads": nil])
        == GriffinError(
          .inconsistent, file: "config.json",
          "hidden_size 4096 is not a multiple of num_attention_heads 33, and there is no head_dim"))
    #expect(
      ConfigurationTests.refusal(["num_key_value_heads": 5])
        == GriffinError(.inconsistent, file: "config.json", "num_attention_heads 32 is not a multiple of num_key_value_heads 5"))
    #expect(
      ConfigurationTests.refusal(["head_dim": 127])
        == GriffinError(
          .inconsistent, file: "config.json", "head_dim is 127; rotary position embedding needs an even number"))
  }

  @Test func headDimensionMayStandAlone() throws {
    let configuration = try ConfigurationTests.read(["num_attention_heads": 33, "num_key_value_heads": 11, "head_dim": 128])
    #expect(configuration.queryWidth == 33 * 128 && configuration.keyValueWidth == 11 * 128)
  }

  @Test func whatWouldDecodeWrongIsRefusedByName() {
    #expect(
      ConfigurationTests.refusal(["hidden_act": "gelu"])
        == GriffinError(.unsupported, file: "config.json", "hidden_act is gelu; expected silu"))
    for (value, name) in [
      (["type": "longrope", "factor": 4.0], "longrope"), (["rope_type": "su"], "su"),
      (["rope_type": "mrope", "type": "default"], "mrope"), (["factor": 2], "(unnamed)"), ("dynamic", "(unnamed)"),
    ] as [(JSONValue, String)] {
      for key in ["rope_scaling", "rope_parameters"] where key == "rope_scaling" || value.object != nil {
        let error = ConfigurationTests.refusal([key: value])
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "rope_scaling is of type \(name), which is not known; positions would be wrong")
      }
    }
  }

  @Test func defaultScalingIsNone() throws {
    for (value, base) in [(["type": "default"], 10000), (["rope_type": "default", "rope_theta": 7], 7)] as [(JSONValue, Double)] {
      let configuration = try ConfigurationTests.read(["rope_scaling": value])
      #expect(configuration.rotary.scaling == .none && configuration.rotary.base == base)
    }
  }

  @Test func newerFilesHaveTheBaseInRopeParameters() throws {
    let parameters: JSONValue = ["rope_type": "default", "rope_theta": 500_000.0]
    #expect(try ConfigurationTests.read(["rope_theta": nil, "rope_parameters": parameters]).rotary.base == 500_000)
    #expect(try ConfigurationTests.read(["rope_theta": 10000.0, "rope_parameters": parameters]).rotary.base == 500_000, "the inner one counts")
  }

  @Test func qkvBiasCountsWhereAttentionBiasIsSilent() throws {
    #expect(try ConfigurationTests.read(["attention_bias": nil, "qkv_bias": true]).declaresAttentionBias == true)
    #expect(try ConfigurationTests.read(["attention_bias": false, "qkv_bias": true]).declaresAttentionBias == false)
  }

  @Test func normalisedDocumentsReadBackAsTheSame() throws {
    let variants: [[String: JSONValue?]] = [
      [:], ["num_key_value_heads": nil, "rope_theta": nil, "max_position_embeddings": nil],
      ["head_dim": 64, "tie_word_embeddings": true, "eos_token_id": [1, 2, 3], "bos_token_id": nil],
      ["rope_theta": 500_000, "rms_norm_eps": 0.30000000000000004, "attention_bias": nil, "qkv_bias": true],
      ["hidden_size": 1_048_576, "num_attention_heads": 1, "num_key_value_heads": 1],
    ]
    for changes in variants {
      let configuration = try ConfigurationTests.read(changes)
      let text = JSONValue.object(configuration.document).encoded(pretty: true)
      let value = try JSONValue.parse(text.rawBytes, limits: ConfigurationTests.limits)
      let again = try TransformerConfiguration(reading: ConfigDocument(value, file: nil))
      #expect(again == configuration)
      #expect(again.document == configuration.document)
    }
  }

  @Test func normalisedDocumentsLeaveNothingToADefault() throws {
    let bare: JSONObject = [
      "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100,
    ]
    let configuration = try TransformerConfiguration(reading: ConfigDocument(.object(bare), file: nil))
    #expect(
      configuration.document == [
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
        "head_dim": 16, "vocab_size": 100, "hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "rope_scaling": nil,
        "tie_word_embeddings": false, "bos_token_id": [], "eos_token_id": [],
      ])
  }

  @Test func configurationIsAnObject() {
    #expect(throws: GriffinError(.malformed, file: "c", "expected a JSON object with the model's configuration")) {
      try ConfigDocument([1, 2], file: "c")
    }
  }
}
