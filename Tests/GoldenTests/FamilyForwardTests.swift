import ByteStorage
import Checkpoints
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing

/// Tiny models as transformers saves them, held against the logits that it computes.
struct FamilyForwardTests {
  private static let models = [
    ("llama-tied-yarn", "llama"), ("llama-linear-biases", "llama"), ("qwen2-window", "qwen2"), ("qwen3-tied", "qwen3"),
    ("qwen3-window", "qwen3"), ("mistral-window", "mistral"), ("mixtral", "mixtral"),
    ("qwen3-moe-some", "qwen3_moe"), ("qwen3-moe-sums", "qwen3_moe"), ("qwen2-moe", "qwen2_moe"), ("smollm3-named", "smollm3"),
    ("granite-biases", "granite"),
  ]

  private static func tokens() throws -> [Int] {
    let file = try InputFile(path: Fixtures.path("families/tokens.json"))
    let value = try JSONValue.parse(file.bytes, limits: .config)
    return try #require(value.array).compactMap(\.integer)
  }

  /// Logits after each of some further tokens, `[tokens, vocab_size]`.
  private static func logits(_ decoder: TargetDecoder, _ tokens: [Int]) throws -> [Float] {
    var features = Activations(columns: decoder.configuration.hiddenSize)
    var logits = Activations(columns: decoder.configuration.vocabularySize)
    try decoder.decode(tokens, features: &features)
    try decoder.logits(features, into: &logits)
    var values: [Float] = []
    for token in 0..<logits.tokens {
      let row = logits.row(token)
      for column in row.indices { values.append(row[column]) }
    }
    return values
  }

  @Test(arguments: models) func logitsAreThoseOfTransformers(name: String, family: String) throws {
    let checkpoint = try Checkpoint.open(path: Fixtures.path("families/\(name)"))
    let model = try TargetModel.recognise(
      checkpoint.source, config: ConfigDocument(checkpoint.config, file: checkpoint.configPath))
    #expect(model.family.name == family && model.warnings.isEmpty)
    let tokens = try FamilyForwardTests.tokens()
    let expected = try NumPyArray(path: Fixtures.path("families/\(name)/logits.npy"))
    try #require(expected.shape == [tokens.count, 31])
    let decoder = try TargetDecoder(model, compute: Compute(threads: 1))
    let together = try FamilyForwardTests.logits(decoder, tokens)
    decoder.truncate(to: 0)
    var apart: [Float] = []
    for token in tokens { apart += try FamilyForwardTests.logits(decoder, [token]) }
    #expect(together == apart)
    // Float32 on both sides; only the order of sums differs.
    let worst = zip(apart, expected.values).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 2e-5, "off by \(worst)")
    #expect((expected.values.max() ?? 0) > 1, "the logits say something")
  }
}
