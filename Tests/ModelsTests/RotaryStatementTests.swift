import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

/// Values of rotation that a configuration states twice: the inner one counts, and a contradiction is said.
struct RotaryStatementTests {
  private static func target(_ members: JSONObject) throws -> TargetModel {
    var tiny = try TinyModel.target()
    for member in members.members { tiny.config[member.key] = member.value }
    return try TargetModel.recognise(tiny.source, config: tiny.document())
  }

  /// Members, the base that counts, and whether something is said.
  private static let bases: [(JSONObject, Double, Bool)] = [
    (["rope_theta": 10000.0, "rope_parameters": ["rope_type": "default", "rope_theta": 500_000.0]], 500_000, true),
    (["rope_theta": 10000.0, "rope_scaling": ["rope_type": "default", "rope_theta": 500_000.0]], 500_000, true),
    (["rope_theta": 10000.0, "rope_scaling": ["rope_theta": 1_000_000.0]], 1_000_000, true),
    (["rope_theta": 500_000.0, "rope_parameters": ["rope_theta": 500_000.0]], 500_000, false),
    (["rope_theta": 500_000.0, "rope_parameters": ["rope_type": "default"]], 500_000, false),
    (["rope_theta": 500_000.0, "rope_parameters": nil, "rope_scaling": nil], 500_000, false),
    (["rope_parameters": ["rope_theta": 7.0], "rope_scaling": ["type": "linear", "factor": 2.0, "rope_theta": 9.0]], 9, true),
    (["rope_theta": 7.0, "rope_scaling": ["type": "linear", "factor": 2.0]], 7, false),
    (["rope_scaling": ["rope_type": "default"]], 10000, false),
  ]

  @Test(arguments: bases.indices) func theInnerBaseCounts(index: Int) throws {
    let (members, base, isSaid) = RotaryStatementTests.bases[index]
    let model = try RotaryStatementTests.target(members)
    #expect(model.configuration.rotary.base == base)
    #expect(model.warnings.count == (isSaid ? 1 : 0), "\(model.warnings)")
    #expect(model.warnings.allSatisfy { $0.hasPrefix("config.json: rope_") && $0.contains("the former counts") })
  }

  @Test func bothValuesAreNamed() throws {
    let model = try RotaryStatementTests.target(["rope_theta": 10000.0, "rope_parameters": ["rope_theta": 500_000.0]])
    #expect(
      model.warnings == ["config.json: rope_parameters.rope_theta is 500000.0 and rope_theta 10000.0; the former counts"])
  }

  @Test func draftsAreReadTheSameWay() throws {
    for (tiny, prefix) in [(try TinyModel.draft(), ""), (try TinyModel.eagleDraft(), ""), (try TinyModel.eagle3Draft(), "")] {
      var tiny = tiny
      tiny.config["rope_theta"] = 10000.0
      tiny.config["rope_parameters"] = ["rope_type": "default", "rope_theta": 500_000.0]
      let model = try DraftModel.recognise(tiny.source, config: tiny.document())
      #expect(model.configuration.rotary.base == 500_000, "\(prefix)")
      #expect(model.warnings.contains { $0.contains("rope_parameters.rope_theta is 500000.0 and rope_theta 10000.0") })
    }
    // The speculators library states the base in the inner configuration.
    var wrapped = try TinyModel.eagle3Draft()
    var inner = wrapped.config
    inner["rope_parameters"] = ["rope_type": "default", "rope_theta": 500_000.0]
    wrapped.config = ["speculators_model_type": "eagle3", "draft_vocab_size": 100, "transformer_layer_config": .object(inner)]
    #expect(try DraftModel.recognise(wrapped.source, config: wrapped.document()).configuration.rotary.base == 500_000)
  }

  /// Every value that may stand in several places.
  @Test func otherContradictionsAreSaid() throws {
    func warnings(_ members: JSONObject) throws -> [String] { try RotaryStatementTests.target(members).warnings }
    #expect(
      try warnings([
        "max_position_embeddings": 64, "original_max_position_embeddings": 16,
        "rope_scaling": ["rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 32],
      ]).first?.contains("rope_scaling.original_max_position_embeddings is 32 and original_max_position_embeddings 16") == true)
    #expect(
      try warnings(["rope_scaling": ["type": "linear", "rope_type": "default", "factor": 2.0]]).first?
        .contains("rope_scaling.rope_type is default and rope_scaling.type linear") == true)
    let both = try warnings([
      "rope_scaling": ["type": "linear", "factor": 2.0], "rope_parameters": ["rope_type": "yarn", "factor": 4.0],
      "max_position_embeddings": 64,
    ])
    #expect(both.count == 2 && both[0].contains("rope_scaling is of type linear and rope_parameters of type yarn"))
    #expect(both[1].contains("rope_scaling.factor is 2.0 and rope_parameters.factor 4.0"))
  }

  /// The trained length beside the scaling counts where the scaling is silent.
  @Test func theOuterTrainedLengthIsRead() throws {
    let model = try RotaryStatementTests.target([
      "max_position_embeddings": 64, "original_max_position_embeddings": 16, "rope_scaling": ["rope_type": "yarn", "factor": 4.0],
    ])
    guard case .yarn(let yarn) = model.configuration.rotary.scaling else { return #expect(Bool(false)) }
    #expect(yarn.originalPositions == 16 && model.warnings.isEmpty)
  }
}
