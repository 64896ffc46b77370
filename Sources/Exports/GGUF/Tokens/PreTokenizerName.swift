internal import ByteStorage
internal import Checkpoints
internal import Tokenization

/// The name that llama.cpp has for how a byte-level vocabulary splits text: the importer's table, read the other way round.
struct PreTokenizerName {
  /// `tokenizer.ggml.pre`.
  let name: String
  let warning: String?

  /// - Throws: `unsupported` for a splitting, a normalizer or a way to merge that has no name.
  init(_ parts: TokenizerParts, file: String) throws(GriffinError) {
    let composes = parts.normalizer == [NormalizerStep.normalize(.composed)]
    guard composes || parts.normalizer.isEmpty else {
      throw PreTokenizerName.refusal("the tokenizer's normalizer is more than NFC, and llama.cpp applies none", file)
    }
    guard !parts.preTokenizer.contains(.prependSpace) else {
      throw PreTokenizerName.refusal("the tokenizer puts a space before every text (add_prefix_space), which llama.cpp does not", file)
    }
    let wanted = try parts.preTokenizer.map { (step) throws(GriffinError) in try step.asIsolating() }
    var candidates: [GGUFPreTokenizer] = []
    for entry in GGUFPreTokenizer.all where entry.patterns.count == wanted.count {
      let steps = try entry.patterns.map { (pattern) throws(GriffinError) in try PreTokenizerStep.isolating(pattern) }
      if steps == wanted { candidates.append(entry) }
    }
    guard !candidates.isEmpty else {
      throw PreTokenizerName.refusal("llama.cpp has no name for how the tokenizer splits text before it merges", file)
    }
    let merging = candidates.filter { $0.ignoresMerges == parts.ignoresMerges }
    guard let first = merging.first else {
      throw PreTokenizerName.refusal(
        "llama.cpp knows this splitting only with ignore_merges \(!parts.ignoresMerges), and the tokenizer has \(parts.ignoresMerges)", file)
    }
    let exact = merging.first { $0.composes == composes }
    name = (exact ?? first).names[0]
    warning =
      composes
      ? "\(file): the tokenizer composes characters (NFC) and llama.cpp does not; text in decomposed form has other ids there".printable : nil
  }

  private static func refusal(_ message: String, _ file: String) -> GriffinError {
    GriffinError(.unsupported, file: file, message, hints: [GGUFTarget.instead])
  }
}
