import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

struct ParameterCountTests {
  @Test(arguments: ReleasedModel.targets) func targetsCountAsTheirMakersSay(released: ReleasedModel) throws {
    let model = try TargetModel.recognise(released.source(), config: released.document())
    #expect(model.parameterCount == released.parameters, "\(released.name)")
    #expect(model.family.name == released.family)
    #expect(model.warnings.isEmpty)
  }

  /// A release in FP8 counts as the model that it is of; its projections are floats of 32 bits to who looks.
  @Test func packedWeightsCountAsWhatTheyAre() throws {
    let released = ReleasedModel.fp8
    let model = try TargetModel.recognise(released.source(), config: released.document())
    #expect(model.parameterCount == released.parameters && model.family.name == "qwen3")
    #expect(model.warnings == ["448 weights are floats of 8 bits with scales; they are read as the values that they stand for"])
    let projection = try #require(model.tensors[.layer(63, .down)])
    #expect(model.tensors.source.tensors[projection].type == .f32)
  }

  @Test func tiedHeadsCountOnce() throws {
    let released = try #require(ReleasedModel.targets.first { $0.isTied })
    var source = try released.source()
    // Some files have the head all the same.
    try source.add("lm_head.weight", .bf16, [released.vocabulary, released.hidden])
    #expect(try TargetModel.recognise(source, config: released.document()).parameterCount == released.parameters)
  }

  /// Billions without the embedding, as the paper counts.
  @Test(arguments: ReleasedModel.drafts) func draftsCountWithoutTheEmbedding(released: ReleasedModel) throws {
    let model = try DraftModel.recognise(released.source(), config: released.document())
    #expect((Double(model.parameterCount) / 1e6).rounded() / 1e3 == released.billions, "\(released.name)")
    #expect(model.tensors.elementCount == model.parameterCount + released.vocabulary * released.hidden)
    #expect(model.kind.name == "griffin" && model.warnings.isEmpty)
  }

  /// Every released draft fits its own target, and no target of other sizes.
  @Test func draftsFitTheirTargets() throws {
    let targets = try ReleasedModel.targets.map { try TargetModel.recognise($0.source(), config: $0.document()) }
    for released in ReleasedModel.drafts {
      let draft = try DraftModel.recognise(released.source(), config: released.document())
      for (target, other) in zip(targets, ReleasedModel.targets) {
        let differing = [
          ("hidden_size", released.hidden, other.hidden), ("vocab_size", released.vocabulary, other.vocabulary),
        ].filter { $0.1 != $0.2 }
        #expect(other.name != released.name || differing.isEmpty)
        if differing.isEmpty {
          _ = try ModelPair(target: target, draft: draft)
        } else {
          let error = #expect(throws: GriffinError.self) { try ModelPair(target: target, draft: draft) }
          for (key, mine, theirs) in differing {
            #expect(error?.message.contains("its \(key) is \(mine) where the target has \(theirs)") == true)
          }
        }
      }
    }
  }
}
