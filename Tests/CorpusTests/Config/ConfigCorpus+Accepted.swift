import ByteStorage
import Models
import TestSupport

extension ConfigCorpus {
  private static func accept(
    _ name: String, _ words: String, warnings: [String] = [], change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> AcceptedCase {
    AcceptedCase("config-\(name)", rule: Rule(page, words), warnings: warnings) { folder in
      try folder.writeTarget()
      var config = try TinyCheckpoint.target().config
      change(&config)
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    }
  }

  static let accepted: [AcceptedCase] = [
    accept("with-members-unknown", "what the table does not name is passed over") {
      $0["auto_map"] = ["AutoModel": "evil.py--Model"]
    },
    accept("with-code-of-its-own", "what the table does not name is passed over") { $0["trust_remote_code"] = true },
    accept("end-tokens-outside", "Ids outside the vocabulary are warned of", warnings: ["[-1, 32]"]) {
      $0["eos_token_id"] = [2, -1, 32]
    },
    accept("end-tokens-a-list", "an id or a list") { $0["eos_token_id"] = [2, 3] },
    accept("rope-scaling-null", "A key that is absent or null") { $0["rope_scaling"] = .null },
    accept("rope-scaling-empty", "R2. The scaling is `rope_scaling`") { $0["rope_scaling"] = [:] },
    accept("rope-parameters-theta-alone", "without anything but `rope_theta` scales nothing") {
      $0["rope_parameters"] = ["rope_theta": 500000.0]
    },
    accept(
      "quantized-by-nobody", "Beside weights that are all plain floats the key is left aside", warnings: ["a method that it does not name"]
    ) { $0["quantization_config"] = [:] },
    accept("whole-number-as-a-float", "K3. Sizes are whole numbers") { $0["hidden_size"] = 16.0 },
    AcceptedCase("draft-tiny", rule: Rule("griffin-draft.md", "G4. All MUST be there"), arguments: CorpusArguments.draft) {
      try $0.writeDraft()
    },
    AcceptedCase(
      "eagle3-tiny", rule: Rule("eagle3-draft.md", "exactly the sums of `d2t` are set"), arguments: CorpusArguments.draft
    ) { folder in
      try folder.writeDraft(.eagle3Draft(TinyCheckpoint.options, draftVocabulary: 8))
    },
  ]
}
