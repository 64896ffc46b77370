import Foundation
import TestSupport
import Testing

/// Every name of `tokenizer.ggml.pre`: the ids that Hugging Face's tokenizers give with what llama.cpp's code splits by
/// (`scripts/make-pretokenizer-vectors.py`).
struct PreTokenizerRoadTests {
  private struct Document: Decodable {
    struct Group: Decodable {
      let names: [String]
      let ids: [Int]
    }

    let text: String
    let pieces: [String]
    let merges: [String]
    let groups: [Group]
  }

  /// A model with the document's vocabulary.
  private func model(_ document: Document) -> GGUFBuilder {
    var file = GGUFBuilder.tiny(layers: 1)
    for name in ["token_embd.weight", "output.weight"] {
      file.tensors.remove(at: file.index(of: name))
      file.addFloats(name, [GGUFBuilder.hidden, document.pieces.count])
    }
    file.pairs.removeAll { $0.key.hasPrefix("tokenizer.") }
    file["tokenizer.ggml.model"] = .string("gpt2")
    file["tokenizer.ggml.tokens"] = .strings(document.pieces)
    file["tokenizer.ggml.merges"] = .strings(document.merges)
    return file
  }

  @Test func everyNameSplitsAsItsModelsDo() throws {
    let document = try JSONDecoder().decode(Document.self, from: Data(Fixtures.bytes("tokenizers/pretokenizers.json")))
    #expect(document.groups.count > 20 && document.groups.reduce(0) { $0 + $1.names.count } > 75)
    let folder = try TemporaryFolder()
    let (source, text, bundle) = (folder["model.gguf"], folder["text"], folder["model.griffin"])
    try Data(document.text.utf8).write(to: URL(filePath: text))
    var file = model(document)
    for group in document.groups {
      for name in group.names {
        file["tokenizer.ggml.pre"] = .string(name)
        try Data(file.bytes).write(to: URL(filePath: source))
        let packed = try Program.run(["convert", "--target", source, "-o", bundle, "--force"])
        #expect(packed.status == 0, "\(packed.errors)")
        let told = try Program.run(["tokenize", bundle, "--file", text, "--no-special-tokens", "--json"])
        #expect(try told.json["ids"] as? [Int] == group.ids, "\(name)")
      }
    }
  }
}
