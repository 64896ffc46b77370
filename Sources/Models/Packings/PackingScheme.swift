internal import ByteStorage
internal import Tensors

/// A way in which other tools pack weights, declared: what shows it, and how a weight is read.
struct PackingScheme: Sendable {
  /// In words, after "weights are".
  let words: String
  /// Values of `quant_method` that go with it.
  let methods: Set<String>
  /// How the name of the tensor ends that shows it.
  let ending: String
  /// Whether such a tensor does.
  let shows: @Sendable (PackedModule) -> Bool
  /// Finds the parts of a weight and checks that they fit.
  let open: @Sendable (PackedModule) throws(GriffinError) -> any UnpackedTensor

  /// Every scheme that is read. A new one is a file here and a line.
  static let all: [PackingScheme] = [
    .scaledFloats,
    .gptq,
    .awq,
    .mxfp4,
    .mxfp4Weights,
  ]

  /// The scheme that a tensor shows.
  static func shown(by index: Int, in table: TensorTable, _ statement: QuantizationStatement) -> (PackingScheme, PackedModule)? {
    let name = table.source.tensors[index].name
    for scheme in all where name.hasSuffix(scheme.ending) {
      let module = PackedModule(name: String(name.dropLast(scheme.ending.count)), lead: index, in: table, statement)
      if scheme.shows(module) { return (scheme, module) }
    }
    return nil
  }

  /// - Throws: `unsupported` where the configuration names a method that does not pack so; what `open` throws.
  func opened(_ module: PackedModule) throws(GriffinError) -> any UnpackedTensor {
    if let method = module.statement.method, !methods.contains(method) {
      throw module.failure(
        .unsupported, "the tensors are \(words), but quantization_config says \(method.shortened(to: 40).printable); expected "
          + methods.sorted().joined(separator: ", "),
        hints: ["convert the original checkpoint in float16 or bfloat16 instead"])
    }
    return try open(module)
  }
}
