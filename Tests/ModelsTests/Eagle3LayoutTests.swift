import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

/// What tools leave out of EAGLE-3 drafts, and put in.
struct Eagle3LayoutTests {
  private static func draft(
    draftVocabulary: Int? = 100, _ change: (inout TinyModel) throws -> Void
  ) throws -> DraftModel {
    var tiny = try TinyModel.eagle3Draft(draftVocabulary: draftVocabulary)
    try change(&tiny)
    return try DraftModel.recognise(tiny.source, config: tiny.document())
  }

  private static func refusal(_ change: (inout TinyModel) throws -> Void) throws -> GriffinError? {
    #expect(throws: GriffinError.self) { try draft(change) }
  }

  private static func target() throws -> TargetModel {
    let tiny = try TinyModel.target(.init { $0.layers = 8 })
    return try TargetModel.recognise(tiny.source, config: tiny.document())
  }

  @Test func aMaskFollowsFromOffsets() throws {
    let model = try Eagle3LayoutTests.draft { $0.source.remove("t2d") }
    #expect(model.tensors[.vocabularyMask] == nil && model.tensors[.vocabularyOffsets] != nil && model.warnings.isEmpty)
    // What offsets must be without a mask, they must be.
    let error = try Eagle3LayoutTests.refusal { tiny in
      tiny.source.remove("t2d")
      let index = try #require(tiny.source.tensors.firstIndex { $0.name == "d2t" })
      tiny.source.overwrite(index, with: littleEndian(Int64(-1)))
    }
    #expect(error?.kind == .inconsistent && error?.tensor == "d2t")
    let other = try Eagle3LayoutTests.refusal { $0.source.remove("d2t") }
    #expect(other?.message.contains("d2t [100]") == true)
  }

  @Test func noLayersAreTheDefaultOnes() throws {
    let model = try Eagle3LayoutTests.draft {
      $0.config["eagle_config"] = ["eagle_aux_hidden_state_layer_ids": [], "use_aux_hidden_state": true]
    }
    #expect(model.configuration.eagle3?.taps == .standard)
  }

  @Test func aWholeVocabularyCanUseTheTargetsHead() throws {
    let headless = try Eagle3LayoutTests.draft(draftVocabulary: nil) { $0.source.remove("lm_head.weight") }
    #expect(headless.kind.name == "eagle3" && headless.tensors[.outputHead] == nil)
    _ = try ModelPair(target: Eagle3LayoutTests.target(), draft: headless)
    #expect(DraftModel.isDraft(headless.tensors.source))
    // A part of the vocabulary needs a head of its own, and it is a draft all the same.
    let error = try Eagle3LayoutTests.refusal { $0.source.remove("lm_head.weight") }
    #expect(error?.kind == .inconsistent && error?.tensor == "lm_head.weight" && error?.message.contains("[100, 64]") == true)
  }

  @Test func aHeadlessDraftIsNoTarget() throws {
    var tiny = try TinyModel.eagle3Draft(draftVocabulary: nil)
    tiny.source.remove("lm_head.weight")
    let error = #expect(throws: GriffinError.self) { try TargetModel.recognise(tiny.source, config: tiny.document()) }
    #expect(error?.message == "the tensors are those of a eagle3 draft, not of a target model" && error?.hints == ["give it with --draft"])
  }

  @Test func leftoversOfTrainingAreDroppedAndSaid() throws {
    let model = try Eagle3LayoutTests.draft {
      try $0.source.add("verifier_norm.weight", .f32, [64])
      try $0.source.add("verifier_lm_head.weight", .f32, [100, 64])
    }
    #expect(model.warnings == ["dropped 2 tensors that only training needs (verifier_norm.weight, …)"])
    #expect(model.tensors.bindings.allSatisfy { !$0.name.hasPrefix("verifier") })
  }

  @Test func otherInputsAreRefused() throws {
    for (key, value, words) in [
      ("use_aux_hidden_state", false, "last state alone"), ("use_last_layernorm", false, "without a norm"),
      ("use_input_layernorm_in_first_layer", false, "without a norm"), ("use_mtp_layernorm", true, "norms of its own"),
    ] {
      for isNested in [true, false] {
        let error = try Eagle3LayoutTests.refusal {
          if isNested { $0.config["eagle_config"] = .object([key: .bool(value)]) } else { $0.config[key] = .bool(value) }
        }
        #expect(error?.kind == .unsupported && error?.message.contains("\(key) is \(value)") == true, "\(key)")
        #expect(error?.message.contains(words) == true)
      }
      _ = try Eagle3LayoutTests.draft { $0.config["eagle_config"] = .object([key: .bool(!value)]) }
    }
  }

  @Test func aMissingVocabularySizeIsNamed() throws {
    let error = try Eagle3LayoutTests.refusal { $0.config["draft_vocab_size"] = nil }
    #expect(error?.message.hasPrefix("draft_vocab_size is missing, and the draft has a head of 100 tokens") == true)
    #expect(error?.hints.first == "add \"draft_vocab_size\": 100 to the draft's config.json")
  }

  @Test func offsetsThatAreFloatsAreNamed() throws {
    let error = try Eagle3LayoutTests.refusal {
      $0.source.remove("d2t")
      try $0.source.add("d2t", .f32, [100])
    }
    #expect(error?.kind == .unsupported && error?.tensor == "d2t")
    #expect(error?.message.contains("d2t: f32, where whole numbers are expected") == true)
  }

  @Test func whatIsMissingOfAnEagle3IsNamed() throws {
    for name in ["fc.weight", "midlayer.hidden_norm.weight", "norm.weight"] {
      let error = try Eagle3LayoutTests.refusal { $0.source.remove(name) }
      #expect(error?.kind == .unsupported && error?.message.contains("EAGLE-3's, but there is no \(name)") == true, "\(String(describing: error))")
      // Nothing is said to be missing that is there.
      for other in ["lm_head", "fc.weight", "midlayer.hidden_norm", "norm.weight"] where !name.contains(other) {
        #expect(error?.message.contains("no \(other)") == false)
      }
    }
  }

  @Test func parallelDraftsAreNamed() throws {
    let mask = try Eagle3LayoutTests.refusal { try $0.source.add("mask_hidden", .f32, [1, 1, 192]) }
    #expect(mask?.kind == .unsupported && mask?.message.contains("P-EAGLE") == true)
    for (key, value) in [
      ("parallel_drafting", true), ("speculators_model_type", "peagle"), ("architectures", ["PEagleDraftModel"]),
    ] as [(String, JSONValue)] {
      let error = try Eagle3LayoutTests.refusal { $0.config[key] = value }
      #expect(error?.kind == .unsupported && error?.message.contains("P-EAGLE") == true, "\(key)")
    }
  }

  @Test(arguments: ["_orig_mod.", "module.", "draft_model.", "eagle_module."]) func modulesAreTakenAway(prefix: String) throws {
    let tiny = try TinyModel.eagle3Draft()
    var source = MemorySource()
    for tensor in tiny.source.tensors {
      try source.add(prefix + tensor.name, tensor.type, tensor.shape.dimensions, bytes: tiny.source.bytes(tensor.name))
    }
    #expect(try DraftModel.recognise(source, config: tiny.document()).kind.name == "eagle3")
  }
}
