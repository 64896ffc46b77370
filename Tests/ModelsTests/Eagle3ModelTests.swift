import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

/// EAGLE-3 drafts: configuration, taps, vocabulary.
struct Eagle3ModelTests {
  private static func draft(_ change: (inout TinyModel) throws -> Void = { _ in }) throws -> DraftModel {
    var tiny = try TinyModel.eagle3Draft()
    try change(&tiny)
    return try DraftModel.recognise(tiny.source, config: tiny.document())
  }

  private static func refusal(_ change: (inout TinyModel) throws -> Void) throws -> GriffinError? {
    #expect(throws: GriffinError.self) { try draft(change) }
  }

  @Test func draftsAreToldByTheirTensors() throws {
    let model = try Eagle3ModelTests.draft()
    #expect(model.kind.name == "eagle3" && model.kind.defaultDepth == 7)
    #expect(model.configuration.layerCount == 1 && model.configuration.eagle3?.draftVocabularySize == 100)
    #expect(model.configuration.eagle3?.targetHiddenSize == 64 && model.configuration.eagle3?.taps == .standard)
    #expect(model.tensors[.tokenEmbedding] == nil && model.tensors[.vocabularyOffsets] != nil)
    // Token ids are no parameters.
    let weights = model.tensors.bindings.map { model.tensors.source.tensors[$0.index] }.filter { $0.type == .f32 }
    #expect(model.parameterCount == weights.reduce(0) { $0 + $1.shape.elementCount })
  }

  @Test func wholeVocabulariesNeedNoMapping() throws {
    var tiny = try TinyModel.eagle3Draft(draftVocabulary: nil, hasEmbedding: true)
    let plain = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(plain.tensors[.vocabularyOffsets] == nil && plain.tensors[.tokenEmbedding] != nil && plain.warnings.isEmpty)
    // A file that has one all the same says nothing by it.
    try tiny.source.add("d2t", .i64, [203], bytes: [UInt8](repeating: 7, count: 8 * 203))
    let extra = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(extra.tensors[.vocabularyOffsets] == nil && extra.warnings == ["dropped a tensor that follows from the configuration (d2t)"])
  }

  @Test func manifestsRoundTrip() throws {
    for (key, value) in [
      ("eagle_aux_hidden_state_layer_ids", [1, 3, 6]), ("eagle_config", ["eagle_aux_hidden_state_layer_ids": [0, 2, 5]]),
      ("norm_before_residual", true), ("target_hidden_size", 64), ("hidden_act", "silu"),
    ] as [(String, JSONValue)] {
      let model = try Eagle3ModelTests.draft { $0.config[key] = value }
      let document = try ConfigDocument(.object(model.configuration.document), file: nil)
      #expect(try TransformerConfiguration(reading: document) == model.configuration, "\(key)")
    }
  }

  @Test func tapsAreLayersOfTheTarget() throws {
    func taps(_ layers: Int, _ change: (inout TinyModel) -> Void = { _ in }) throws -> [Int] {
      try #require(Eagle3ModelTests.draft(change).configuration.eagle3).tappedLayers(ofTarget: layers)
    }
    func own(_ ids: JSONValue) -> (inout TinyModel) -> Void { { $0.config["eagle_aux_hidden_state_layer_ids"] = ids } }
    func nested(_ ids: JSONValue) -> (inout TinyModel) -> Void {
      { $0.config["eagle_config"] = ["eagle_aux_hidden_state_layer_ids": ids] }
    }
    #expect(try taps(32) == [2, 16, 29] && taps(8) == [2, 4, 5] && taps(7) == [2, 3, 4])
    for layers in 1...6 {
      let error = #expect(throws: GriffinError.self) { try taps(layers) }
      #expect(error?.kind == .inconsistent && error?.message.contains("which has \(layers) layers") == true)
    }
    // At the top, inputs; under eagle_config, outputs; the standard ones and those less one are known wherever they stand.
    #expect(try taps(32, own([4, 10, 20])) == [4, 10, 20])
    #expect(try taps(32, nested([4, 10, 20])) == [5, 11, 21])
    #expect(try taps(32, own([2, 16, 29])) == [2, 16, 29] && taps(32, nested([2, 16, 29])) == [2, 16, 29])
    #expect(try taps(32, own([1, 15, 28])) == [2, 16, 29] && taps(32, nested([1, 15, 28])) == [2, 16, 29])
    // Where both are there the outer counts; null is none.
    #expect(try taps(32) { own([4, 10, 20])(&$0); nested([1, 2, 3])(&$0) } == [4, 10, 20])
    #expect(try taps(32, own(.null)) == [2, 16, 29])
    for ids in [[4, 4, 20], [20, 10, 4], [4, 10, 32]] as [JSONValue] {
      let error = #expect(throws: GriffinError.self) { try taps(32, own(ids)) }
      #expect(error?.kind == .inconsistent)
    }
    for (ids, kind) in [([4, 10], .inconsistent), ([4, 10, 20, 30], .inconsistent), ("4", .malformed), ([4, 10, 5000], .malformed)]
      as [(JSONValue, GriffinError.Kind)]
    {
      #expect(try Eagle3ModelTests.refusal(own(ids))?.kind == kind)
    }
  }

