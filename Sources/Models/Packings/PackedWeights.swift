internal import ByteStorage
internal import Tensors

/// Weights that another tool packed and that are not read, told by their tensors: config.json does not always say so.
enum PackedWeights {
  /// One way of packing: what shows it, and what it is called.
  private struct Method: Sendable {
    let name: String
    let shows: @Sendable (TensorDescriptor, Set<String>) -> Bool
  }

  private static func beside(_ tensor: TensorDescriptor, _ own: String, _ others: String..., in names: Set<String>) -> Bool {
    guard tensor.name.hasSuffix(own) else { return false }
    let module = tensor.name.dropLast(own.count)
    return others.contains { names.contains(module + $0) }
  }

  /// In the order in which they are asked.
  private static let methods: [Method] = [
    Method(name: "a LoRA adapter, not a model") { tensor, _ in
      tensor.name.holds(".lora_A.") || tensor.name.holds(".lora_B.") || tensor.name.holds(".lora_embedding_A")
    },
    Method(name: "packed by GPTQ or AWQ in a layout that is not known") { tensor, _ in tensor.name.hasSuffix(".qweight") },
    Method(name: "packed by bitsandbytes, 8 bits each") { tensor, _ in tensor.name.hasSuffix(".SCB") },
    Method(name: "packed by bitsandbytes, 4 bits each") { tensor, _ in
      tensor.name.hasSuffix(".absmax") || tensor.name.holds(".quant_state.bitsandbytes") || tensor.name.hasSuffix(".quant_map")
    },
    Method(name: "packed by MLX") { tensor, names in
      tensor.type == .u32 && beside(tensor, ".weight", ".scales", in: names)
    },
    Method(name: "packed by compressed-tensors") { tensor, _ in tensor.name.hasSuffix(".weight_packed") },
    Method(name: "packed as NVFP4 by ModelOpt") { tensor, names in
      tensor.type == .u8 && beside(tensor, ".weight", ".weight_scale_2", in: names)
    },
    Method(name: "packed as MXFP4") { beside($0, "_blocks", "_scales", in: $1) },
    Method(name: "packed by HQQ") { tensor, _ in tensor.name.hasSuffix(".W_q") },
    Method(name: "packed by AQLM") { beside($0, ".codes", ".codebooks", in: $1) },
    Method(name: "floats of 8 bits (F8) with scales") { tensor, _ in tensor.type.isSmallFloat },
    Method(name: "8-bit integers with scales") { tensor, names in
      tensor.type == .i8 && beside(tensor, ".weight", ".weight_scale", ".scales", in: names)
    },
  ]

  /// Refuses what is packed, by its method's name; and says where the configuration claims a method that the tensors do not show.
  /// - Parameter isUnpacked: Whether weights were packed in a way that is read.
  /// - Throws: `unsupported` naming the method and a tensor that shows it.
  static func check(_ table: TensorTable, _ statement: QuantizationStatement, isUnpacked: Bool) throws(GriffinError) -> [String] {
    let names = Set(table.source.tensors.map(\.name))
    // What a model has beside ordinary weights: little, where nothing is packed.
    let suspects = table.source.tensors.filter { !$0.isPlain || !$0.name.hasSuffix(".weight") || $0.name.holds(".lora_") }
    let advice = ["convert the original checkpoint in float16 or bfloat16 instead"]
    for method in methods {
      guard let tensor = suspects.first(where: { method.shows($0, names) }) else { continue }
      let isAdapter = method.name.hasPrefix("a LoRA")
      let claim = statement.words.map { "; quantization_config says \($0)" } ?? ""
      throw GriffinError(
        .unsupported, file: statement.file, tensor: tensor.name.shortened(),
        "the tensors are \(method.name)\(isAdapter ? "" : claim), which is not read",
        hints: isAdapter ? ["merge the adapter into its base model (peft: merge_and_unload) and convert the result"] : advice)
    }
    guard let declared = statement.words, !isUnpacked else { return [] }
    if let tensor = table.source.tensors.first(where: { !$0.isPlain }) {
      throw GriffinError(
        .unsupported, file: statement.file, tensor: tensor.name.shortened(),
        "quantization_config says that the weights were quantized with \(declared), and a tensor is \(tensor.type), which is not read",
        hints: advice)
    }
    return ["quantization_config says \(declared), but all weights are plain floats; it is left aside"]
  }
}

extension TensorDescriptor {
  /// Whether a tensor can be a weight, or the integers that drafts have.
  fileprivate var isPlain: Bool {
    switch type {
    case .f64, .f32, .f16, .bf16: true
    default: type.category == .block || name == "d2t" || name == "t2d" || name.hasSuffix("inv_freq")
    }
  }
}

extension ElementType {
  fileprivate var isSmallFloat: Bool {
    switch self {
    case .f8_e4m3, .f8_e5m2, .f8_e8m0, .f8_e4m3fnuz, .f8_e5m2fnuz: true
    default: false
    }
  }
}
