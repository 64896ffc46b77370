internal import Bundles
internal import ByteStorage
internal import Checkpoints
internal import Models
internal import Tensors

/// A target as a GGUF model: which architecture it is there, and its tensors under that one's names.
struct GGUFTarget {
  let model: TargetModel
  let names: GGUFArchitecture
  let architecture: LlamaCppArchitecture
  private let request: ExportRequest

  private var bundle: ModelBundle { request.bundle }

  /// - Throws: `unsupported` for a model that llama.cpp has no architecture for, or whose parts that has no place for.
  init(_ model: TargetModel, _ request: ExportRequest) throws(GriffinError) {
    guard let names = GGUFArchitecture.all.first(where: { $0.families.contains(model.family.name) }),
      let architecture = LlamaCppArchitecture.named(names.name)
    else {
      throw GriffinError(
        .unsupported, file: request.bundle.file.path, "llama.cpp has no architecture for the family \(model.family.name)",
        hints: [GGUFTarget.instead])
    }
    (self.model, self.names, self.architecture, self.request) = (model, names, architecture, request)
    let configuration = model.configuration
    if let objection = architecture.objection(to: configuration) { throw refusal(objection) }
    if !architecture.takesWideHeads, configuration.queryWidth != configuration.hiddenSize {
      throw refusal(
        "its heads are \(configuration.queryWidth) wide together and the model \(configuration.hiddenSize); llama.cpp's \(names.name) takes equal widths alone")
    }
    if !architecture.takesRotaryDivisors, configuration.rotary.divisors(headDimension: configuration.headDimension) != nil {
      throw refusal("its rotary frequencies are divided one by one (llama3 scaling), for which llama.cpp's \(names.name) has no place")
    }
  }

  /// What can be done where a GGUF cannot be made.
  static let instead = "--format safetensors writes the model as it was released, without loss"

  private func refusal(_ message: String, tensor: String? = nil) -> GriffinError {
    GriffinError(.unsupported, file: bundle.file.path, tensor: tensor, message, hints: [GGUFTarget.instead])
  }

  /// Everything but the tokenizer.
  /// - Returns: The metadata, and warnings of what llama.cpp does otherwise.
  func head(_ tensors: [ExportTensor]) throws(GriffinError) -> (head: GGUFHead, warnings: [String]) {
    var head = GGUFHead()
    head.addGeneral(
      architecture: names.name, name: GGUFTarget.name(of: bundle),
      fileType: GGUFFileType.number(tensors, recipe: bundle.manifest.recipe.target))
    let warnings = try head.addParameters(
      model.configuration, architecture: names.name, positions: model.configuration.maximumPositions, file: bundle.file.path)
    return (head, warnings)
  }

  /// `general.name`: the bundle's, without its ending.
  static func name(of bundle: ModelBundle) -> String {
    BundleFormat.title(ofFile: FileSystem.split(bundle.file.path).name)
  }

  /// Every tensor of the file, in the order of the model.
  func tensors() throws(GriffinError) -> [ExportTensor] {
    let maker = GGUFTensorMaker(request: request, configuration: model.configuration)
    var tensors: [ExportTensor] = []
    if let divisors = try maker.rotaryDivisors() { tensors.append(divisors) }
    for binding in model.tensors.bindings {
      if binding.role == .outputHead, isEmbedding(binding.index) { continue }
      guard architecture.takes(binding.role) else {
        throw refusal("llama.cpp's \(names.name) has no such bias and would refuse the file", tensor: binding.name)
      }
      if let name = names.globalTensors.first(where: { $0.canonicalName == binding.name })?.name {
        tensors.append(try maker.plain(name, binding.index))
        continue
      }
      guard let (layer, name) = GGUFTarget.layer(binding), let tensor = GGUFTarget.declared(name, in: names) else {
        throw refusal("llama.cpp's \(names.name) has no such tensor", tensor: binding.name)
      }
      let full = "blk.\(layer).\(tensor.name)"
      switch (tensor.arrangement, binding.role) {
      case (.asItIs, let role): tensors.append(try maker.plain(full, binding.index, isRouter: role == .layer(layer, .router)))
      case (.interleavedQueries, _), (.interleavedKeys, _): tensors.append(try maker.interleaved(full, binding.index))
      // The first expert stands for all.
      case (.mergedExperts, .layer(_, .expert(0, let role))): tensors.append(try maker.merged(full, experts(layer, role)))
      case (.oneRow, _): tensors.append(try maker.vector(full, binding.index))
      case (.mergedExperts, _), (.targetIDs, _): break
      }
    }
    return tensors
  }

  /// A layer's tensor by its canonical name; of experts all in one.
  static func declared(_ canonical: String, in names: GGUFArchitecture) -> GGUFArchitecture.NamedTensor? {
    names.layerTensors.first { $0.canonicalName == canonical && ($0.arrangement == .mergedExperts || !$0.name.contains("{expert}")) }
  }

  /// Whether a tensor is the embedding, under another name.
  private func isEmbedding(_ index: Int) -> Bool {
    guard let embedding = model.tensors[.tokenEmbedding] else { return false }
    return bundle.manifest.tensors[index].payload == bundle.manifest.tensors[embedding].payload
  }

  /// Where a projection of every expert of a layer is.
  private func experts(_ layer: Int, _ role: ExpertRole) -> [Int] {
    (0..<(model.configuration.experts?.count ?? 0)).compactMap { model.tensors[.layer(layer, .expert($0, role))] }
  }

  /// The number of a tensor's layer, and its name in it with `{expert}` for an expert's number.
  private static func layer(_ binding: BoundTensors.Binding) -> (layer: Int, name: String)? {
    guard case .layer(let layer, let role) = binding.role, binding.name.hasPrefix("model.layers.\(layer).") else { return nil }
    let name = String(binding.name.dropFirst("model.layers.\(layer).".count))
    guard case .expert(let expert, _) = role else { return (layer, name) }
    return (layer, name.replacing("experts.\(expert).", with: "experts.{expert}."))
  }
}
