import ByteStorage
import Checkpoints
import Tensors
import TestSupport
import Testing

/// GGUF files as caches keep them, and special tokens beyond the vocabulary.
struct GGUFReleaseTests {
  @Test(arguments: ["sha256-6a0746a1ec1aef3e7ec53868f220ff6e389f6f8ef87a01d77c96807de94ca2aa", "blob", String(repeating: "f", count: 64)])
  func aBlobIsToldByItsMagicBytes(name: String) throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Checkpoint.open(path: folder.write(GGUFBuilder.tiny().bytes, to: name))
    #expect(checkpoint.source.tensors.count == 3 + 2 * 9 && checkpoint.weightFiles.map(\.name) == [name])
    // Only what has no ending: a file that is called otherwise is held to its name.
    try folder.write(Array("{}".utf8), to: "config.json")
    let error = #expect(throws: GriffinError.self) {
      try Checkpoint.open(path: folder.write(GGUFBuilder.tiny().bytes, to: "model.safetensors"))
    }
    #expect(error?.message.contains("found a GGUF file") == true)
    let text = #expect(throws: GriffinError.self) { try Checkpoint.open(path: folder.write(Array("GGU".utf8), to: name)) }
    #expect(text?.kind == .unsupported)
  }

  /// A special token's id beyond the 12 tokens, and whether the model is read without it.
  @Test(arguments: [
    ("padding", UInt32(32000), true), ("eot", 12, true), ("eom", 99, true), ("seperator", 4096, true), ("padding", 11, true),
    ("eos", 12, false), ("bos", 12, false), ("unknown", 12, false),
  ])
  func tokensThatAreNotNeededMayLieBeyond(name: String, id: UInt32, isRead: Bool) throws {
    let folder = try TemporaryFolder()
    var file = GGUFBuilder.tiny()
    let key = "tokenizer.ggml.\(name)_token_id"
    file[key] = .uint32(id)
    guard isRead else {
      let error = #expect(throws: GriffinError.self) { try GGUFTests.open(file, in: folder) }
      #expect(error?.kind == .malformed && error?.message == "\(key) is \(id); the vocabulary has 12 tokens")
      return
    }
    let checkpoint = try GGUFTests.open(file, in: folder)
    let expected = id < 12 ? [] : ["\(key) is \(id), beyond the vocabulary of 12 tokens; it is left aside"]
    let said = checkpoint.warnings.filter { $0.contains(key) }
    #expect(said.count == expected.count && zip(said, expected).allSatisfy { $0.hasSuffix($1) }, "\(checkpoint.warnings)")
    // Nothing is made of it.
    if name == "eot" { #expect(checkpoint.generationConfig == nil && checkpoint.config["eos_token_id"] == 2) }
  }
}
