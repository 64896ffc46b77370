internal import Foundation

/// `tokenizers/pretokenizers.json`: every name of `tokenizer.ggml.pre`, by how its models split text, with the pieces and merges that
/// all share and the ids of one text (`scripts/make-pretokenizer-vectors.py`).
public struct PreTokenizerVectors: Decodable {
  public struct Group: Decodable {
    public let names: [String]
    public let ids: [Int]
  }

  public let text: String
  public let pieces: [String]
  public let merges: [String]
  public let groups: [Group]

  public static func load() throws -> PreTokenizerVectors {
    try JSONDecoder().decode(PreTokenizerVectors.self, from: Data(Fixtures.bytes("tokenizers/pretokenizers.json")))
  }

  /// A model with this vocabulary; `tokenizer.ggml.pre` is left to the caller.
  public var model: GGUFBuilder {
    var file = GGUFBuilder.tiny(layers: 1)
    for name in ["token_embd.weight", "output.weight"] {
      file.tensors.remove(at: file.index(of: name))
      file.addFloats(name, [GGUFBuilder.hidden, pieces.count])
    }
    file.pairs.removeAll { $0.key.hasPrefix("tokenizer.") }
    file["tokenizer.ggml.model"] = .string("gpt2")
    file["tokenizer.ggml.tokens"] = .strings(pieces)
    file["tokenizer.ggml.merges"] = .strings(merges)
    return file
  }
}
