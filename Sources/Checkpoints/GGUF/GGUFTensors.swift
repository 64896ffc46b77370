internal import ByteStorage
internal import Tensors

/// The tensors of a GGUF model, told apart: which become weights and which are configuration.
struct GGUFTensors {
  /// Under canonical names, in the order of the file.
  private(set) var views: [GGUFView] = []
  /// Factors of rotary frequencies, which ggml keeps as a tensor.
  private(set) var ropeFactors: Int?

  private let parameters: GGUFHyperParameters
  private let source: any TensorSource
  private let file: String
  private let layerTensors: [String: GGUFArchitecture.NamedTensor]
  private var names: [String: String] = [:]

  /// - Parameter file: The model's first file, for messages.
  /// - Throws: `unsupported` for a tensor that the architecture does not have, `inconsistent` for one whose shape
  ///   contradicts the metadata.
  init(_ source: any TensorSource, _ parameters: GGUFHyperParameters, file: String) throws(GriffinError) {
    (self.source, self.parameters, self.file) = (source, parameters, file)
    let declared = parameters.architecture.layerTensors
    layerTensors = Dictionary(declared.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (index, tensor) in source.tensors.enumerated() {
      if tensor.name == "rope_freqs.weight" {
        ropeFactors = index
      } else if let global = parameters.architecture.globalTensors.first(where: { $0.name == tensor.name }) {
        try add(tensor, global.canonicalName, index, global.arrangement == .targetIDs ? targetIDs(tensor) : .asItIs)
      } else {
        try addLayerTensor(tensor, index)
      }
    }
  }

  /// Whether the model is a draft.
  var isDraft: Bool { parameters.architecture.draftKeys != nil }

  /// The view of the tensor that the file calls so.
  func descriptor(ofFileName name: String) -> TensorDescriptor? { views.first { source.tensors[$0.index].name == name }?.descriptor }

  private mutating func addLayerTensor(_ tensor: TensorDescriptor, _ index: Int) throws(GriffinError) {
    let parts = tensor.name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]), "\(layer)" == parts[1],
      (0..<parameters.layerCount).contains(layer)
    else { throw unknown(tensor) }
    var (name, expert) = (String(parts[2]), "")
    var declared = layerTensors[name]
    if declared == nil {
      // Older files have a tensor for each expert: `ffn_gate.3.weight`.
      let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
      guard pieces.count == 3, let number = Int(pieces[1]), "\(number)" == pieces[1], (0..<parameters.expertCount).contains(number) else {
        throw unknown(tensor)
      }
      (name, expert) = ("\(pieces[0]).{expert}.\(pieces[2])", "\(number)")
      declared = layerTensors[name]
    }
    guard let declared else { throw unknown(tensor) }
    let canonical = parameters.architecture.layerPrefix.replacing("{layer}", with: "\(layer)") + declared.canonicalName
    switch declared.arrangement {
    case .asItIs, .targetIDs: try add(tensor, canonical.replacing("{expert}", with: expert), index)
    case .interleavedQueries: try add(tensor, canonical, index, .interleaved(rows(of: tensor, heads: parameters.headCount)))
    case .interleavedKeys: try add(tensor, canonical, index, .interleaved(rows(of: tensor, heads: parameters.keyValueHeadCount)))
    case .mergedExperts: try addExperts(tensor, canonical, index)
    case .oneRow: try addRow(tensor, canonical, index)
    }
  }

  /// One view of the whole tensor.
  private mutating func add(
    _ tensor: TensorDescriptor, _ name: String, _ index: Int, _ order: GGUFView.Order = .asItIs
  ) throws(GriffinError) {
    try append(GGUFView(descriptor: describe(tensor, name, tensor.shape), index: index, byteOffset: 0, order: order), of: tensor)
  }

  /// One view of a vector as the only row of a matrix.
  private mutating func addRow(_ tensor: TensorDescriptor, _ name: String, _ index: Int) throws(GriffinError) {
    let dimensions = tensor.shape.dimensions
    guard let shape = try? Shape(dimensions.count == 1 ? [1] + dimensions : dimensions) else { throw unknown(tensor) }
    try append(GGUFView(descriptor: describe(tensor, name, shape), index: index, byteOffset: 0, order: .asItIs), of: tensor)
  }

  /// One view for each expert.
  private mutating func addExperts(_ tensor: TensorDescriptor, _ name: String, _ index: Int) throws(GriffinError) {
    let dimensions = tensor.shape.dimensions
    guard dimensions.count == 3, dimensions[0] == parameters.expertCount else {
      throw error(.inconsistent, tensor, "its shape is \(tensor.shape); expected \(parameters.expertCount) experts of two dimensions")
    }
    let byteCount = tensor.byteCount / dimensions[0]
    do throws(TensorError) {
      let shape = try Shape(Array(dimensions.dropFirst()))
      for expert in 0..<dimensions[0] {
        let descriptor = try TensorDescriptor(name: name.replacing("{expert}", with: "\(expert)"), type: tensor.type, shape: shape)
        views.append(GGUFView(descriptor: descriptor, index: index, byteOffset: expert * byteCount, order: .asItIs))
      }
    } catch let problem {
      throw error(.malformed, tensor, "\(problem)")
    }
    for view in views.suffix(dimensions[0]) { try claim(view.descriptor.name, tensor) }
  }

  private mutating func append(_ view: GGUFView, of tensor: TensorDescriptor) throws(GriffinError) {
    try claim(view.descriptor.name, tensor)
    views.append(view)
  }

  /// - Throws: `inconsistent` where another tensor has the name already.
  private mutating func claim(_ name: String, _ tensor: TensorDescriptor) throws(GriffinError) {
    if let other = names.updateValue(tensor.name, forKey: name) {
      throw error(.inconsistent, tensor, "it and \(other) are both \(name)")
    }
  }

  /// - Throws: `inconsistent` where they are no list of ids.
  private func targetIDs(_ tensor: TensorDescriptor) throws(GriffinError) -> GGUFView.Order {
    guard tensor.type == .i64, tensor.shape.dimensions.count == 1 else {
      throw error(.inconsistent, tensor, "expected a list of ids as i64, found \(tensor.type) \(tensor.shape)")
    }
    return .targetIDs
  }

  /// How the rows of a query or key tensor, or of its bias, are interleaved.
  private func rows(of tensor: TensorDescriptor, heads: Int) throws(GriffinError) -> InterleavedRows {
    let rowCount = heads * parameters.headDimension
    guard tensor.shape.dimensions[0] == rowCount, tensor.shape.dimensions.count <= 2 else {
      throw error(
        .inconsistent, tensor, "its shape is \(tensor.shape); expected \(rowCount) rows, \(heads) heads of \(parameters.headDimension)")
    }
    // Elements of a vector are its rows; in blocks they could not move alone.
    guard tensor.shape.dimensions.count == 2 || tensor.type.category != .block else {
      throw error(.unsupported, tensor, "it is a bias in \(tensor.type) blocks, whose elements cannot be put in order")
    }
    return InterleavedRows(headRows: parameters.headDimension, rowByteCount: tensor.byteCount / rowCount)
  }

  private func describe(_ tensor: TensorDescriptor, _ name: String, _ shape: Shape) throws(GriffinError) -> TensorDescriptor {
    do throws(TensorError) {
      return try TensorDescriptor(name: name, type: tensor.type, shape: shape)
    } catch let problem {
      throw error(.malformed, tensor, "\(problem)")
    }
  }

  private func unknown(_ tensor: TensorDescriptor) -> GriffinError {
    let architecture = parameters.architecture.name
    return error(.unsupported, tensor, "the architecture \(architecture) with \(parameters.layerCount) layers has no such tensor")
  }

  private func error(_ kind: GriffinError.Kind, _ tensor: TensorDescriptor, _ message: String) -> GriffinError {
    GriffinError(kind, file: file, tensor: tensor.name, message)
  }
}
