internal import ByteStorage

/// How a byte-level BPE splits text before it merges, by the name that `tokenizer.ggml.pre` has for it.
///
/// - Source: `llama-vocab.cpp` of llama.cpp (`llm_tokenizer_bpe`), and the `tokenizer.json` of the models it names.
struct GGUFPreTokenizer: Sendable {
  let names: [String]
  /// Applied one after another, each to what the one before it left.
  let patterns: [String]
  /// Whether a piece that is a token stays one, whatever its merges.
  var ignoresMerges = false
  /// Whether text is brought into composed form (NFC) first.
  var composes = false
  /// Whether a text begins with the begin token where the file does not say.
  var addsBegin = false

  static func named(_ name: String) -> GGUFPreTokenizer? { all.first { $0.names.contains(name) } }

  private static let all: [GGUFPreTokenizer] = [
    GGUFPreTokenizer(
      names: ["llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral"], patterns: [words(digits: "{1,3}")],
      ignoresMerges: true, addsBegin: true),
    GGUFPreTokenizer(names: ["smaug-bpe", "dbrx"], patterns: [words(digits: "{1,3}")]),
    GGUFPreTokenizer(names: ["qwen2", "deepseek-r1-qwen"], patterns: [words(digits: "")], composes: true),
    GGUFPreTokenizer(
      names: ["tekken"],
      patterns: [
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"#
          + #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"#
          + #"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
      ], ignoresMerges: true, addsBegin: true),
    GGUFPreTokenizer(names: ["gpt-2", "phi-2", "mpt", "olmo", "jais"], patterns: [gpt2]),
    GGUFPreTokenizer(names: ["default"], patterns: [#"[\p{P}\$\+<=>\^~\|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
  ]

  /// GPT-2's words, numbers and signs, each with the space before it.
  private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#

  /// What LLaMA 3 made of it; models differ in how many digits stay together.
  private static func words(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
