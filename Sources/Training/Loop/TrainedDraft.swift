internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import Quantization
internal import Tensors

/// Trained weights as they will be stored: each tensor in the type that it had, so that what is measured is what is written.
struct TrainedDraft {
  /// The draft as it was.
  let original: DraftModel

  /// - Throws: `unsupported` where a tensor is stored in a type that nothing is written in.
  func check() throws(GriffinError) {
    for binding in original.tensors.bindings {
      let tensor = original.tensors.source.tensors[binding.index]
      guard tensor.type.category == .integer || StorageFormat.of(tensor.type)?.encoder != nil else {
        throw GriffinError(
          .unsupported, tensor: tensor.name, "the tensor is stored as \(tensor.type), which is not written",
          hints: ["make a bundle whose draft is stored as f16 or in another type that convert writes"])
      }
    }
  }

  /// The draft with other values.
  /// - Parameters:
  ///   - values: By role, those of tensors that were trained.
  ///   - adapter: What the target's states go through from now on, `[hidden_size, hidden_size]`; it is stored in the type of the fusion's
  ///     projection, or as f16 where that is of fewer bits.
  func model(_ values: [TensorRole: [Float]], adapter: [Float]? = nil) throws -> DraftModel {
    var overlay = OverlaySource()
    let source = original.tensors.source
    if let adapter {
      let (hidden, fusion) = (original.configuration.hiddenSize, original.tensors[.fusion(.projection)].map { source.tensors[$0].type })
      let name = "adapter.weight"
      let tensor = try TensorDescriptor(name: name, type: fusion.flatMap { $0.category == .block ? nil : $0 } ?? .f16, shape: Shape([hidden, hidden]))
      try overlay.add(name, tensor.type, tensor.shape, bytes: encoded(adapter, tensor, name: name))
    }
    for binding in original.tensors.bindings {
      if adapter != nil, binding.role == .fusion(.adapter) { continue }
      let tensor = source.tensors[binding.index]
      guard let values = values[binding.role] else {
        try overlay.add(binding.name, from: source, index: binding.index)
        continue
      }
      try overlay.add(binding.name, tensor.type, tensor.shape, bytes: encoded(values, tensor, name: binding.name))
    }
    return try DraftModel(
      kind: original.kind, configuration: original.configuration, table: TensorTable(overlay), prefix: "", file: nil)
  }

  private func encoded(_ values: [Float], _ tensor: TensorDescriptor, name: String) throws(GriffinError) -> [UInt8] {
    guard let format = StorageFormat.of(tensor.type), let encoder = format.encoder else { preconditionFailure("checked before") }
    guard values.allSatisfy({ $0.isFinite && abs($0) <= format.largestMagnitude ?? .greatestFiniteMagnitude }) else {
      throw GriffinError(
        .inconsistent, tensor: name, "training left values that \(tensor.type) does not hold", hints: ["try a smaller --learning-rate"])
    }
    return encoder.bytes(of: values, tensor)
  }
}

extension RowEncoder {
  /// The stored bytes of a whole tensor.
  func bytes(of values: [Float], _ tensor: TensorDescriptor) -> [UInt8] {
    var buffer = ByteBuffer(byteCount: tensor.byteCount)
    var target = buffer.mutableBytes
    encode(values.span, columns: tensor.shape.rowLength, into: &target)
    let bytes = buffer.bytes
    return bytes.copied
  }
}

extension TrainableDraft {
  /// The values of everything that is trained.
  var values: [TensorRole: [Float]] { Dictionary(uniqueKeysWithValues: parameters.map { ($0.role, $0.stored) }) }
}
