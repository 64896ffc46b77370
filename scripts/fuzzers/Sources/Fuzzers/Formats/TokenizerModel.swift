import ByteStorage
import TestSupport
import Tokenization

extension Fuzzer {
  static let tokenizerModel = Fuzzer(
    name: "tokenizer-model", description: "tokenizer.model: SentencePiece's protocol buffer, then encoding and decoding",
    maximumBytes: 8192,
    read: { input in
      try Tokenizer.load { name throws(GriffinError) in name == "tokenizer.model" ? input : nil }?.tokenizer.exercise()
    },
    seeds: {
      let words = ["▁", "a", "b", "ab", "▁a", "▁ab", "n", "o", "on", "▁▁", "é"]
      let bytes = (0...255).map { "<0x\(hexadecimal($0))>" }
      return [
        Seed("plain", model(words)), Seed("bytes", model(words, bytes: bytes)),
        Seed("user-defined", model(words, userDefined: ["<mark>", "a b"])),
        Seed("no-prefix", model(words, normalizer: [0x18, 0, 0x20, 0])),
      ]
    })

  private static func hexadecimal(_ byte: Int) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.count == 1 ? "0\(text)" : text
  }

  private static func variable(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + variable(value >> 7)
  }

  private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    variable(number << 3 | 2) + variable(bytes.count) + bytes
  }

  private static func model(
    _ words: [String], bytes: [String] = [], userDefined: [String] = [], normalizer: [UInt8] = []
  ) -> [UInt8] {
    let special: [(String, UInt8)] = [("<unk>", 2), ("<s>", 3), ("</s>", 3)]
    let pieces = special + bytes.map { ($0, 6) } + userDefined.map { ($0, 4) } + words.map { ($0, 1) }
    var file: [UInt8] = []
    for (index, (text, type)) in pieces.enumerated() {
      file += field(1, field(1, Array(text.utf8)) + [0x15] + littleEndian((-Float(index)).bitPattern) + [0x18, type])
    }
    // model_type: bpe; byte_fallback, which is field 35.
    file += field(2, [0x18, 2] + (bytes.isEmpty ? [] : [0x98, 0x02, 1]))
    return file + field(3, field(1, Array("identity".utf8)) + normalizer)
  }
}
