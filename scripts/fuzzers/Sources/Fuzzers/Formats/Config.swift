import ByteStorage
import Models
import TestSupport

extension Fuzzer {
  static let config = Fuzzer(
    name: "config", description: "config.json of a target and of drafts, held against tensors that are there", maximumBytes: 4096,
    read: { input in
      let value = try JSONValue.parse(input.rawBytes, limits: .config, file: "config.json")
      let document = try ConfigDocument(value, file: "config.json")
      var models: [() throws -> Void] = [{ _ = try TargetModel.recognise(target.source, config: document).parameterCount }]
      for draft in drafts { models.append { _ = try DraftModel.recognise(draft.source, config: document).warnings } }
      let results = models.map { model in Result { try model() } }
      // The document is good where it fits one of them.
      guard results.allSatisfy({ (try? $0.get()) == nil }) else { return }
      try results[0].get()
    },
    seeds: {
      [target, drafts[0], drafts[1]].enumerated().map { Seed("model-\($0)", Array(JSONValue.object($1.config).encoded().utf8)) }
        + extras.enumerated().map { index, extra in
          var config = target.config
          for member in extra.members { config[member.key] = member.value }
          return Seed("extra-\(index)", Array(JSONValue.object(config).encoded().utf8))
        }
    },
    mutate: { input, mutator in JSONText.change(&input, limit: mutator.maximumBytes, &mutator) })

  private static let options = TinyModel.Options {
    ($0.hidden, $0.intermediate, $0.layers, $0.heads, $0.keyValueHeads, $0.headDimension, $0.vocabulary) = (8, 8, 1, 2, 1, 4, 8)
  }

  private static func made(_ make: () throws -> TinyModel) -> TinyModel {
    do { return try make() } catch { preconditionFailure("\(error)") }
  }

  private static let target = made { try TinyModel.target(options) }

  private static let drafts = [
    made { try TinyModel.draft(options) }, made { try TinyModel.eagle3Draft(options, draftVocabulary: 4) },
    made {
      var headless = try TinyModel.eagle3Draft(options, draftVocabulary: nil)
      headless.source.remove("lm_head.weight")
      return headless
    },
  ]

  private static let extras: [JSONObject] = [
    ["rope_scaling": ["type": "linear", "factor": 2.0], "max_position_embeddings": 128],
    [
      "rope_scaling": [
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
      ], "rope_theta": 500000.0, "max_position_embeddings": 512,
    ],
    [
      "rope_scaling": [
        "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32, "beta_fast": 32, "beta_slow": 1,
      ],
      "max_position_embeddings": 128,
    ],
    ["rope_scaling": ["rope_type": "dynamic", "factor": 2.0], "max_position_embeddings": 128, "eos_token_id": [1, 2]],
    ["model_type": "mistral", "sliding_window": 16, "max_position_embeddings": 64],
    ["rope_theta": 10000.0, "rope_parameters": ["rope_type": "default", "rope_theta": 500000.0]],
    [
      "rope_scaling": ["rope_type": "yarn", "type": "linear", "factor": 4.0, "rope_theta": 7.0], "original_max_position_embeddings": 32,
      "rope_parameters": ["rope_type": "linear", "factor": 2.0], "max_position_embeddings": 128,
    ],
    ["quantization_config": ["quant_method": "gptq", "bits": 4]],
    [
      "eagle_config": [
        "eagle_aux_hidden_state_layer_ids": [], "use_aux_hidden_state": true, "use_input_layernorm_in_first_layer": true,
        "use_last_layernorm": true, "use_mtp_layernorm": false,
      ], "parallel_drafting": false,
    ],
  ]
}
