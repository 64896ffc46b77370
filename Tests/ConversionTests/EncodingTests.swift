import Bundles
import ByteStorage
import Conversion
import Foundation
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// Conversions that change types.
struct EncodingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func inputs(_ target: TinyModel, _ draft: TinyModel?, recipe: String) throws -> ConversionInputs {
    let recipe = try Recipe.named(recipe)
    return try ConversionInputs(
      target: ConversionComponent(
        TargetModel.recognise(target.source, config: target.document()), selection: TypeSelection(recipe), weightFiles: [],
        attachments: []),
      draft: draft.map {
        try ConversionComponent(
          DraftModel.recognise($0.source, config: $0.document()), selection: TypeSelection(.draftDefault(for: recipe)),
          weightFiles: [], attachments: [])
      })
  }

  private func convert(
    _ target: TinyModel, _ draft: TinyModel? = nil, recipe: String, to name: String = "out.griffin", threads: Int = 2
  ) throws -> ModelBundle {
    _ = try ConversionRun(inputs(target, draft, recipe: recipe), output: folder.path(name), threads: threads).run()
    return try ModelBundle.open(path: folder.path(name))
  }

  private func quantize(_ bundle: ModelBundle, _ selections: ConversionSources.Selections, to name: String) throws -> ModelBundle {
    let sources = try ConversionSources(bundle: bundle, selections: selections)
    _ = try ConversionRun(sources.inputs(), output: folder.path(name), threads: 2).run()
    return try ModelBundle.open(path: folder.path(name))
  }

  private static func selections(_ recipe: String) throws -> ConversionSources.Selections {
    let recipe = try Recipe.named(recipe)
    return .init(target: TypeSelection(recipe), draft: TypeSelection(.draftDefault(for: recipe)))
  }

  @Test func everyValueIsRoundedOnceToItsNeighbour() throws {
    let target = try TinyModel.target(.init(seed: 3, type: .f32))
    let bundle = try convert(target, recipe: "f16")
    for (index, tensor) in bundle.tensors.enumerated() {
      #expect(tensor.type == .f16)
      let name = String(tensor.name.dropFirst("target/".count))
      let source = target.source.bytes(name)
      let stored = try bundle.withBytes(of: index) { $0.copied }
      for element in 0..<tensor.shape.elementCount {
        let value = Float(bitPattern: source.rawBytes.littleEndian(UInt32.self, at: 4 * element) ?? 0)
        #expect(stored.rawBytes.littleEndian(UInt16.self, at: 2 * element) == Float16(value).bitPattern)
      }
    }
  }

  @Test(arguments: ["f32", "f16", "bf16", "q8_0"]) func theBytesDoNotDependOnThreads(recipe: String) throws {
    let (target, draft) = (try TinyModel.target(), try TinyModel.draft())
    let digests = try [1, 2, 7].map { try convert(target, draft, recipe: recipe, to: "\(recipe)-\($0)", threads: $0).digest }
    #expect(Set(digests).count == 1)
    #expect(try Data(contentsOf: URL(filePath: folder.path("\(recipe)-1"))) == Data(contentsOf: URL(filePath: folder.path("\(recipe)-7"))))
  }

  /// Wider than a chunk, and no multiple of it.
  @Test func longTensorsAreConvertedInPieces() throws {
    let target = try TinyModel.target(.init { $0.vocabulary = 5003 })
    let bundle = try convert(target, recipe: "bf16")
    let embedding = try #require(bundle.tensors.firstIndex { $0.name.contains("embed_tokens") })
    let source = target.source.bytes("model.embed_tokens.weight")
    let stored = try bundle.withBytes(of: embedding) { $0.copied }
    for element in 0..<5003 * 64 {
      let bits = source.rawBytes.littleEndian(UInt32.self, at: 4 * element) ?? 0
      #expect(stored.rawBytes.littleEndian(UInt16.self, at: 2 * element) == UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16))
    }
  }

  @Test func aCopyQuantizedIsADirectConversion() throws {
    let options = TinyModel.Options(type: .f16)
    let (target, draft) = (try TinyModel.target(options), try TinyModel.draft(options))
    let direct = try convert(target, draft, recipe: "q8_0", to: "direct.griffin")
    let copy = try convert(target, draft, recipe: "copy", to: "copy.griffin")
    let detour = try quantize(copy, EncodingTests.selections("q8_0"), to: "detour.griffin")
    #expect(direct.digest == detour.digest)
    #expect(direct.manifest.payloads.map(\.digest) == detour.manifest.payloads.map(\.digest))
    #expect(try Data(contentsOf: URL(filePath: folder.path("direct.griffin"))) == Data(contentsOf: URL(filePath: folder.path("detour.griffin"))))
  }

  @Test func whatIsCopiedKeepsItsRecipe() throws {
    let bundle = try convert(.target(.init(type: .f16)), .draft(.init(type: .f16)), recipe: "q8_0", to: "one.griffin")
    let again = try quantize(bundle, EncodingTests.selections("copy"), to: "two.griffin")
    #expect(again.digest == bundle.digest)
    #expect(again.manifest.recipe == Manifest.Recipe(target: "q8_0", draft: "q8_0"))
  }

  /// The embedding that both halves share has the target's type, whatever the draft's recipe says.
  @Test func sharedTensorsTakeTheTargetsType() throws {
    let bundle = try convert(.target(.init(type: .f16)), .draft(.init(type: .f16)), recipe: "bf16")
    let (target, draft) = (
      bundle.manifest.tensors.first { $0.descriptor.name == "target/model.embed_tokens.weight" },
      bundle.manifest.tensors.first { $0.descriptor.name == "draft/embed_tokens.weight" }
    )
    #expect(target?.descriptor.type == .bf16 && draft?.descriptor.type == .bf16 && target?.payload == draft?.payload)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30]) func valuesThatCannotBeStoredAreNamed(value: Float) throws {
    var target = try TinyModel.target(.init(type: .f32))
    try target.spoil("model.layers.1.mlp.up_proj.weight", with: value, isWhole: false)
    // Copying keeps them.
    _ = try convert(target, recipe: "copy", to: "copy.griffin")
    for recipe in ["f16", "q8_0"] {
      let error = #expect(throws: GriffinError.self) { try convert(target, recipe: recipe, to: "no.griffin") }
      #expect(error?.kind == .unsupported && error?.tensor == "target/model.layers.1.mlp.up_proj.weight")
      #expect(error?.message.hasPrefix("element 0 is ") == true)
      #expect(error?.hints.contains { $0.contains(value.isFinite ? "bf16" : "copy") } == true)
    }
    #expect(folder.names == ["copy.griffin"])
    if value.isFinite { _ = try convert(target, recipe: "bf16", to: "range.griffin") }
  }

  @Test func damageInTheSourceIsNoticed() throws {
    let bundle = try convert(.target(.init(type: .f16)), recipe: "copy", to: "copy.griffin")
    let victim = try #require(bundle.tensors.firstIndex { $0.name == "target/model.layers.0.self_attn.k_proj.weight" })
    let handle = try FileHandle(forUpdating: URL(filePath: folder.path("copy.griffin")))
    try handle.seek(toOffset: UInt64(bundle.payload(ofTensor: victim).offset + 6))
    try handle.write(contentsOf: Data([0x55]))
    try handle.close()
    let damaged = try ModelBundle.open(path: folder.path("copy.griffin"))
    for recipe in ["copy", "q8_0"] {
      let error = #expect(throws: GriffinError.self) {
        try quantize(damaged, EncodingTests.selections(recipe), to: "no.griffin")
      }
      #expect(error?.kind == .malformed && error?.tensor == "target/model.layers.0.self_attn.k_proj.weight")
    }
    #expect(folder.names == ["copy.griffin"])
  }
}
