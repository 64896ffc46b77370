import ByteStorage
import Checkpoints
import LinearAlgebra
import Models
import Quantization
import SpeculativeDecoding
import Tensors
import TestSupport
import Testing
import Verification

/// GGUF files that llama.cpp's converter made of golden targets, against the safetensors they were made of.
struct GGUFPairTests {
  /// A golden pair and the GGUF file of its target.
  struct Twin: Sendable, CustomTestStringConvertible {
    /// The folder of the archive.
    let archive: String
    let file: String
    /// The pair whose target it is.
    let pair: String

    var testDescription: String { file }

    func checkpoint() throws -> Checkpoint { try Checkpoint.open(path: Fixtures.golden(archive) + "/" + file) }

    func target() throws -> TargetModel {
      let checkpoint = try checkpoint()
      return try TargetModel.recognise(checkpoint.source, config: ConfigDocument(checkpoint.config, file: checkpoint.configPath))
    }
  }

  static let twins = ["llama31-tiny", "mixtral-tiny", "qwen2-tiny"].map { Twin(archive: $0, file: "\($0).gguf", pair: $0) }
    + [Twin(archive: "llama2-split", file: "split-llama2-00001-of-00004.gguf", pair: "llama2-tiny")]

  @Test(arguments: twins) func everyWeightIsTheTwins(twin: Twin) throws {
    let (mine, other) = (try twin.target(), try GoldenPair(twin.pair).target)
    #expect(mine.family.name == other.family.name)
    #expect(mine.tensors.bindings.map(\.role) == other.tensors.bindings.map(\.role))
    var identical = 0
    for (left, right) in zip(mine.tensors.bindings, other.tensors.bindings) {
      let (mineStored, otherStored) = (mine.tensors.source.tensors[left.index], other.tensors.source.tensors[right.index])
      #expect(left.name == right.name && mineStored.shape == otherStored.shape)
      if mineStored.type == otherStored.type {
        let bytes = try mine.tensors.source.withBytes(of: left.index) { $0.copied }
        #expect(try other.tensors.source.withBytes(of: right.index) { $0.copied } == bytes, "\(left.name)")
        identical += 1
      } else {
        // The converter widens norms, biases and routers.
        #expect(mineStored.type == .f32)
        #expect(try values(mine, left) == values(other, right), "\(left.name)")
      }
    }
    #expect(identical >= 4 * 7 + 2)
  }

  private func values(_ model: TargetModel, _ binding: BoundTensors.Binding) throws -> [Float] {
    let type = model.tensors.source.tensors[binding.index].type
    let decoder = try #require(StorageFormat.of(type)).decoder
    return try WeightMatrix(source: model.tensors.source, index: binding.index, decoder: decoder).decoded()
  }

  @Test(arguments: twins) func theConfigurationIsTheTwins(twin: Twin) throws {
    var (mine, other) = (try twin.target().configuration, try GoldenPair(twin.pair).target.configuration)
    // What a GGUF file does not say, or says another way: scaled frequencies are held against each other below.
    (mine.declaresAttentionBias, other.declaresAttentionBias) = (nil, nil)
    let width = mine.headDimension
    for (left, right) in zip(mine.rotary.inverseFrequencies(headDimension: width), other.rotary.inverseFrequencies(headDimension: width)) {
      #expect(abs(left - right) <= 1e-6 * right)
    }
    mine.rotary = other.rotary
    #expect(mine == other)
  }

  @Test(arguments: twins, GoldenPair.traces) func tracesPassWithTheTwinsDraft(twin: Twin, file: String) throws {
    let pair = try GoldenPair(twin.pair)
    let runner = CaseRunner(try PairDecoder(target: twin.target(), draft: pair.draft, compute: Compute(threads: 2)))
    let trace = try pair.trace(file)
    let (cases, check) = try runner.run(trace, label: file)
    #expect(check.isOK, "\(check.detail)")
    #expect(cases.count == trace.cases.count && cases.allSatisfy { $0.isOK && $0.differingTrees == 0 })
  }

  /// The tokenizer file that is made of the metadata says what the released one says, member for member.
  @Test(arguments: ["llama31-tiny", "qwen2-tiny"]) func byteLevelTokenizersAreTheTwins(name: String) throws {
    let twin = Twin(archive: name, file: "\(name).gguf", pair: name)
    let released = try InputFile(path: Fixtures.golden(name) + "/target/tokenizer.json")
    let expected = try JSONValue.parse(released.bytes, limits: .tokenizer)
    let attachment = try #require(try twin.checkpoint().attachments.first { $0.name == "tokenizer.json" })
    let file = attachment.file
    let found = try JSONValue.parse(file.bytes, limits: .tokenizer)
    for key in try #require(expected.object).keys { #expect(found[key] == expected[key], "\(key)") }
  }

  /// Pieces and scores are the released ones; so are the kinds, but for the special pieces that the converter calls control.
  @Test(arguments: ["mixtral-tiny", "llama2-split"]) func sentencePiecesAreTheTwins(name: String) throws {
    let twin = try #require(GGUFPairTests.twins.first { $0.archive == name })
    let released = try InputFile(path: Fixtures.golden(twin.pair) + "/target/tokenizer.model")
    let expected = SentencePieces(released.bytes.copied)
    let attachment = try #require(try twin.checkpoint().attachments.first { $0.name == "tokenizer.model" })
    let file = attachment.file
    let found = SentencePieces(file.bytes.copied)
    #expect(found.texts == expected.texts && found.texts.count == 1600)
    #expect(found.kinds == expected.kinds)
    #expect(found.scores.dropFirst(3) == expected.scores.dropFirst(3))
  }
}

/// The pieces in a SentencePiece model: repeated field 1, each with a text (1), a score (2) and a kind (3).
private struct SentencePieces {
  var texts: [String] = []
  var scores: [Float] = []
  var kinds: [UInt64] = []

  init(_ model: [UInt8]) {
    SentencePieces.fields(model[...]) { field, _, bytes in
      guard field == 1 else { return }
      var (text, score, kind) = ("", Float(0), UInt64(1))
      SentencePieces.fields(bytes) { field, value, bytes in
        switch field {
        case 1: text = String(decoding: bytes, as: UTF8.self)
        case 2: score = Float(bitPattern: UInt32(value))
        case 3: kind = value
        default: break
        }
      }
      texts.append(text)
      scores.append(score)
      kinds.append(kind)
    }
  }

  private static func fields(_ message: ArraySlice<UInt8>, _ body: (UInt64, UInt64, ArraySlice<UInt8>) -> Void) {
    var rest = message
    func varint() -> UInt64 {
      var (value, shift) = (UInt64(0), UInt64(0))
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        shift += 7
        if byte & 0x80 == 0 { break }
      }
      return value
    }
    while !rest.isEmpty {
      let tag = varint()
      switch tag & 7 {
      case 0: body(tag >> 3, varint(), [])
      case 2:
        let count = Int(varint())
        body(tag >> 3, 0, rest.prefix(count))
        rest = rest.dropFirst(count)
      default:
        let count = tag & 7 == 5 ? 4 : 8
        body(tag >> 3, rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }, [])
        rest = rest.dropFirst(count)
      }
    }
  }
}
