import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

struct ParameterCountTests {
  private static let targets: [(name: String, parameters: Int, sizes: ReleasedShapes.Sizes)] = [
    (
      "LLaMA 2 7B", 6_738_415_616,
      ReleasedShapes.Sizes(hidden: 4096, intermediate: 11008, layers: 32, heads: 32, keyValueHeads: 32, vocabulary: 32000)
    ),
    (
      "LLaMA 2 13B", 13_015_864_320,
      ReleasedShapes.Sizes(hidden: 5120, intermediate: 13824, layers: 40, heads: 40, keyValueHeads: 40, vocabulary: 32000)
    ),
    (
      "LLaMA 3 8B", 8_030_261_248,
      ReleasedShapes.Sizes(hidden: 4096, intermediate: 14336, layers: 32, heads: 32, keyValueHeads: 8, vocabulary: 128_256)
    ),
    (
      "TinyLlama", 1_100_048_384,
      ReleasedShapes.Sizes(hidden: 2048, intermediate: 5632, layers: 22, heads: 32, keyValueHeads: 4, vocabulary: 32000)
    ),
  ]

  @Test(arguments: targets) func targetsCountAsTheirMakersSay(name: String, parameters: Int, sizes: ReleasedShapes.Sizes) throws {
    let model = try TargetModel.recognise(ReleasedShapes.target(sizes), config: sizes.document())
    #expect(model.parameterCount == parameters, "\(name)")
    #expect(model.family.name == "llama")
    #expect(model.warnings.isEmpty)
  }

  @Test func tiedHeadsCountOnce() throws {
    var sizes = ParameterCountTests.targets[0].sizes
    sizes.tied = true
    var source = try ReleasedShapes.target(sizes)
    let config = try sizes.document()
    let expected = 6_738_415_616 - 32000 * 4096
    #expect(try TargetModel.recognise(source, config: config).parameterCount == expected)
    // Some files have the head all the same.
    try source.add("lm_head.weight", .f16, [32000, 4096])
    #expect(try TargetModel.recognise(source, config: config).parameterCount == expected)
  }

  /// Billions without the embedding, as the paper counts.
  private static let drafts: [(name: String, billions: Double, sizes: ReleasedShapes.Sizes)] = [
    (
      "LLaMA 2 7B", 0.416,
      ReleasedShapes.Sizes(hidden: 4096, intermediate: 11008, layers: 1, heads: 32, keyValueHeads: 32, vocabulary: 32000)
    ),
    (
      "LLaMA 2 13B", 0.653,
      ReleasedShapes.Sizes(hidden: 5120, intermediate: 13824, layers: 1, heads: 40, keyValueHeads: 40, vocabulary: 32000)
    ),
    (
      "LLaMA 3 8B", 0.416,
      ReleasedShapes.Sizes(hidden: 4096, intermediate: 11008, layers: 1, heads: 32, keyValueHeads: 32, vocabulary: 128_256)
    ),
    (
      "LLaMA 3 70B", 1.929,
      ReleasedShapes.Sizes(hidden: 8192, intermediate: 28672, layers: 1, heads: 64, keyValueHeads: 8, vocabulary: 128_256)
    ),
    (
      "Qwen2 7B", 0.552,
      ReleasedShapes.Sizes(
        hidden: 3584, intermediate: 18944, layers: 1, heads: 28, keyValueHeads: 28, vocabulary: 152_064,
        biases: true)
    ),
  ]

  @Test(arguments: drafts) func draftsCountWithoutTheEmbedding(name: String, billions: Double, sizes: ReleasedShapes.Sizes) throws
  {
    let model = try DraftModel.recognise(ReleasedShapes.draft(sizes), config: sizes.document())
    #expect((Double(model.parameterCount) / 1e6).rounded() / 1e3 == billions, "\(name)")
    #expect(model.tensors.elementCount == model.parameterCount + sizes.vocabulary * sizes.hidden)
    #expect(model.kind.name == "griffin")
  }
}
