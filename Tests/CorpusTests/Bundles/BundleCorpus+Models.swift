import ByteStorage
import Foundation
import TestSupport

extension BundleCorpus {
  /// A sound pair with a flaw, of which something is asked.
  private static func pair(
    _ name: String, _ page: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String...,
    asking arguments: [String]? = nil,
    forge: @escaping @Sendable (inout BundleForge) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "bundle-\(name)", rule: Rule(page, words), kind: kind, mentions: mentions,
      arguments: arguments ?? ["generate", file, "--prompt-ids", "1,4", "--max-new-tokens", "1"]
    ) { folder in
      var bundle = try BundleForge(TinyBundle.pair())
      try forge(&bundle)
      try folder.write(bundle.bytes, to: file)
    }
  }

  private static let known = "a reader of models refuses those that it does not know"
  private static let sizes = "K3. Sizes are whole numbers", tensorsRule = "F3. Every tensor below MUST be there"
  private static let families = "families.md", drafts = "griffin-draft.md"

  static let models: [HostileCase] = [
    pair("family-unknown", page, known, .unsupported, file, "mamba") {
      try $0.replace("\"family\":\"llama\"", "\"family\":\"mamba\"")
    },
    pair("kind-unknown", page, known, .unsupported, file, "medusa") {
      try $0.replace("\"kind\":\"griffin\"", "\"kind\":\"medusa\"")
    },
    pair("kind-of-other-tensors", drafts, "G4. All MUST be there", .inconsistent, file) {
      try $0.replace("\"kind\":\"griffin\"", "\"kind\":\"eagle\"")
    },
    pair("config-of-a-thousand-million-layers", families, sizes, .malformed, file, "1000000000") {
      try $0.replace("\"num_hidden_layers\":1", "\"num_hidden_layers\":1000000000")
    },
    pair("config-of-4096-layers", families, tensorsRule, .inconsistent, file, "36855 missing") {
      try $0.replace("\"num_hidden_layers\":1", "\"num_hidden_layers\":4096")
    },
    pair("config-of-no-heads", families, sizes, .malformed, file, "num_attention_heads") {
      try $0.replace("\"num_attention_heads\":2", "\"num_attention_heads\":0")
    },
    pair("config-of-another-vocabulary", families, tensorsRule, .inconsistent, file, "embed_tokens") {
      try $0.replace("\"vocab_size\":32", "\"vocab_size\":33")
    },
    pair("config-without-width", families, "MUST be there", .malformed, file, "hidden_size") {
      try $0.replace("\"hidden_size\":16,", "")
    },
    pair("config-of-a-hidden-half", families, "MUST divide the query heads", .inconsistent, file, "num_key_value_heads") {
      try $0.replace("\"num_key_value_heads\":1", "\"num_key_value_heads\":3")
    },
    pair("tensor-renamed", families, tensorsRule, .inconsistent, file, "model.norm.weight") {
      try $0.replace("target/model.norm.weight", "target/model.morn.weight")
    },
    pair(
      "prompt-beyond-the-vocabulary", "trace.md", "an id outside the model's vocabulary", .usage, "32",
      asking: ["generate", file, "--prompt-ids", "1,32", "--max-new-tokens", "1"]
    ) { _ in },
    pair(
      "tokenizer-flipped", page, "A4. SHA-256 of the content", .malformed, file, "tokenizer.json",
      asking: ["tokenize", file, "ab"]
    ) { bundle in
      let name =
        try #"{"name":"target/tokenizer.json","bytes":"#
        + bundle.text(after: #"{"name":"target/tokenizer.json","bytes":"#, until: ",")
      try bundle.replace(name + ",\"sha256\":\"", name + ",\"sha256\":\"" + "0000")
      let start = try bundle.text(after: name + ",\"sha256\":\"", until: "\"")
      try bundle.replace(name + ",\"sha256\":\"" + start, name + ",\"sha256\":\"" + start.prefix(64))
    },
    pair(
      "attachment-flipped-while-quantizing", page, "A4. SHA-256 of the content", .malformed, file, "README",
      asking: ["quantize", file, "--recipe", "f16", "-o", "out.griffin"]
    ) { bundle in
      try bundle.replace("target/chat_template.jinja", "target/README")
      let name = try #"{"name":"target/README","bytes":"# + bundle.text(after: #"{"name":"target/README","bytes":"#, until: ",")
      let digest = try bundle.text(after: name + ",\"sha256\":\"", until: "\"")
      try bundle.replace(digest, String(repeating: "0", count: 64))
    },
  ]
}

extension BundleForge {
  /// What stands in the manifest between two texts.
  fileprivate func text(after start: String, until end: String) throws -> String {
    guard let from = manifest.range(of: start), let to = manifest[from.upperBound...].range(of: end) else {
      throw Problem.manifestLacks(start)
    }
    return String(manifest[from.upperBound..<to.lowerBound])
  }
}