  @Test func mappingsThatContradictThemselvesAreRefused() throws {
    func change(_ name: String, _ bytes: [UInt8]) -> (inout TinyModel) throws -> Void {
      { tiny in
        let index = try #require(tiny.source.tensors.firstIndex { $0.name == name })
        tiny.source.overwrite(index, with: bytes)
      }
    }
    let cases: [((inout TinyModel) throws -> Void, String)] = [
      (change("d2t", littleEndian(Int64(-1))), "entry 0 is -1"), (change("d2t", littleEndian(Int64.max)), "entry 0 is 9223372036854775807"),
      (change("d2t", littleEndian([0, -1] as [Int64])), "entry 1 is -1"), (change("d2t", littleEndian(Int64(1))), "contradict each other"),
      (change("t2d", [1, 1]), "contradict each other"), (change("t2d", [0]), "contradict each other"),
    ]
    for (change, words) in cases {
      let error = try Eagle3ModelTests.refusal(change)
      #expect(error?.kind == .inconsistent && error?.tensor == "d2t" && error?.message.contains(words) == true, "\(words)")
    }
  }

  @Test func normsOfStatesAreNeededWhereTheyAreStated() throws {
    for (key, name) in [("fc_norm", "fc_norm.0.weight [64]"), ("norm_before_fc", "input_norm.weight [192]")] {
      let error = try Eagle3ModelTests.refusal { $0.config[key] = true }
      #expect(error?.kind == .inconsistent && error?.message.contains("missing: \(name)") == true)
    }
    let both = try Eagle3ModelTests.refusal { ($0.config["fc_norm"], $0.config["norm_before_fc"]) = (true, true) }
    #expect(both?.message.contains("both set") == true)
    // What the file is silent of, its tensors say; nothing shows the other norm.
    var tiny = try TinyModel.eagle3Draft()
    try tiny.source.add("input_norm.weight", .f32, [192], values: [Float](repeating: 1, count: 192))
    tiny.config["norm_output"] = true
    let eagle3 = try #require(try DraftModel.recognise(tiny.source, config: tiny.document()).configuration.eagle3)
    #expect(eagle3.stateNorms == .together && eagle3.normalisesOutput && eagle3.tapCount == 3)
  }

  @Test func statesAreAsManyAsAreNamed() throws {
    let other = try Eagle3ModelTests.refusal { $0.config["eagle_aux_hidden_state_layer_ids"] = [1, 2] }
    #expect(other?.message.contains("fc.weight: expected [64, 128], found [64, 192]") == true)
    let counted = try Eagle3ModelTests.refusal { $0.config["num_aux_hidden_states"] = 4 }
    #expect(counted?.message == "num_aux_hidden_states is 4, and 3 layers of the target are read")
    let alone = try Eagle3ModelTests.refusal { $0.config["eagle_aux_hidden_state_layer_ids"] = [1] }
    #expect(alone?.kind == .unsupported)
    let sliding = try Eagle3ModelTests.refusal { ($0.config["layer_types"], $0.config["sliding_window"]) = (["sliding_attention"], 4) }
    #expect(sliding?.kind == .unsupported)
  }

  @Test func partsAreNeeded() throws {
    let unfinished = try Eagle3ModelTests.refusal { $0.source.remove("norm.weight") }
    #expect(unfinished?.kind == .unsupported)
    let missing = try Eagle3ModelTests.refusal { $0.source.remove("d2t") }
    #expect(missing?.kind == .inconsistent && missing?.message.contains("d2t [100]") == true)
  }

  @Test func pairsMustFit() throws {
    let target = try TinyModel.target(.init { $0.layers = 8 })
    let eight = try TargetModel.recognise(target.source, config: target.document())
    _ = try ModelPair(target: eight, draft: Eagle3ModelTests.draft())
    let shallow = try TinyModel.target()
    let two = try TargetModel.recognise(shallow.source, config: shallow.document())
    let few = #expect(throws: GriffinError.self) { try ModelPair(target: two, draft: Eagle3ModelTests.draft()) }
    #expect(few?.kind == .inconsistent && few?.hints == ["targets of fewer than 7 layers have no such states"])
    // A draft of another width reads the target's states and needs embeddings of its own.
    var narrow = try TinyModel.eagle3Draft(.init { $0.hidden = 32 })
    narrow.source.remove("fc.weight")
    try narrow.source.add("fc.weight", .f32, [32, 3 * 64], values: [Float](repeating: 0.1, count: 32 * 192))
    narrow.config["target_hidden_size"] = 64
    let draft = try DraftModel.recognise(narrow.source, config: narrow.document())
    let error = #expect(throws: GriffinError.self) { try ModelPair(target: eight, draft: draft) }
    #expect(error?.message.contains("no embed_tokens of its own") == true)
    narrow.config["target_hidden_size"] = 48
    let wrong = #expect(throws: GriffinError.self) { try DraftModel.recognise(narrow.source, config: narrow.document()) }
    #expect(wrong?.message.contains("fc.weight") == true)
  }
}
