import ByteStorage
import Models
import Tensors
import TestSupport
import Testing

struct EagleModelTests {
  private static func refusal(_ tiny: TinyModel, kind: String? = nil) throws -> GriffinError? {
    let document = try tiny.document()
    return #expect(throws: GriffinError.self) { try DraftModel.recognise(tiny.source, config: document, kind: kind) }
  }

  @Test(arguments: [true, false], [true, false]) func whatTheFileHasDecides(hasBias: Bool, hasEmbedding: Bool) throws {
    let tiny = try TinyModel.eagleDraft(hasBias: hasBias, hasEmbedding: hasEmbedding)
    let model = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(model.kind.name == "eagle" && model.warnings.isEmpty)
    #expect((model.tensors[.fusion(.projectionBias)] != nil) == hasBias)
    #expect((model.tensors[.tokenEmbedding] != nil) == hasEmbedding)
    #expect(model.tensors[.layer(0, .inputNorm)] == nil)
    // Projection, attention of four heads of 20 and two, feed-forward, norm.
    let expected = 64 * 128 + (hasBias ? 64 : 0) + 2 * 80 * 64 + 2 * 40 * 64 + 3 * 172 * 64 + 64
    #expect(model.parameterCount == expected)
  }

  @Test func labelsAreTheUsersToGive() throws {
    let (eagle, griffin) = (try TinyModel.eagleDraft(), try TinyModel.draft())
    for (name, shown) in [(nil, "eagle"), ("eagle", "eagle"), ("hass", "hass"), ("HASS", "hass")] {
      #expect(try DraftModel.recognise(eagle.source, config: eagle.document(), kind: name).kind.name == shown)
    }
    #expect(try DraftModel.recognise(griffin.source, config: griffin.document(), kind: "griffin").kind.name == "griffin")
    #expect(
      try EagleModelTests.refusal(griffin, kind: "hass")
        == GriffinError(
          .inconsistent, file: "config.json",
          "the tensors are not those of a draft of kind hass: they are those of griffin"))
    #expect(
      try EagleModelTests.refusal(eagle, kind: "medusa")
        == GriffinError(.usage, "unknown draft kind medusa; known kinds: griffin, eagle3, eagle, hass"))
  }

  @Test func layersAfterTheFirstHaveAnInputNorm() throws {
    let options = TinyModel.Options { $0.layers = 2 }
    let tiny = try TinyModel.eagleDraft(options)
    let model = try DraftModel.recognise(tiny.source, config: tiny.document())
    #expect(model.tensors[.layer(0, .inputNorm)] == nil && model.tensors[.layer(1, .inputNorm)] != nil)
    var first = try TinyModel.eagleDraft()
    try first.source.add("layers.0.input_layernorm.weight", .f32, [64])
    #expect(try EagleModelTests.refusal(first)?.tensor == "layers.0.input_layernorm.weight")
    // A layer that the configuration does not count is not dropped in silence.
    var silent = tiny
    silent.config["num_hidden_layers"] = 1
    #expect(try EagleModelTests.refusal(silent)?.message.contains("9 unexpected") == true)
  }

  @Test(arguments: ["model.", "module.", "draft_model.", "ea_layer."])
  func prefixesOfWholeFilesAreSeenThrough(prefix: String) throws {
    for tiny in [try TinyModel.eagleDraft(), try TinyModel.draft()] {
      var source = MemorySource()
      for (index, tensor) in tiny.source.tensors.enumerated() {
        let bytes = try tiny.source.withBytes(of: index) { $0.copied }
        try source.add(prefix + tensor.name, tensor.type, tensor.shape.dimensions, bytes: bytes)
      }
      let model = try DraftModel.recognise(source, config: tiny.document())
      #expect(model.tensors.bindings.allSatisfy { !$0.name.hasPrefix(prefix) })
      let index = try #require(model.tensors[.fusion(.projection)])
      let same = try model.tensors.source.withBytes(of: index) { mine in
        try tiny.source.withBytes(of: index) { other in mine.byteCount == other.byteCount && mine.byteCount == 64 * 128 * 4 }
      }
      #expect(same)
      // One tensor outside, and it is no prefix.
      try source.add("other.weight", .f32, [1])
      #expect(throws: GriffinError.self) { try DraftModel.recognise(source, config: tiny.document()) }
    }
  }
}
