import ByteStorage
import Models
import TestSupport

extension ConfigCorpus {
  /// A draft whose configuration was changed.
  private static func draft(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    on page: String = "griffin-draft.md",
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    HostileCase(
      "draft-config-\(name)", rule: Rule(page, words), kind: kind, mentions: [file] + mentions, arguments: CorpusArguments.draft
    ) {
      folder in try folder.writeDraft(config: change)
    }
  }

  /// A draft whose tensors were changed.
  private static func tensors(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, on page: String = "griffin-draft.md",
    change: @escaping @Sendable (inout SafetensorsBuilder) -> Void
  ) -> HostileCase {
    HostileCase(
      "draft-\(name)", rule: Rule(page, words), kind: kind, mentions: ["draft", mention], arguments: CorpusArguments.draft
    ) { folder in try folder.writeDraft(file: change) }
  }

  private static let keys = "The keys of `families.md`, section 2"

  static let drafts: [HostileCase] = [
    draft("without-hidden-size", keys, .malformed, "hidden_size is missing") { $0["hidden_size"] = nil },
    draft("without-heads", keys, .malformed, "num_attention_heads is missing") { $0["num_attention_heads"] = nil },
    draft("heads-text", keys, .malformed, "num_attention_heads") { $0["num_attention_heads"] = "2" },
    draft("head-dimension-odd", keys, .inconsistent, "head_dim is 7") { $0["head_dim"] = 7 },
    draft("vocabulary-of-more-rows", "G4. All MUST be there", .inconsistent, "embed_tokens.weight", "[33, 16]") {
      $0["vocab_size"] = 33
    },
    draft("rope-scaling-unknown", keys, .unsupported, "longrope") { $0["rope_scaling"] = ["type": "longrope"] },
    draft("layers-huge", keys, .malformed, "num_hidden_layers is 1000000000") { $0["num_hidden_layers"] = 1_000_000_000 },
    draft("wrapped-in-no-object", "C1.", .malformed, "model", on: "draft-layouts.md") {
      $0["model_type"] = "eagle"
      $0["model"] = "llama"
    },
    tensors("without-a-tensor", "G4. All MUST be there", .inconsistent, "fc.fc.bias") {
      $0.entries.removeAll { $0.name == "fc.fc.bias" }
    },
    tensors("of-half-a-kind", "G2. A file in which only half of GRIFFIN is found", .unsupported, "draft") {
      $0.entries.removeAll { $0.name.hasPrefix("fc.mlp.") }
    },
    tensors("of-another-kind", "Medusa, MTP", .unsupported, "Medusa", on: "draft-layouts.md") { file in
      for index in file.entries.indices { file.entries[index].name = "medusa_head.\(index).weight" }
    },
    HostileCase(
      "draft-kind-that-it-is-not", rule: Rule("draft-layouts.md", "`--draft-kind` overrides a guess where the tensors allow it"),
      kind: .inconsistent, mentions: ["draft", "eagle3"], arguments: CorpusArguments.draft + ["--draft-kind", "eagle3"]
    ) { folder in try folder.writeDraft() },
    eagle3("d2t-beyond-the-vocabulary", .inconsistent, "d2t") { $0.set("d2t", last: 1000) },
    eagle3("d2t-negative", .inconsistent, "d2t") { $0.set("d2t", last: -1000) },
    eagle3("d2t-overflow", .inconsistent, "d2t") { $0.set("d2t", last: .max) },
    eagle3("d2t-descends", .inconsistent, "d2t") { $0.set("d2t", last: 0) },
    eagle3("t2d-empty", .inconsistent, "t2d") { file in
      let index = file.entries.firstIndex { $0.name == "t2d" } ?? 0
      file.entries[index].bytes = [UInt8](repeating: 0, count: file.entries[index].bytes.count)
    },
    eagle3("d2t-missing", .inconsistent, "d2t") { $0.entries.removeAll { $0.name == "d2t" } },
  ]

  /// An EAGLE-3 draft whose tensors were changed.
  private static func eagle3(
    _ name: String, _ kind: GriffinError.Kind, _ mention: String, change: @escaping @Sendable (inout SafetensorsBuilder) -> Void
  ) -> HostileCase {
    HostileCase(
      "eagle3-\(name)", rule: Rule("eagle3-draft.md", "`d2t` and `t2d` that contradict themselves or each other are refused"),
      kind: kind,
      mentions: ["draft", mention], arguments: CorpusArguments.draft
    ) { folder in
      try folder.writeDraft(.eagle3Draft(TinyCheckpoint.options, draftVocabulary: 8), file: change)
    }
  }

  /// A target and a draft that do not fit.
  private static func pair(_ name: String, _ mention: String, change: @escaping @Sendable (inout TinyModel.Options) -> Void)
    -> HostileCase
  {
    HostileCase(
      "pair-\(name)", rule: Rule("griffin-draft.md", "G6. `hidden_size` and `vocab_size` MUST be the target's"),
      kind: .inconsistent,
      mentions: ["draft", mention], arguments: ["convert", "--target", "target", "--draft", "draft", "-o", "out.griffin"]
    ) { folder in
      try folder.writeTarget()
      var options = TinyCheckpoint.options
      change(&options)
      try folder.writeDraft(.draft(options))
    }
  }

  static let pairs: [HostileCase] = [
    pair("of-another-width", "hidden_size is 32 where the target has 16") { $0.hidden = 32 },
    pair("of-another-vocabulary", "vocab_size is 31 where the target has 32") { $0.vocabulary = 31 },
    HostileCase(
      "pair-in-each-others-place", rule: Rule(page, "F2. A checkpoint whose tensors are those of a draft is refused as a target"),
      kind: .inconsistent, mentions: ["draft/config.json", "griffin draft"],
      arguments: ["convert", "--target", "draft", "-o", "out.griffin"]
    ) { folder in try folder.writeDraft() },
  ]
}

extension SafetensorsBuilder {
  /// Sets the last number of a tensor of 64-bit integers.
  fileprivate mutating func set(_ name: String, last value: Int64) {
    guard let index = entries.firstIndex(where: { $0.name == name }) else { return }
    entries[index].bytes.replaceSubrange((entries[index].bytes.count - 8)..., with: littleEndian(value))
  }
}
