import ByteStorage
import Tokenization

extension Fuzzer {
  static let tokenizerJSON = Fuzzer(
    name: "tokenizer-json", description: "tokenizer.json: the document, every step it names, then encoding and decoding",
    maximumBytes: 8192,
    read: { input in
      try Tokenizer.load { name throws(GriffinError) in name == "tokenizer.json" ? input : nil }?.tokenizer.exercise()
    },
    seeds: {
      let qwen = ##"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"##
      let split = ##"{"type":"Split","pattern":{"Regex":"\##(qwen)"},"behavior":"Isolated","invert":false}"##
      let byteLevel = #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}"#
      let gpt2 = #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"#
      return [
        Seed(
          "split",
          ofBytes(
            #""normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"Sequence","pretokenizers":[\#(split),\#(byteLevel)]},"post_processor":\#(gpt2),"decoder":\#(gpt2)"#)
        ),
        Seed("gpt2", ofBytes(#""normalizer":null,"pre_tokenizer":\#(gpt2),"post_processor":\#(template),"decoder":\#(gpt2)"#)),
        Seed(
          "prepend",
          ofPieces(
            #""normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},"pre_tokenizer":null,"post_processor":\#(template),"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"#)
        ),
        Seed("expression", ofBytes(cutting(##"(?=(\\d{3})+(?!\\d))|[\\p{Lu}&&[^A-C]]+?|(?<!\\s)(?>a*)\\b|(?i:'s|x)?"##, byteLevel))),
        Seed("catastrophic", ofBytes(cutting("(a+|a*)+$", byteLevel))),
        Seed(
          "digits",
          ofBytes(
            #""normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Lowercase"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"StripAccents"}]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"Punctuation","behavior":"MergedWithNext"},\#(gpt2),{"type":"Digits","individual_digits":false}]},"decoder":\#(gpt2)"#)
        ),
        Seed("metaspace", ofPieces(metaspace(scheme: "always", splits: true))),
        Seed("metaspace-first", ofPieces(metaspace(scheme: "first", splits: false))),
      ]
    },
    mutate: { input, mutator in JSONText.change(&input, limit: mutator.maximumBytes, &mutator) })

  private static let template =
    #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}"#

  private static func cutting(_ expression: String, _ last: String) -> String {
    #""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\#(expression)"},"behavior":"Contiguous","invert":false},\#(last)]},"decoder":\#(last)"#
  }

  private static func metaspace(scheme: String, splits: Bool) -> String {
    let step = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"\#(scheme)","split":\#(splits)}"#
    return #""normalizer":null,"pre_tokenizer":\#(step),"post_processor":null,"decoder":\#(step)"#
  }

  private static func added(_ id: Int, _ content: String, _ flags: String = "") -> String {
    #"{"id":\#(id),"content":"\#(content)","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true\#(flags)}"#
  }

  /// Pieces as SentencePiece has them.
  private static func ofPieces(_ steps: String) -> [UInt8] {
    let words = ["<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁a", "▁ab", "n", "o", "on", "▁▁"]
    let vocabulary = words.enumerated().map { #""\#($1)":\#($0)"# }.joined(separator: ",")
    let tokens = [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")].joined(separator: ",")
    return Array(
      #"{"version":"1.0","added_tokens":[\#(tokens)],\#(steps),"model":{"type":"BPE","dropout":null,"unk_token":"<unk>","fuse_unk":true,"byte_fallback":false,"ignore_merges":false,"vocab":{\#(vocabulary)},"merges":["a b","▁ a",["▁","ab"],["o","n"],["▁","▁"]]}}"#
        .utf8)
  }

  /// Pieces over bytes, of which only a few merge.
  private static func ofBytes(_ steps: String) -> [UInt8] {
    let words = byteCharacters + ["ab", "Ġa", "Ġab"]
    let vocabulary = words.enumerated().map { #""\#($1 == "\"" || $1 == "\\" ? "\\" : "")\#($1)":\#($0)"# }.joined(separator: ",")
    let tokens = [added(259, "<|im_end|>"), added(260, "<s>")].joined(separator: ",")
    return Array(
      #"{"version":"1.0","added_tokens":[\#(tokens)],\#(steps),"model":{"type":"BPE","unk_token":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":true,"vocab":{\#(vocabulary)},"merges":["a b","Ġ a","Ġ ab"]}}"#
        .utf8)
  }
}
