extension GGUFPreTokenizer {
  package static let all: [GGUFPreTokenizer] = [
    GGUFPreTokenizer(
      names: ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"],
      patterns: [words("{1,3}")], ignoresMerges: true, addsBegin: true),
    GGUFPreTokenizer(names: ["glm4", "glm5"], patterns: [words("{1,3}")], ignoresMerges: true),
    GGUFPreTokenizer(names: ["smaug-bpe", "dbrx", "chatglm-bpe"], patterns: [words("{1,3}")]),
    GGUFPreTokenizer(names: ["minicpm5"], patterns: [#"\p{N}{1,3}"#, words("+")], ignoresMerges: true),
    GGUFPreTokenizer(names: ["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez"], patterns: [words("")], composes: true),
    GGUFPreTokenizer(names: ["stablelm2", "hunyuan", "solar-open", "grok-2"], patterns: [words("")]),
    GGUFPreTokenizer(names: ["qwen35"], patterns: [markedWords], composes: true),
    GGUFPreTokenizer(names: ["ufakzeka"], patterns: [restOfWords("")]),
    GGUFPreTokenizer(names: ["laguna"], patterns: [#"[^\n]+|[\n]+"#, words("")]),
    GGUFPreTokenizer(names: ["jais-2"], patterns: [cascade]),
    GGUFPreTokenizer(names: ["seed-coder"], patterns: [seedCoder]),
    GGUFPreTokenizer(names: ["exaone-moe"], patterns: [phrases]),
    GGUFPreTokenizer(names: ["bailingmoe", "bailingmoe2", "llada-moe"], patterns: [bailing]),
    GGUFPreTokenizer(names: ["tekken"], patterns: [wordsByCase("", digits: "")], ignoresMerges: true, addsBegin: true),
    GGUFPreTokenizer(
      names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], patterns: [wordsByCase(anyCase + "?", digits: "{1,3}")]),
    GGUFPreTokenizer(
      names: ["granite-embed-multi-97m"], patterns: [wordsByCase(anyCase + "?", digits: "{1,3}")], ignoresMerges: true),
    GGUFPreTokenizer(
      names: ["tiny_aya", "cohere2moe"], patterns: [#"\d{1,3}(?=(?:\d{3})*\b)"#, wordsByCase(anyCase + "?", digits: "{1,3}")]),
    GGUFPreTokenizer(names: ["youtu"], patterns: [asianWords, wordsByCase(anyCase + "?", digits: "")], ignoresMerges: true),
    GGUFPreTokenizer(names: ["deepseek-llm"], patterns: deepSeek),
    GGUFPreTokenizer(names: ["deepseek-coder"], patterns: deepSeekCoder),
    GGUFPreTokenizer(
      names: ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"], patterns: [#"\p{N}{1,3}"#, ideographs, deepSeekWords]),
    GGUFPreTokenizer(
      names: ["gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert",
        "exaone4", "jais", "trillion", "granite-docling"], patterns: [gpt2]),
    GGUFPreTokenizer(names: ["mpt", "olmo", "gpt-neox"], patterns: [gpt2], composes: true),
    GGUFPreTokenizer(
      names: ["starcoder", "refact", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"], patterns: [#"\p{N}"#, gpt2]),
    GGUFPreTokenizer(names: ["command-r"], patterns: [#"\p{N}"#, gpt2], composes: true),
    GGUFPreTokenizer(names: ["falcon"], patterns: [#"[\p{P}\$\+<=>\^~\|`]+"#, gpt2, "[0-9][0-9][0-9]"]),
    GGUFPreTokenizer(names: ["superbpe"], patterns: [#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#]),
    GGUFPreTokenizer(names: ["poro-chat", "bloom", "gpt3-finnish"], patterns: [bloom]),
    GGUFPreTokenizer(names: ["viking"], patterns: [bloom, #"\p{N}"#]),
    GGUFPreTokenizer(names: ["default", "aquila"], patterns: [#"[\p{P}\$\+<=>\^~\|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
  ]

  /// GPT-2's words, numbers and signs, each with the space before it.
  private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#

  /// English contractions.
  private static let anyCase = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

  /// What LLaMA 3 made of it; models differ in how many digits stay together.
  private static func words(_ digits: String) -> String { anyCase + "|" + restOfWords(digits) }

  private static func restOfWords(_ digits: String) -> String {
    #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n]*"# + space
  }

  private static let space = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Qwen 3.5's, whose words hold marks.
  private static let markedWords =
    anyCase + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"# + space

  /// Words that end where a small letter meets a capital one, with what may follow them.
  private static func wordsByCase(_ suffix: String, digits: String) -> String {
    let (capital, small) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
    let first = #"[^\r\n\p{L}\p{N}]?"#
    return first + capital + "*" + small + "+" + suffix + "|" + first + capital + "+" + small + "*" + suffix
      + #"|\p{N}"# + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + space
  }

  private static let seedCoder =
    anyCase + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+"# + space

  /// Words in a row are one.
  private static let phrases =
    anyCase + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#

  private static let bailing =
    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#

  /// White space by powers of two.
  private static let cascade: String = {
    let lengths = ["512", "256", "128", "64", "32", "16", "8", "4", "1,2"].map { #"|\s{"# + $0 + #"}(?!\S)"# }
    return anyCase + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"#
      + lengths.joined() + #"|\s{1}"#
  }()

  private static let bloom = #" ?[^(\s|.,!?…。，、।۔،)]+"#

  private static let ideographs = #"[一-龥\x{3040}-ゟ゠-ヿ]+"#

  private static let asianWords = #"[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|"# + ideographs

  private static let deepSeekWords =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"## + space

  private static let deepSeekCoder = [
    #"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, #"[一-龥ࠀ-一가-\x{D7FF}]+"#, #"\p{N}"#,
  ]

  private static let deepSeek = [
    #"[\r\n]"#, #"\s?["# + casedLetters + "]+", #"\s?[!-/:-~！-／：-～‘-‟\x{3000}-。]+"#, #"\s+$"#, #"[一-龥ࠀ-一가-\x{D7FF}]+"#,
    #"\p{N}+"#,
  ]

  /// The letters with case that DeepSeek's first models knew.
  private static let casedLetters =
    #"A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅ"#
      + #"ὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇ"#
      + #"Ꞌ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"#
}
