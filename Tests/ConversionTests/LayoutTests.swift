import Bundles
import ByteStorage
import Conversion
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// Drafts as others rename and wrap them: the same payloads as the original.
struct LayoutTests {
  /// A way in which somebody else stores a draft.
  enum Layout: String, CaseIterable, Sendable {
    case module, draftModel, nested, headOutside, vllmWrapper, speculators, vllmMapping

    /// The kinds that the layout exists for.
    var kinds: [String] {
      switch self {
      case .module, .draftModel, .nested: ["griffin", "eagle", "eagle3"]
      case .headOutside, .vllmWrapper: ["griffin", "eagle"]
      case .speculators: ["eagle", "eagle3"]
      case .vllmMapping: ["eagle3"]
      }
    }

    func name(_ name: String, kind: String) -> String {
      switch self {
      case .module: return "module." + name
      case .draftModel: return "draft_model." + name
      case .nested: return "module.ea_layer." + name
      case .headOutside: return name == "lm_head.weight" ? name : "model." + name
      case .vllmWrapper: return name
      case .vllmMapping:
        return ["d2t": "draft_id_to_target_id", "t2d": "target_id_to_draft_id"][name] ?? name
      case .speculators:
        if kind == "eagle3" { return name.replacing("midlayer.", with: "layers.0.") }
        return name.replacing("layers.0.", with: "transformer.").replacing("fc.", with: "fusion_fc.")
      }
    }

    func config(_ config: JSONObject, kind: String) -> JSONObject {
      switch self {
      case .vllmWrapper: return ["model_type": "eagle", "model": .object(config), "eagle_fc_bias": true]
      case .speculators:
        var outer: JSONObject = ["speculators_model_type": .string(kind), "architectures": ["Eagle3Speculator"]]
        var inner = config
        if let own = inner["draft_vocab_size"] {
          outer["draft_vocab_size"] = own
          inner["draft_vocab_size"] = nil
        }
        outer["transformer_layer_config"] = .object(inner)
        return outer
      default: return config
      }
    }
  }

  private static let options = TinyModel.Options { $0.layers = 8 }

  private static func draft(_ kind: String) throws -> TinyModel {
    switch kind {
    case "griffin": try .draft(options)
    case "eagle": try .eagleDraft(.init { $0.layers = 1 })
    default: try .eagle3Draft(options)
    }
  }

  private static func digests(_ target: TinyModel, _ draft: TinyModel, in folder: TemporaryFolder) throws -> [String: SHA256Digest] {
    let inputs = try ConversionInputs(
      target: ConversionComponent(
        TargetModel.recognise(target.source, config: target.document()), selection: .copy, weightFiles: [], attachments: []),
      draft: ConversionComponent(
        DraftModel.recognise(draft.source, config: draft.document()), selection: .copy, weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("out.griffin"), force: true, threads: 1).run()
    let bundle = try ModelBundle.open(path: folder.path("out.griffin"))
    return Dictionary(
      uniqueKeysWithValues: bundle.tensors.indices.map { (bundle.tensors[$0].name, bundle.payload(ofTensor: $0).digest) })
  }

  @Test(arguments: Layout.allCases) func theSamePayloads(layout: Layout) throws {
    let folder = try TemporaryFolder()
    let target = try TinyModel.target(LayoutTests.options)
    for kind in layout.kinds {
      let original = try LayoutTests.draft(kind)
      var twin = original
      (twin.source, twin.config) = (MemorySource(), layout.config(original.config, kind: kind))
      for tensor in original.source.tensors {
        try twin.source.add(
          layout.name(tensor.name, kind: kind), tensor.type, tensor.shape.dimensions, bytes: original.source.bytes(tensor.name))
      }
      if [.headOutside, .vllmWrapper].contains(layout) {
        try twin.source.add("lm_head.weight", .f32, [203, 64], bytes: target.source.bytes("lm_head.weight"))
      }
      #expect(
        try LayoutTests.digests(target, twin, in: folder) == LayoutTests.digests(target, original, in: folder), "\(layout) \(kind)")
    }
  }

  /// A head that is not the target's means something, so it is not dropped in silence.
  @Test func anotherHeadIsRefused() throws {
    let folder = try TemporaryFolder()
    let target = try TinyModel.target(LayoutTests.options)
    var draft = try TinyModel.draft()
    var head = target.source.bytes("lm_head.weight")
    head[1000] ^= 1
    try draft.source.add("lm_head.weight", .f32, [203, 64], bytes: head)
    let error = #expect(throws: GriffinError.self) { try LayoutTests.digests(target, draft, in: folder) }
    #expect(error?.kind == .inconsistent && error?.tensor == "lm_head.weight" && folder.names.isEmpty)
    // Without its target it is left out, and said.
    let model = try DraftModel.recognise(draft.source, config: draft.document())
    #expect(model.warnings == ["dropped a tensor that follows from the configuration (lm_head.weight)"])
  }

  @Test func wrappersMustHoldObjects() throws {
    let draft = try TinyModel.draft()
    for config in [["model": 3], ["transformer_layer_config": "x"]] as [JSONObject] {
      let error = #expect(throws: GriffinError.self) {
        try DraftModel.recognise(draft.source, config: ConfigDocument(.object(config), file: "config.json"))
      }
      #expect(error?.kind == .malformed && error?.file == "config.json")
    }
  }
}
