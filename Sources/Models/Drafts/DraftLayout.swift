package import ByteStorage
package import Tensors

/// How others name a draft's tensors, and wrap its configuration: brought to the released names before anything else
/// looks at them.
package enum DraftLayout {
  /// Modules that drafts are saved inside of.
  private static let prefixes = ["model.", "module.", "draft_model.", "ea_layer.", "base_model.", "eagle_module."]

  /// Tensors that stay outside such a module: copies of the target's head, and vocabulary mappings.
  private static let outside: Set<String> = [
    "lm_head.weight", "d2t", "t2d", "draft_id_to_target_id", "target_id_to_draft_id", "verifier_norm.weight",
    "verifier_lm_head.weight",
  ]

  /// One renaming: what shows that it applies, and the beginnings that change.
  private struct Renaming: Sendable {
    let applies: @Sendable (_ names: Set<String>) -> Bool
    let beginnings: [(from: String, to: String)]
  }

  /// Applied one after the other; a new one is an entry here.
  private static let renamings: [Renaming] = [
    // The speculators library's EAGLE: `fusion_fc` and one layer under `transformer`.
    Renaming(
      applies: { $0.contains("fusion_fc.weight") },
      beginnings: [("fusion_fc.", "fc."), ("transformer.", "layers.0."), ("embedding_layernorm.", "embed_layernorm.")]),
    // vLLM's EAGLE-3: some of the tensors, or all, are in its `model`.
    Renaming(applies: { $0.contains("model.layers.0.hidden_norm.weight") }, beginnings: [("model.", "")]),
    // EAGLE-3 of the speculators library and of ModelOpt: the layer is numbered.
    Renaming(applies: { $0.contains("layers.0.hidden_norm.weight") }, beginnings: [("layers.0.", "midlayer.")]),
    // vLLM's names for the vocabulary mapping.
    Renaming(
      applies: { $0.contains("draft_id_to_target_id") },
      beginnings: [("draft_id_to_target_id", "d2t"), ("target_id_to_draft_id", "t2d")]),
  ]

  /// The source under released names; nil where they are those already, or no renaming leads to different ones.
  package static func released(_ source: any TensorSource) -> (any TensorSource)? {
    var current = source
    var isRenamed = false
    @discardableResult func apply(_ rename: (String) -> String) -> Bool {
      guard let renamed = RenamedSource(current, rename) else { return false }
      (current, isRenamed) = (renamed, true)
      return true
    }
    if let plain = ModulePrefixes.withoutCompiled(current) { (current, isRenamed) = (plain, true) }
    // Modules may be inside one another.
    while let prefix = ModulePrefixes.common(prefixes, of: current, outside: outside) {
      guard apply({ outside.contains($0) ? $0 : String($0.dropFirst(prefix.count)) }) else { break }
    }
    for renaming in renamings where renaming.applies(Set(current.tensors.map(\.name))) {
      apply { name in
        guard let change = renaming.beginnings.first(where: { name.hasPrefix($0.from) }) else { return name }
        return change.to + name.dropFirst(change.from.count)
      }
    }
    return isRenamed ? current : nil
  }

  /// The draft's own configuration out of what others wrap it in: vLLM's `{"model_type": "eagle", "model": {...}}`, and
  /// the speculators library's `transformer_layer_config`. What stands beside the inner one is kept where the inner one
  /// is silent.
  /// - Throws: `malformed` where the inner one is no object.
  package static func unwrapped(_ document: ConfigDocument) throws(GriffinError) -> ConfigDocument {
    for key in ["transformer_layer_config", "model"] {
      guard let inner = document.value(key) else { continue }
      guard var object = inner.object else {
        throw GriffinError(.malformed, file: document.file, "\(key) is no object; expected the draft's configuration")
      }
      for member in document.object.members where member.key != key && object[member.key] == nil {
        object[member.key] = member.value
      }
      return try ConfigDocument(.object(object), file: document.file)
    }
    return document
  }
}
