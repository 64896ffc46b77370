package import ByteStorage
package import Tensors

/// The tensors of a checkpoint with the weights that another tool packed seen as what they are, where their packing is known.
package struct UnpackedWeights: Sendable {
  /// How much was packed.
  package struct Summary: Sendable, Hashable {
    package var count = 0
    /// Bytes in the files.
    package var packedByteCount = 0
    /// Bytes of the same values as plain floats, or as blocks.
    package var byteCount = 0
  }

  package let source: any TensorSource
  /// nil where nothing was packed.
  package let summary: Summary?
  /// What the user should know.
  package let remarks: [String]
  private let statement: QuantizationStatement

  /// Endings of what quantizes activations and caches, which nothing here does.
  private static let runtimeEndings = [
    ".input_scale", ".output_scale", ".q_scale", ".k_scale", ".v_scale", ".kv_scale", ".prob_scale", ".input_scale_ub",
  ]

  /// - Parameter required: Names that the model cannot be without.
  /// - Throws: `inconsistent`, `malformed` or `unsupported` for weights whose parts are not what their packing has.
  package init(of source: any TensorSource, _ config: ConfigDocument, required: Set<String> = []) throws(GriffinError) {
    statement = try QuantizationStatement(reading: config)
    let table = TensorTable(source)
    var weights: [Int: any UnpackedTensor] = [:]
    var hidden: Set<Int> = []
    var counts: [(words: String, count: Int)] = []
    var summary = Summary()
    var zeroBiases: [String] = []
    for index in source.tensors.indices {
      guard let (scheme, module) = PackingScheme.shown(by: index, in: table, statement) else { continue }
      let weight = try scheme.opened(module)
      guard table.index(of: weight.descriptor.name).map({ $0 == index }) ?? true else {
        throw module.failure(.inconsistent, "\(weight.descriptor.name.shortened()) is there packed and as a tensor of its own")
      }
      weights[index] = weight
      hidden.formUnion(weight.parts)
      summary.count += 1
      summary.byteCount += weight.descriptor.byteCount
      summary.packedByteCount += weight.parts.reduce(0) { $0 + source.tensors[$1].byteCount }
      if counts.last?.words == scheme.words { counts[counts.count - 1].count += 1 } else { counts.append((scheme.words, 1)) }
      let bias = module.name + ".bias"
      if scheme.ending == ".qweight", let place = table.index(of: bias), !required.contains(bias), try UnpackedWeights.isZero(place, of: source) {
        hidden.insert(place)
        zeroBiases.append(bias)
      }
    }
    var runtime: [String] = []
    if statement.isThere || summary.count > 0 {
      for (index, tensor) in source.tensors.enumerated() where UnpackedWeights.runtimeEndings.contains(where: tensor.name.hasSuffix) {
        hidden.insert(index)
        runtime.append(tensor.name)
      }
    }
    self.source = weights.isEmpty && hidden.isEmpty ? source : UnpackedSource(source, weights, hiding: hidden)
    self.summary = summary.count > 0 ? summary : nil
    remarks =
      Dictionary(grouping: counts, by: \.words).sorted { $0.key < $1.key }.map { words, runs in
        "\(runs.reduce(0) { $0 + $1.count }) weights are \(words); they are read as the values that they stand for"
      }
      + UnpackedWeights.dropped(runtime, "that quantize activations or caches")
      + UnpackedWeights.dropped(zeroBiases, "that are all zero, as the tool writes them where a module has no bias")
  }

  /// Refuses what is packed otherwise.
  func check(_ table: TensorTable) throws(GriffinError) -> [String] {
    try PackedWeights.check(table, statement, isUnpacked: summary != nil)
  }

  private static func dropped(_ names: [String], _ reason: String) -> [String] {
    guard let first = names.first?.shortened(to: 80).printable else { return [] }
    return ["dropped \(names.count) tensors \(reason) (\(first)\(names.count > 1 ? ", …" : ""))"]
  }

  /// Elements of a bias that is looked at; a larger tensor is none.
  private static let biasLimit = 1 << 20

  private static func isZero(_ index: Int, of source: any TensorSource) throws(GriffinError) -> Bool {
    let tensor = source.tensors[index]
    guard tensor.shape.dimensions.count == 1, tensor.shape.elementCount <= biasLimit else { return false }
    var buffer = ByteBuffer(byteCount: tensor.byteCount)
    do {
      var bytes = buffer.mutableBytes
      try source.read(index, at: 0, into: &bytes)
    } catch let error as GriffinError {
      throw error.located(tensor: tensor.name)
    } catch {
      throw GriffinError(.io, tensor: tensor.name, "reading failed: \(error)")
    }
    let bytes = buffer.bytes
    return (0..<bytes.byteCount).allSatisfy { bytes[$0] == 0 }
  }
}
