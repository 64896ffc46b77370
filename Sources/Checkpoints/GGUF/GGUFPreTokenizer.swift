internal import ByteStorage

/// How a byte-level BPE splits text before it merges, by the name that `tokenizer.ggml.pre` has for it.
///
/// The names and what they mean are a table of their own (`all`); a new one is a line there.
/// - Source: `llama-vocab.cpp` of llama.cpp (`llm_tokenizer_bpe`), and the `tokenizer.json` of the models it names.
package struct GGUFPreTokenizer: Sendable {
  package let names: [String]
  /// Applied one after another, each to what the one before it left.
  package let patterns: [String]
  /// Whether a piece that is a token stays one, whatever its merges.
  package var ignoresMerges = false
  /// Whether text is brought into composed form (NFC) first.
  package var composes = false
  /// Whether a text begins with the begin token where the file does not say.
  var addsBegin = false

  static func named(_ name: String) -> GGUFPreTokenizer? { all.first { $0.names.contains(name) } }
}
