import Foundation
import TestSupport
import Testing

/// Every name of `tokenizer.ggml.pre`: the ids that Hugging Face's tokenizers give with what llama.cpp's code splits by
/// (`scripts/make-pretokenizer-vectors.py`).
struct PreTokenizerRoadTests {
  @Test func everyNameSplitsAsItsModelsDo() throws {
    let document = try PreTokenizerVectors.load()
    #expect(document.groups.count > 20 && document.groups.reduce(0) { $0 + $1.names.count } > 75)
    let folder = try TemporaryFolder()
    let (source, text, bundle) = (folder["model.gguf"], folder["text"], folder["model.griffin"])
    try Data(document.text.utf8).write(to: URL(filePath: text))
    var file = document.model
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
