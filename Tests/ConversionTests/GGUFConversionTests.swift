import Bundles
import ByteStorage
import Conversion
import LinearAlgebra
import Quantization
import Tensors
import TestSupport
import Testing

/// Quantized GGUF models under `copy`.
struct GGUFConversionTests {
  /// The tiny model with its matrices in blocks of these types, one after another.
  private static let types: [ElementType] = [.q4_0, .q5_1, .q8_0, .iq4_nl, .mxfp4, .q4_1, .q5_0]

  private static func file() -> GGUFBuilder {
    var file = GGUFBuilder.tiny()
    var numbers = SeededNumbers(seed: 17)
    for (place, index) in file.tensors.indices.filter({ file.tensors[$0].dimensions.count == 2 }).enumerated() {
      let type = types[place % types.count]
      let count = Int(file.tensors[index].dimensions.reduce(1, *)) / type.elementsPerBlock
      file.tensors[index].type = type.ggmlIdentifier ?? 0
      file.tensors[index].bytes = numbers.bytes(count * type.bytesPerBlock)
    }
    return file
  }

  @Test func blocksArriveAsTheyAre() throws {
    let folder = try TemporaryFolder()
    let file = GGUFConversionTests.file()
    let sources = try ConversionSources(target: folder.write(file.bytes, to: "tiny.gguf"), draft: nil)
    _ = try ConversionRun(sources.inputs(), output: folder.path("tiny.griffin")).run()
    let bundle = try ModelBundle.open(path: folder.path("tiny.griffin"))
    #expect(try bundle.verifyPayloads(threads: 2).isEmpty)
    #expect(bundle.manifest.provenance.map(\.file) == ["tiny.gguf"])
    #expect(
      bundle.manifest.attachments.map(\.name)
        == ["config.json", "tokenizer.model", "tokenizer_config.json"].map { "target/" + $0 })
    let places = [
      "target/model.embed_tokens.weight": "token_embd.weight", "target/model.layers.0.self_attn.v_proj.weight": "blk.0.attn_v.weight",
      "target/model.layers.1.mlp.down_proj.weight": "blk.1.ffn_down.weight", "target/lm_head.weight": "output.weight",
    ]
    for (name, original) in places {
      let index = try #require(bundle.tensors.firstIndex { $0.name == name })
      let tensor = file.tensors[file.index(of: original)]
      #expect(bundle.tensors[index].type.ggmlIdentifier == tensor.type)
      let bytes = try bundle.withBytes(of: index) { $0.copied }
      #expect(bytes == tensor.bytes, "\(name)")
    }
    // Heads of 8 rows, halves interleaved: rows 0, 2, 4, 6, then 1, 3, 5, 7.
    let query = try #require(bundle.tensors.firstIndex { $0.name == "target/model.layers.0.self_attn.q_proj.weight" })
    let rowBytes = bundle.tensors[query].byteCount / 32
    let original = file.tensors[file.index(of: "blk.0.attn_q.weight")].bytes
    var expected: [UInt8] = []
    for head in 0..<4 {
      for row in [0, 2, 4, 6, 1, 3, 5, 7] { expected += original[(head * 8 + row) * rowBytes..<(head * 8 + row + 1) * rowBytes] }
    }
    let found = try bundle.withBytes(of: query) { $0.copied }
    #expect(found == expected)
  }

  /// An output head in the embedding's blocks is stored once, as in any other type.
  @Test func anEqualHeadSharesTheEmbedding() throws {
    let folder = try TemporaryFolder()
    var file = GGUFConversionTests.file()
    let (head, embedding) = (file.index(of: "output.weight"), file.index(of: "token_embd.weight"))
    (file.tensors[head].type, file.tensors[head].bytes) = (file.tensors[embedding].type, file.tensors[embedding].bytes)
    let sources = try ConversionSources(target: folder.write(file.bytes, to: "tiny.gguf"), draft: nil)
    let (_, plan) = try ConversionRun(sources.inputs(), output: folder.path("tiny.griffin")).run()
    #expect(plan.sharing.tiesOutputHead)
  }

  @Test func aSourceIsDescribedAsABundleIs() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(GGUFConversionTests.file().bytes, to: "tiny.gguf")
    let description = try SourceDescription(path: path)
    _ = try ConversionRun(ConversionSources(target: path, draft: nil).inputs(), output: folder.path("tiny.griffin")).run()
    let bundle = try BundleDescription(ModelBundle.open(path: folder.path("tiny.griffin")))
    let (source, packed) = (description.document(withTensors: true, day: nil), bundle.document(withTensors: true, day: nil))
    let keys = try #require(packed.object).keys
    #expect(keys.allSatisfy { source.object?.keys.contains($0) == true })
    #expect(source["format_version"] == .null && source["digest"] == .null)
    #expect(source["target"] == packed["target"])
    #expect(source["attachments"] == packed["attachments"] && source["chat_template"] == packed["chat_template"])
    let tensors = try #require(source["tensors"]?.array)
    for (mine, other) in zip(tensors, try #require(packed["tensors"]?.array)) {
      for key in ["name", "type", "shape", "bytes"] { #expect(mine[key] == other[key]) }
      #expect(mine["offset"] == .null && mine["sha256"] == .null)
    }
    #expect(source["pairs_with"] == ["component": "draft", "hidden_size": 32, "vocab_size": 12])
  }
}
