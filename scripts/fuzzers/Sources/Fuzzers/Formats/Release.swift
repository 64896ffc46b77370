import ByteStorage
import Models
import Tensors
import TestSupport

extension Fuzzer {
  /// Names, types and shapes of a checkpoint: how releases come in under other names and in other layouts.
  static let release = Fuzzer(
    name: "release", description: "a list of tensors (name, type, shape) recognised as a target and as a draft, whatever their layout",
    maximumBytes: 8192,
    read: { input in
      let value = try JSONValue.parse(input.rawBytes, limits: .config, file: "config.json")
      guard let members = value.object, let list = members["tensors"]?.array, list.count <= 512 else {
        throw GriffinError(.malformed, file: "config.json", "expected a configuration and a list of tensors")
      }
      let document = try ConfigDocument(members["config"] ?? [:], file: "config.json")
      let source = try source(list)
      let models: [() throws -> Void] = [
        { _ = try TargetModel.recognise(source, config: document).parameterCount },
        { _ = try DraftModel.recognise(source, config: document).warnings },
      ]
      let results = models.map { model in Result { try model() } }
      guard results.allSatisfy({ (try? $0.get()) == nil }) else { return }
      try results[0].get()
    },
    seeds: {
      let (llama, mixture) = (try TinyModel.target(options), try TinyModel.target(mixtral))
      let draft = try TinyModel.eagle3Draft(options, draftVocabulary: 4)
      return [
        seed("released", llama) { $0 }, seed("compiled", llama) { "_orig_mod." + $0 },
        seed("bare", llama) { $0.hasPrefix("model.") ? String($0.dropFirst(6)) : $0 },
        seed("nested", llama) { $0.hasPrefix("model.") ? "model.language_model." + $0.dropFirst(6) : $0 },
        fused(mixture), seed("eagle3", draft) { $0 },
        seed("eagle3-numbered", draft) { $0.replacing("midlayer.", with: "layers.0.") },
        seed("eagle3-vllm", draft) { $0.replacing("midlayer.", with: "model.layers.0.").replacing("d2t", with: "draft_id_to_target_id") },
      ]
    },
    mutate: { input, mutator in JSONText.change(&input, limit: mutator.maximumBytes, &mutator) })

  private static let options = TinyModel.Options {
    ($0.hidden, $0.intermediate, $0.layers, $0.heads, $0.keyValueHeads, $0.headDimension, $0.vocabulary) = (8, 8, 1, 2, 1, 4, 8)
  }

  private static var mixtral: TinyModel.Options {
    var mixture = options
    (mixture.experts, mixture.modelType) = (2, "mixtral")
    return mixture
  }

  /// The tensors of a list, all bytes zero; as large as an input may make them.
  private static func source(_ list: [JSONValue]) throws -> MemorySource {
    var source = MemorySource()
    for entry in list {
      guard let part = entry.array, part.count == 3, let name = part[0].string, let type = ElementType(rawValue: part[1].string ?? ""),
        let shape = part[2].array?.compactMap(\.integer), shape.count <= 8, shape.allSatisfy({ (0...4096).contains($0) })
      else { throw GriffinError(.malformed, file: "config.json", "expected a name, a type and a shape") }
      do {
        let tensor = try TensorDescriptor(name: name, type: type, shape: Shape(shape))
        let isRead = type.category == .integer && tensor.byteCount <= 1 << 16
        guard isRead || type.category != .integer else { throw GriffinError(.unsafe, file: "config.json", "too many token ids") }
        try source.add(name, type, shape, bytes: isRead ? [UInt8](repeating: 0, count: tensor.byteCount) : [])
      } catch let error as TensorError {
        throw GriffinError(.malformed, file: "config.json", "\(error)")
      }
    }
    return source
  }

  private static func seed(_ name: String, _ tiny: TinyModel, rename: (String) -> String) -> Seed {
    let tensors = tiny.source.tensors.filter { $0.name != "t2d" }.map { tensor in
      JSONValue.array([
        .string(rename(tensor.name)), .string(tensor.type.rawValue), .array(tensor.shape.dimensions.map { .integer($0) }),
      ])
    }
    return Seed(name, Array(JSONValue.object(["config": .object(tiny.config), "tensors": .array(tensors)]).encoded().utf8))
  }

  /// A mixture with its experts fused.
  private static func fused(_ tiny: TinyModel) -> Seed {
    let block = "model.layers.0.mlp."
    let plain = tiny.source.tensors.filter { !$0.name.contains(".experts.") }.map { tensor in
      JSONValue.array([
        .string(tensor.name.replacing("block_sparse_moe", with: "mlp")), .string(tensor.type.rawValue),
        .array(tensor.shape.dimensions.map { .integer($0) }),
      ])
    }
    let experts: [JSONValue] = [[.string(block + "experts.gate_up_proj"), "f32", [2, 16, 8]], [.string(block + "experts.down_proj"), "f32", [2, 8, 8]]]
    return Seed("fused", Array(JSONValue.object(["config": .object(tiny.config), "tensors": .array(plain + experts)]).encoded().utf8))
  }
}
