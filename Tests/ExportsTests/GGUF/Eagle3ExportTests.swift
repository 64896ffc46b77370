import Bundles
import ByteStorage
import Exports
import Models
import Tensors
import TestSupport
import Testing

/// EAGLE-3 drafts as llama.cpp's `eagle3`; other drafts refused.
@Suite struct Eagle3ExportTests {
  private static func golden() throws -> (target: GGUFBuilder, draft: GGUFBuilder, road: ExportRoad) {
    let road = try ExportRoad()
    let folder = try Fixtures.golden("llama3-eagle3")
    try road.pack(target: folder + "/target", draft: folder + "/draft")
    let files = try road.export()
    try #require(files.count == 2)
    return (files[0], files[1], road)
  }

  /// Facts of the file that llama.cpp's converter makes of the same draft and target.
  @Test func theGoldenDraftIsTheConverters() throws {
    let (target, draft, _) = try Eagle3ExportTests.golden()
    #expect(draft.text("general.architecture") == "eagle3")
    let numbers = [
      "block_count": 1, "embedding_length": 128, "feed_forward_length": 320, "attention.head_count": 8, "attention.head_count_kv": 2,
      "vocab_size": 1516, "target_hidden_size": 128, "rope.dimension_count": 16, "context_length": 8192,
    ]
    for (name, number) in numbers { #expect(draft.number("eagle3.\(name)") == number, "\(name)") }
    #expect(draft.numbers("eagle3.target_layers") == [2, 4, 5])
    #expect(draft["eagle3.norm_before_residual"]?.bytes == [0] && draft["eagle3.norm_before_fc"]?.bytes == [0])
    #expect(draft["eagle3.rope.freq_base"]?.bytes == littleEndian(Float(10000).bitPattern))
    for pair in target.pairs where pair.key.hasPrefix("tokenizer.") { #expect(draft[pair.key]?.bytes == pair.value.bytes, "\(pair.key)") }
    let expected: [String: [UInt64]] = [
      "fc.weight": [384, 128], "blk.0.attn_norm.weight": [128], "blk.0.attn_norm_2.weight": [128], "blk.0.ffn_norm.weight": [128],
      "blk.0.attn_q.weight": [256, 128], "blk.0.attn_k.weight": [256, 32], "blk.0.attn_v.weight": [256, 32],
      "blk.0.attn_output.weight": [128, 128], "blk.0.ffn_gate.weight": [128, 320], "blk.0.ffn_up.weight": [128, 320],
      "blk.0.ffn_down.weight": [320, 128], "output_norm.weight": [128], "output.weight": [128, 1024], "d2t": [1024],
    ]
    #expect(Dictionary(uniqueKeysWithValues: draft.tensors.map { ($0.name, $0.dimensions) }) == expected)
    // SHA-256 of the bytes in the converter's file (llama.cpp of llama-cpp-python 0.3.36).
    for (name, digest) in Eagle3ExportTests.digests {
      let bytes = try #require(draft.tensor(name)).bytes
      let found = SHA256Digest(of: bytes.rawBytes)
      #expect(found.hexadecimal == digest, "\(name)")
    }
  }

  private static let digests = [
    "fc.weight": "db1b132379007b993d4ecde92d267b1944eeecb3861f7ef287f00144f25b37f1",
    "blk.0.attn_q.weight": "83ac9efc7ba794c39457104264abe87ec4280d2625283462f7b33549cac50c89",
    "blk.0.attn_k.weight": "29c71764652d5ca569ef2c0c1128ce6402a22bfacab816021b81932bf804a0ad",
    "blk.0.attn_norm_2.weight": "1e904e102f58d883fb6497f4b635b167f6ab8f68823a83e223a52d4286ba9d4a",
    "output.weight": "0796ab12ab285244e4dc5966eeb6699d2adb78679f92b3e3b5b25cf7e961a858",
    "d2t": "e25420abad045d7cf19a1a0ad91dee5997a6f7069d3fd92cddc19a110cc3e1bd",
  ]

  @Test func targetIDsAreAbsolute() throws {
    let road = try ExportRoad()
    let options = TinyModel.Options { $0.layers = 8 }
    let pair = try TinyPair(target: .target(options), draft: .eagle3Draft(options))
    try road.pack(pair.target, pair.draft)
    let draft = try #require(try road.export().last)
    let ids = try #require(draft.tensor("d2t"))
    #expect(ids.type == 27 && ids.dimensions == [100])
    #expect(ids.bytes == littleEndian((0..<100).map { Int64(2 * $0) }))
    #expect(draft.tensor("token_embd.weight") == nil)
  }

  @Test func aHeadOverTheWholeVocabularyHasNoIDs() throws {
    let road = try ExportRoad()
    let options = TinyModel.Options { $0.layers = 8 }
    try road.pack(
      TinyPair(target: .target(options), draft: .eagle3Draft(options)).target,
      TinyPair(target: .target(options), draft: .eagle3Draft(options, draftVocabulary: nil)).draft)
    let draft = try #require(try road.export(.draft).first)
    #expect(draft.tensor("d2t") == nil && draft.tensor("output.weight") != nil)
  }

  @Test func filesLieBesideOneAnother() throws {
    let (_, _, road) = try Eagle3ExportTests.golden()
    #expect(try road.write(road.plan()) == [road.folder.path("out.gguf"), road.folder.path("out-draft.gguf")])
    #expect(try road.write(road.plan(.draft)) == [road.folder.path("out-draft.gguf")])
  }

  @Test(arguments: ["griffin", "eagle"]) func otherDraftsAreLeftOutOrRefused(kind: String) throws {
    let road = try ExportRoad()
    let options = TinyModel.Options { $0.layers = 1 }
    let pair = try TinyPair(target: .target(options), draft: kind == "griffin" ? .draft(options) : .eagleDraft(options))
    try road.pack(pair.target, pair.draft)
    let plan = try road.plan()
    #expect(plan.files.map(\.name) == [""])
    #expect(plan.warnings.contains { $0.contains("no runtime's GGUF holds a \(kind) draft") && $0.hasSuffix("the target alone is exported") })
    let error = #expect(throws: GriffinError.self) { try road.plan(.draft) }
    #expect(error?.kind == .unsupported && error?.message.contains("no runtime's GGUF holds a \(kind) draft") == true)
    #expect(error?.hints.contains { $0.contains("--format safetensors") } == true)
  }

  @Test func biasesAreRefusedByName() throws {
    let road = try ExportRoad()
    let options = TinyModel.Options { $0.layers = 8 }
    let pair = try TinyPair(
      target: .target(options),
      draft: .eagle3Draft(TinyModel.Options { ($0.layers, $0.biases) = (8, true) }))
    try road.pack(pair.target, pair.draft)
    let error = #expect(throws: GriffinError.self) { try road.plan(.draft) }
    #expect(error?.tensor == "self_attn.q_proj.bias" || error?.tensor?.hasSuffix("q_proj.bias") == true)
  }

  @Test func targetsWithoutTapsAreRefused() throws {
    let road = try ExportRoad()
    let options = TinyModel.Options.family("qwen2")
    let target = TinyModel.Options { ($0.layers, $0.modelType, $0.biases, $0.headDimension) = (8, options.modelType, true, nil) }
    let draft = TinyModel.Options { ($0.layers, $0.headDimension) = (8, nil) }
    let pair = try TinyPair(target: .target(target), draft: .eagle3Draft(draft))
    try road.pack(pair.target, pair.draft)
    let error = #expect(throws: GriffinError.self) { try road.plan(.draft) }
    #expect(error?.message.contains("qwen2 does not hand out its layers' states") == true)
    #expect(try road.plan().files.map(\.name) == [""])
  }

  @Test func aDraftAloneHasNoTokenizer() throws {
    let road = try ExportRoad()
    let options = TinyModel.Options { $0.layers = 8 }
    try road.pack(nil, TinyPair(target: .target(options), draft: .eagle3Draft(options)).draft)
    let error = #expect(throws: GriffinError.self) { try road.plan() }
    #expect(error?.kind == .usage && error?.message.contains("a draft alone") == true)
  }
}
