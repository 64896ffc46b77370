internal import Bundles
internal import ByteStorage
internal import Checkpoints
internal import Models
internal import Tensors

/// An EAGLE-3 draft as llama.cpp's architecture `eagle3`, which reads three layers of the target beside it.
///
/// - Source: `llama_model_eagle3` in llama.cpp's `src/models`, and `LlamaModel` of its converter.
struct Eagle3Draft {
  private static let architecture = GGUFArchitecture.eagle3

  private let model: DraftModel
  private let target: GGUFTarget
  private let request: ExportRequest
  private let eagle3: Eagle3Configuration
  /// The target's layers at whose input its states are taken.
  private let tappedLayers: [Int]

  private var bundle: ModelBundle { request.bundle }

  /// - Throws: `unsupported` for drafts that llama.cpp has no architecture for, and for what it would drop; `inconsistent` where the
  ///   target has no such layers.
  init(_ model: DraftModel, target: GGUFTarget, _ request: ExportRequest) throws(GriffinError) {
    let eagle3 = try Eagle3Draft.check(model, request)
    guard target.architecture.publishesTaps else {
      throw Eagle3Draft.refusal("llama.cpp's \(target.names.name) does not hand out its layers' states, which an EAGLE-3 draft reads", request)
    }
    (self.model, self.target, self.request, self.eagle3) = (model, target, request, eagle3)
    tappedLayers = try eagle3.tappedLayers(ofTarget: target.model.configuration.layerCount, file: request.bundle.file.path)
  }

  /// What no target could change.
  /// - Throws: `unsupported`.
  static func check(_ model: DraftModel, _ request: ExportRequest) throws(GriffinError) -> Eagle3Configuration {
    guard model.kind.name == Eagle3Draft.architecture.name, let eagle3 = model.configuration.eagle3 else {
      throw refusal("no runtime's GGUF holds a \(model.kind.name) draft; llama.cpp has a place for EAGLE-3 drafts alone", request)
    }
    for binding in model.tensors.bindings where binding.name.hasSuffix(".bias") {
      throw refusal("llama.cpp's eagle3 has no biases and would leave this one out", request, tensor: binding.name)
    }
    let reasons = [
      (eagle3.stateNorms == .each, "a norm for each state (fc_norm)"), (eagle3.normalisesOutput, "features after the final norm (norm_output)"),
      (model.configuration.layerCount > 1, "several layers"), (eagle3.tapCount != 3, "\(eagle3.tapCount) states of the target"),
      (model.tensors[.layer(0, .queryNorm)] != nil, "norms of query and key heads"),
    ]
    if let reason = reasons.first(where: { $0.0 }) { throw refusal("the draft has \(reason.1), for which llama.cpp's eagle3 has no place", request) }
    return eagle3
  }

  private static func refusal(_ message: String, _ request: ExportRequest, tensor: String? = nil) -> GriffinError {
    let path = request.bundle.file.path
    return GriffinError(
      .unsupported, file: path, tensor: tensor, message,
      hints: ["export it as safetensors, which loses nothing: griffin export \(path) --format safetensors --component draft"])
  }

  /// Everything but the tokenizer.
  /// - Returns: The metadata, and warnings of what llama.cpp does otherwise.
  func head(_ tensors: [ExportTensor]) throws(GriffinError) -> (head: GGUFHead, warnings: [String]) {
    var head = GGUFHead()
    head.addGeneral(
      architecture: Eagle3Draft.architecture.name, name: GGUFTarget.name(of: bundle) + " EAGLE-3",
      fileType: GGUFFileType.number(tensors, recipe: bundle.manifest.recipe.draft))
    let positions = target.model.configuration.maximumPositions ?? model.configuration.maximumPositions
    let warnings = try head.addParameters(
      model.configuration, architecture: Eagle3Draft.architecture.name, positions: positions, file: bundle.file.path)
    head.add("eagle3.target_layers", integers: tappedLayers)
    head.add("eagle3.target_hidden_size", count: eagle3.targetHiddenSize)
    head.add("eagle3.norm_before_residual", eagle3.normalisesResidual)
    head.add("eagle3.norm_before_fc", eagle3.stateNorms == .together)
    return (head, warnings)
  }

  /// The file's tensors. An embedding or a head that is the target's is left out: llama.cpp takes it from there.
  func tensors() throws(GriffinError) -> [ExportTensor] {
    let maker = GGUFTensorMaker(request: request, configuration: model.configuration)
    var tensors: [ExportTensor] = []
    if let divisors = try maker.rotaryDivisors() { tensors.append(divisors) }
    for binding in model.tensors.bindings {
      switch binding.role {
      case .vocabularyMask: continue
      case .vocabularyOffsets: tensors.append(try targetIDs(maker))
      case .tokenEmbedding where isTargetsEmbedding(binding.index): continue
      case .layer(0, .query), .layer(0, .key): tensors.append(try maker.interleaved(try name(binding), binding.index))
      default: tensors.append(try maker.plain(try name(binding), binding.index))
      }
    }
    return tensors
  }

  /// What llama.cpp calls a tensor.
  private func name(_ binding: BoundTensors.Binding) throws(GriffinError) -> String {
    let names = Eagle3Draft.architecture
    let found =
      if binding.name.hasPrefix(names.layerPrefix) {
        GGUFTarget.declared(String(binding.name.dropFirst(names.layerPrefix.count)), in: names).map { "blk.0.\($0.name)" }
      } else {
        names.globalTensors.first { $0.canonicalName == binding.name }?.name
      }
    guard let found else { throw Eagle3Draft.refusal("llama.cpp's eagle3 has no such tensor", request, tensor: binding.name) }
    return found
  }

  private func isTargetsEmbedding(_ index: Int) -> Bool {
    guard let embedding = target.model.tensors[.tokenEmbedding] else { return false }
    return bundle.manifest.tensors[index].payload == bundle.manifest.tensors[embedding].payload
  }

  /// `d2t`: the target's id for each of the draft's own. Files of drafts have what to add to the own one instead.
  private func targetIDs(_ maker: GGUFTensorMaker) throws(GriffinError) -> ExportTensor {
    let vocabulary: DraftVocabulary
    do {
      vocabulary = try DraftVocabulary(model.tensors, configuration: model.configuration)
    } catch let error as GriffinError {
      throw error.located(file: bundle.file.path)
    } catch {
      throw GriffinError(.io, file: bundle.file.path, tensor: "d2t", "reading failed: \(error)")
    }
    let ids = vocabulary.targetIDs ?? []
    var bytes: [UInt8] = []
    for id in ids { bytes.append(littleEndian: Int64(id)) }
    return try maker.made("d2t", .i64, [ids.count], bytes)
  }
}
