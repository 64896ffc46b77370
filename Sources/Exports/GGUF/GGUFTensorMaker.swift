internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
internal import Tensors

/// Makes a GGUF file's tensors of a bundle's, in the types and the row order that llama.cpp expects.
struct GGUFTensorMaker {
  let request: ExportRequest
  let configuration: TransformerConfiguration

  private var bundle: ModelBundle { request.bundle }

  /// The type that a tensor gets: vectors and routers are always float32, everything else stays as it is.
  ///
  /// - Source: `prepare_tensors` in llama.cpp's converter.
  private func type(of tensor: TensorDescriptor, isRouter: Bool) -> ElementType {
    if tensor.shape.dimensions.count < 2 || isRouter && tensor.type.category != .block { return .f32 }
    return tensor.type == .f64 || tensor.type.ggmlIdentifier == nil ? request.dtype ?? .f32 : tensor.type
  }

  /// A tensor as it is.
  func plain(_ name: String, _ index: Int, isRouter: Bool = false) throws(GriffinError) -> ExportTensor {
    let descriptor = bundle.tensors[index]
    return try ExportTensor(
      name: name, type: type(of: descriptor, isRouter: isRouter), shape: descriptor.shape, of: request.stored(index))
  }

  /// A projection to queries or keys, or its bias, whose rows that rotate together are brought side by side.
  /// - Throws: `unsupported` for a bias in blocks.
  func interleaved(_ name: String, _ index: Int) throws(GriffinError) -> ExportTensor {
    let descriptor = bundle.tensors[index]
    guard descriptor.shape.dimensions.count > 1 || descriptor.type.category != .block else {
      throw GriffinError(
        .unsupported, file: bundle.file.path, tensor: descriptor.name,
        "a bias in \(descriptor.type) blocks cannot be put in ggml's order", hints: ["convert the model again with float biases"])
    }
    let part = ArrangedSource.Part(index, .interleavedHalves(headRows: configuration.headDimension))
    return try arranged(name, descriptor.shape, [part])
  }

  /// The only row of a matrix as a vector.
  func vector(_ name: String, _ index: Int) throws(GriffinError) -> ExportTensor {
    let descriptor = bundle.tensors[index]
    return try ExportTensor(
      name: name, type: descriptor.type.category == .block ? descriptor.type : .f32, shape: shape([descriptor.shape.elementCount]),
      of: request.stored(index))
  }

  /// The experts of one projection one after another.
  /// - Throws: `unsupported` where they are of several types.
  func merged(_ name: String, _ indices: [Int]) throws(GriffinError) -> ExportTensor {
    let first = bundle.tensors[indices[0]]
    if let other = indices.map({ bundle.tensors[$0] }).first(where: { $0.type != first.type }) {
      throw GriffinError(
        .unsupported, file: bundle.file.path, tensor: other.name,
        "it is \(other.type) and \(first.name) is \(first.type); GGUF keeps the experts of a layer in one tensor of one type",
        hints: ["griffin quantize with one type for all experts of a layer"])
    }
    return try arranged(name, shape([indices.count] + first.shape.dimensions), indices.map { ArrangedSource.Part($0) })
  }

  private func arranged(_ name: String, _ shape: Shape, _ parts: [ArrangedSource.Part]) throws(GriffinError) -> ExportTensor {
    var source = ArrangedSource(bundle)
    let index = try source.add(name, shape: shape, parts: parts)
    return try ExportTensor(
      name: name, type: type(of: source.tensors[index], isRouter: false), shape: shape,
      of: StoredTensor(source: source, index: index), payloads: parts.map { request.stored($0.index) })
  }

  /// A tensor of numbers that are in no checkpoint.
  func made(_ name: String, _ type: ElementType, _ dimensions: [Int], _ bytes: [UInt8]) throws(GriffinError) -> ExportTensor {
    var source = MadeSource()
    let shape = try shape(dimensions)
    let index = try source.add(name, type: type, shape: shape, bytes: bytes)
    return try ExportTensor(name: name, type: type, shape: shape, of: StoredTensor(source: source, index: index))
  }

  /// `rope_freqs.weight`; nil where no rotary frequency is divided.
  func rotaryDivisors() throws(GriffinError) -> ExportTensor? {
    guard let divisors = configuration.rotary.divisors(headDimension: configuration.headDimension) else { return nil }
    var bytes: [UInt8] = []
    for divisor in divisors { bytes.append(littleEndian: divisor.bitPattern) }
    return try made("rope_freqs.weight", .f32, [divisors.count], bytes)
  }

  private func shape(_ dimensions: [Int]) throws(GriffinError) -> Shape {
    do throws(TensorError) { return try Shape(dimensions) } catch { throw GriffinError(.unsupported, "\(error)") }
  }
}
