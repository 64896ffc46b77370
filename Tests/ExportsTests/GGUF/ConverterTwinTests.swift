import ByteStorage
import TestSupport
import Testing

/// Exports of golden targets against the GGUF files that llama.cpp's converter made of the same released files.
@Suite struct ConverterTwinTests {
  static let twins = [
    (pair: "llama31-tiny", file: "llama31-tiny.gguf"), (pair: "mixtral-tiny", file: "mixtral-tiny.gguf"),
    (pair: "qwen2-tiny", file: "qwen2-tiny.gguf"),
  ]

  /// Keys that the converter has and an export has not: a label that people read, and separators, which no such model puts anywhere.
  private static let left = ["general.size_label", "tokenizer.ggml.add_sep_token"]
  /// Keys that the converter leaves to a reader, or to llama.cpp's guesses.
  private static let added = ["attention.key_length", "attention.value_length", "rope.dimension_count", "vocab_size"]

  @Test(arguments: twins) func everyTensorIsTheConverters(pair: String, file: String) throws {
    let (mine, other) = try ConverterTwinTests.both(pair, file)
    #expect(Set(mine.tensors.map(\.name)) == Set(other.tensors.map(\.name)))
    for tensor in other.tensors {
      let found = try #require(mine.tensor(tensor.name))
      #expect(found.type == tensor.type && found.dimensions == tensor.dimensions, "\(tensor.name)")
      #expect(found.bytes == tensor.bytes, "\(tensor.name)")
    }
  }

  @Test(arguments: twins) func everyPairIsTheConverters(pair: String, file: String) throws {
    let (mine, other) = try ConverterTwinTests.both(pair, file)
    let architecture = try #require(other.text("general.architecture"))
    for (key, value) in other.pairs where !ConverterTwinTests.left.contains(key) && key != "general.name" {
      let found = try #require(mine[key], "\(key)")
      #expect(found.type == value.type && found.bytes == value.bytes, "\(key)")
    }
    #expect(mine.text("general.name") == "pair")
    let further = Set(mine.pairs.map(\.key)).subtracting(other.pairs.map(\.key))
    // Ends that llama.cpp guesses from a token's text are stated.
    #expect(further.isSubset(of: ConverterTwinTests.added.map { "\(architecture).\($0)" } + ["tokenizer.ggml.eot_token_id"]), "\(further)")
  }

  private static func both(_ pair: String, _ file: String) throws -> (mine: GGUFBuilder, other: GGUFBuilder) {
    let golden = try Fixtures.golden(pair)
    let road = try ExportRoad()
    try road.pack(target: golden + "/target")
    let mine = try #require(try road.export().first)
    return (mine, try GGUFBuilder(path: "\(golden)/\(file)"))
  }
}
