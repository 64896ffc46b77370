internal import ByteStorage
internal import Tensors

/// How others name a target's tensors: brought to the released names before anything else looks at them.
///
/// - Source: `formats/families.md`, section 3.
enum TargetLayout {
  /// Modules that targets are saved inside of. What is left of `model.language_model.` is `model.`.
  private static let prefixes = ["module.", "base_model.model.", "base_model.", "language_model."]
  /// The head, which stays outside such a module in some files.
  private static let outside: Set<String> = ["lm_head.weight"]
  private static let embedding = "model.embed_tokens.weight"
  private static let nested = "model.language_model."

  /// The source under released names; nil where they are those already, or no renaming leads to different ones.
  static func named(_ source: any TensorSource) -> (any TensorSource)? {
    guard !source.tensors.contains(where: { $0.name == embedding }) || source.tensors.contains(where: { $0.name.holds("_orig_mod.") })
    else { return nil }
    var current = source
    func apply(_ renamed: (any TensorSource)?) -> Bool {
      guard let renamed else { return false }
      current = renamed
      return true
    }
    var isRenamed = apply(ModulePrefixes.withoutCompiled(current))
    // Modules may be inside one another.
    while let prefix = ModulePrefixes.common(prefixes, of: current, outside: outside) {
      guard apply(RenamedSource(current) { outside.contains($0) ? $0 : String($0.dropFirst(prefix.count)) }) else { break }
      isRenamed = true
    }
    if ModulePrefixes.common([nested], of: current, outside: outside) != nil {
      isRenamed = apply(RenamedSource(current) { outside.contains($0) ? $0 : "model." + $0.dropFirst(nested.count) }) || isRenamed
    }
    // A bare model is saved without the module that the head is beside.
    if current.tensors.contains(where: { $0.name == "embed_tokens.weight" }), current.tensors.contains(where: { $0.name.hasPrefix("layers.0.") }) {
      isRenamed = apply(RenamedSource(current) { outside.contains($0) ? $0 : "model." + $0 }) || isRenamed
    }
    return isRenamed ? current : nil
  }
}
