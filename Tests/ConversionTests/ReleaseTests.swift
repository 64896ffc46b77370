import Bundles
import ByteStorage
import Conversion
import Foundation
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// Releases with something odd about them, from their files to the bundle: what counts, and what is said.
struct ReleaseTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a checkpoint of one safetensors file.
  private func write(_ source: MemorySource, _ config: JSONObject, as name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
    try folder.write(SafetensorsBuilder(source).bytes, to: name + "/model.safetensors")
    try folder.write(Array(JSONValue.object(config).encoded().utf8), to: name + "/config.json")
    return folder.path(name)
  }

  private func write(_ tiny: TinyModel, as name: String) throws -> String { try write(tiny.source, tiny.config, as: name) }

  private func convert(target: String?, draft: String? = nil) throws -> (bundle: ModelBundle, warnings: [String]) {
    let sources = try ConversionSources(target: target, draft: draft)
    let (result, plan) = try ConversionRun(sources.inputs(), output: folder.path("out.griffin"), force: true).run()
    let summary = ConversionSummary(plan, result: result, output: "", seconds: 0, warnings: sources.warnings)
    return (try ModelBundle.open(path: folder.path("out.griffin")), summary.warnings)
  }

  // MARK: Tied heads

  @Test func aTiedHeadThatDiffersIsUsedAndSaid() throws {
    var tiny = try TinyModel.target(.init { $0.tied = true })
    let rows = tiny.source.bytes("model.embed_tokens.weight")
    try tiny.source.add("lm_head.weight", .f32, [203, 64], bytes: rows)
    let same = try convert(target: write(tiny, as: "same"))
    let equal = try #require(try same.bundle.targetModel())
    #expect(equal.configuration.tiesEmbeddings && equal.warnings.isEmpty && same.warnings.isEmpty)
    #expect(equal.tensors[.outputHead].map { same.bundle.manifest.tensors[$0].payload } == same.bundle.manifest.tensors[0].payload)

    // The last element of the last row.
    let head = try #require(tiny.source.tensors.firstIndex { $0.name == "lm_head.weight" })
    var other = rows
    other[other.count - 1] ^= 0x40
    tiny.source.overwrite(head, with: other)
    let path = try write(tiny, as: "other")
    let converted = try convert(target: path)
    let model = try #require(try converted.bundle.targetModel())
    #expect(!model.configuration.tiesEmbeddings && converted.bundle.manifest.target?.config["tie_word_embeddings"] == false)
    #expect(converted.warnings == ["tie_word_embeddings is true, but lm_head.weight differs from the embedding; the file's head is used"])
    let index = try #require(model.tensors[.outputHead])
    #expect(try converted.bundle.withBytes(of: index) { $0.copied } == other)
    #expect(converted.bundle.manifest.target?.parameters == model.tensors.elementCount)
    // The same from the checkpoint itself.
    let source = try ModelSource.target(path: path)
    #expect(!source.model.configuration.tiesEmbeddings && source.warnings == converted.warnings)
    let described = try SourceDescription(path: path)
    #expect(described.parameterCount == model.parameterCount && described.warnings == converted.warnings)
  }

  // MARK: Importance matrices

  private func importance(layers: Int) throws -> TypeSelection {
    var values: [String: [Float]] = ["target/lm_head.weight": [Float](repeating: 1, count: 256)]
    for layer in 0..<layers { values["target/model.layers.\(layer).self_attn.q_proj.weight"] = [Float](repeating: 1, count: 256) }
    return TypeSelection(try Recipe.named("q4_k_m"), importance: ImportanceMatrix(values))
  }

  @Test func anImportanceMatrixOfADeeperModelIsRefused() throws {
    let tiny = try TinyModel.target(.init { ($0.hidden, $0.intermediate, $0.headDimension, $0.tied) = (256, 256, 64, true) })
    let path = try write(tiny, as: "target")
    _ = try ConversionSources(target: path, draft: nil, selections: .init(target: importance(layers: 2)))
    let error = #expect(throws: GriffinError.self) {
      try ConversionSources(target: path, draft: nil, selections: .init(target: importance(layers: 3)))
    }
    #expect(error?.kind == .inconsistent && error?.tensor == "model.layers.2.self_attn.q_proj.weight")
    #expect(error?.hints == ["it was made with another model"])
    // A bundle is held to it as well.
    let bundle = try convert(target: path).bundle
    #expect(throws: GriffinError.self) { try ConversionSources(bundle: bundle, selections: .init(target: importance(layers: 3))) }
  }

  // MARK: Embeddings

  @Test func anEmbeddingOfAnotherModelIsSaid() throws {
    let target = try write(TinyModel.target(), as: "target")
    #expect(try convert(target: target, draft: write(TinyModel.draft(), as: "draft")).warnings.isEmpty)

    var stranger = try TinyModel.draft()
    let embedding = try #require(stranger.source.tensors.firstIndex { $0.name == "embed_tokens.weight" })
    stranger.source.overwrite(embedding, with: try TinyModel.draft(.init(seed: 7)).source.bytes("embed_tokens.weight"))
    let warnings = try convert(target: target, draft: write(stranger, as: "stranger")).warnings
    #expect(warnings.count == 1 && warnings[0].hasPrefix("the draft's embed_tokens are unlike the target's in 203 of 203 rows"))

    // Rounded to bfloat16 it differs in every row and is the same model's; so it is where it was trained a little.
    var rounded = try TinyModel.draft()
    let values = stride(from: 0, to: 203 * 64 * 4, by: 4).map { start in
      let bytes = rounded.source.bytes("embed_tokens.weight")[start..<start + 4]
      return Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
    rounded.source.remove("embed_tokens.weight")
    try rounded.source.add("embed_tokens.weight", .bf16, [203, 64], values: values)
    let near = try convert(target: target, draft: write(rounded, as: "rounded"))
    #expect(near.warnings.isEmpty && (near.bundle.manifest.draft?.embedding.differingRows ?? 0) > 190)
  }

  // MARK: Names

  /// A renamed target gives the payloads and the manifest of the released one, so the digest is the same but for the files.
  @Test func renamedTargetsGiveTheSamePayloads() throws {
    let tiny = try TinyModel.target()
    let plain = try convert(target: write(tiny, as: "plain")).bundle.manifest
    var source = MemorySource()
    for tensor in tiny.source.tensors {
      try source.add("_orig_mod." + tensor.name, tensor.type, tensor.shape.dimensions, bytes: tiny.source.bytes(tensor.name))
    }
    let renamed = try convert(target: write(source, tiny.config, as: "renamed"))
    #expect(renamed.bundle.manifest.payloads.map(\.digest) == plain.payloads.map(\.digest) && renamed.warnings.isEmpty)
    #expect(renamed.bundle.manifest.tensors.map(\.descriptor) == plain.tensors.map(\.descriptor))
  }

  // MARK: Families

  @Test func anUnknownFamilyIsRefusedBeforeItsShards() throws {
    let path = folder.path("unknown")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try folder.write(Array(#"{"model_type":"mamba"}"#.utf8), to: "unknown/config.json")
    try folder.write(
      Array(#"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#.utf8),
      to: "unknown/model.safetensors.index.json")
    // Shards that could not be opened: were they, they would be the error.
    for shard in 1...2 { try folder.write([], to: "unknown/model-0000\(shard)-of-00002.safetensors") }
    for read in [
      { _ = try ConversionSources(target: path, draft: nil) }, { _ = try ModelSource.target(path: path) },
      { _ = try SourceDescription(path: path) },
    ] as [() throws -> Void] {
      let error = #expect(throws: GriffinError.self) { try read() }
      #expect(error?.kind == .unsupported && error?.message.contains("model_type \"mamba\"") == true)
    }
    // A draft's model_type means nothing.
    let draft = #expect(throws: GriffinError.self) { try ConversionSources(target: nil, draft: path) }
    #expect(draft?.kind == .malformed)
  }
}
