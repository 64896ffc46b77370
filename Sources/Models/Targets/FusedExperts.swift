internal import Tensors

/// The experts of a layer as transformers 5 may hold them, all in two tensors: `experts.gate_up_proj`, `[E, 2i, h]` with the
/// rows of the gate before those of the other projection, and `experts.down_proj`, `[E, h, i]`.
///
/// - Source: `MixtralExperts` and `Qwen3MoeExperts` in Hugging Face transformers 5.
enum FusedExperts {
  private static let fused = ".experts.gate_up_proj"
  private static let down = ".experts.down_proj"
  /// What transformers 5 calls the block.
  private static let newBlock = ".mlp"

  /// The source with a tensor for each projection of each expert, under the family's names; nil where nothing is fused, or where
  /// what is has another form, which is then said as it is.
  static func split(_ source: any TensorSource, _ names: ExpertNames) -> (any TensorSource)? {
    guard source.tensors.contains(where: { $0.name.hasSuffix(fused) }) else { return nil }
    var slices: [SlicedSource.Slice] = []
    for (index, tensor) in source.tensors.enumerated() {
      guard let parts = parts(of: tensor, names) else { return nil }
      var offset = 0
      for (name, shape) in parts {
        guard let shape = try? Shape(shape), let part = try? TensorDescriptor(name: name, type: tensor.type, shape: shape) else { return nil }
        slices.append(SlicedSource.Slice(descriptor: part, index: index, byteOffset: offset))
        offset += part.byteCount
      }
      guard offset == tensor.byteCount else { return nil }
    }
    guard Set(slices.map(\.descriptor.name)).count == slices.count else { return nil }
    return SlicedSource(slices, of: source)
  }

  /// What a tensor is, or is made of, in the order of its bytes.
  private static func parts(of tensor: TensorDescriptor, _ names: ExpertNames) -> [(name: String, shape: [Int])]? {
    let dimensions = tensor.shape.dimensions
    func experts(_ suffix: String, _ projections: [String]) -> [(name: String, shape: [Int])]? {
      // As many as any model has, so that a header cannot ask for names without end.
      guard dimensions.count == 3, (1...ExpertConfiguration.limit.upperBound).contains(dimensions[0]),
        dimensions[1] % projections.count == 0
      else { return nil }
      let module = renamed(String(tensor.name.dropLast(suffix.count)), names)
      return (0..<dimensions[0]).flatMap { expert in
        projections.map { ("\(module).experts.\(expert).\($0).weight", [dimensions[1] / projections.count, dimensions[2]]) }
      }
    }
    if tensor.name.hasSuffix(fused) { return experts(fused, [names.gate, names.up]) }
    if tensor.name.hasSuffix(down) { return experts(down, [names.down]) }
    let router = newBlock + ".gate.weight"
    guard tensor.name.hasSuffix(router) else { return [(tensor.name, dimensions)] }
    return [(renamed(String(tensor.name.dropLast(".gate.weight".count)), names) + ".gate.weight", dimensions)]
  }

  private static func renamed(_ module: String, _ names: ExpertNames) -> String {
    module.hasSuffix(newBlock) ? String(module.dropLast(newBlock.count)) + "." + names.block : module
  }
}
