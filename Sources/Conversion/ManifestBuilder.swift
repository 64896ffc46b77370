internal import Bundles
internal import ByteStorage
internal import Models
internal import Tensors

/// Gathers the manifest of a planned bundle, and the jobs that fill its payloads.
struct ManifestBuilder {
  /// Whether encoded tensors are planned with room for their errors.
  let measuresErrors: Bool
  private(set) var planned: [ConversionPlan.Tensor] = []
  private(set) var payloadJobs: [[ConversionJob]] = []
  private(set) var hashJobs: [[ConversionJob]] = []
  private var tensors: [Manifest.Tensor] = []
  private var payloads: [Manifest.Payload] = []
  private var attachments: [Manifest.Attachment] = []
  private var provenance: [Manifest.Provenance] = []
  private var importance: [Manifest.Importance] = []
  /// The place in `tensors` of the target's token embedding.
  private var embedding: Int?

  init(measuresErrors: Bool) { self.measuresErrors = measuresErrors }

  mutating func add(_ attachment: PackedAttachment) {
    attachments.append(
      Manifest.Attachment(
        name: attachment.name, byteCount: attachment.byteCount, digest: attachment.digest, payload: payloads.count))
    payloads.append(Manifest.Payload(offset: 0, byteCount: attachment.frame.count, digest: attachment.frameDigest))
  }

  /// Adds a component's tensors and files; the target before the draft.
  mutating func add(_ component: ConversionComponent, sharing: Sharing) throws(GriffinError) {
    var jobs: [ConversionJob] = []
    for (position, tensor) in component.tensors.enumerated() {
      if let original = original(of: tensor.role, component.component, sharing) {
        try share(tensor, component, position, original: original)
        continue
      }
      if component.component == .target && tensor.role == .tokenEmbedding { embedding = tensors.count }
      let source = component.sourceDescriptor(position)
      let descriptor = try describe(tensor, component, source.shape, tensor.type)
      guard let conversion = TensorConversion(from: source, to: tensor.type, importance: tensor.importance) else {
        throw GriffinError(
          .unsupported, tensor: descriptor.name, "its elements are \(source.type), which cannot be stored as \(tensor.type)")
      }
      jobs.append(
        .payload(
          payloads.count, StoredTensor(source: component.source, index: tensor.index, digest: tensor.sourceDigest), conversion,
          name: descriptor.name))
      let errors: Manifest.Errors? = if measuresErrors, case .encode = conversion { .unknown } else { nil }
      tensors.append(Manifest.Tensor(descriptor: descriptor, payload: payloads.count, errors: errors))
      payloads.append(Manifest.Payload(offset: 0, byteCount: descriptor.byteCount, digest: BundlePlan.unknownDigest))
      plan(descriptor, source.type, sharedWith: nil)
    }
    payloadJobs.append(jobs)
    addProvenance(component)
  }

  /// The place in `tensors` of the tensor that one with this role repeats.
  private func original(of role: TensorRole, _ component: Component, _ sharing: Sharing) -> Int? {
    switch (component, role) {
    case (.draft, .tokenEmbedding): sharing.embedding?.isEqual == true ? embedding : nil
    case (.target, .outputHead): sharing.tiesOutputHead ? embedding : nil
    default: nil
    }
  }

  private mutating func share(
    _ tensor: ConversionComponent.Tensor, _ component: ConversionComponent, _ position: Int, original: Int
  ) throws(GriffinError) {
    let shared = tensors[original]
    let source = component.sourceDescriptor(position)
    let descriptor = try describe(tensor, component, source.shape, shared.descriptor.type)
    tensors.append(Manifest.Tensor(descriptor: descriptor, payload: shared.payload))
    plan(descriptor, source.type, sharedWith: shared.descriptor.name)
  }

  private func describe(
    _ tensor: ConversionComponent.Tensor, _ component: ConversionComponent, _ shape: Shape, _ type: ElementType
  ) throws(GriffinError) -> TensorDescriptor {
    let name = component.component.prefix + tensor.name
    do throws(TensorError) {
      return try TensorDescriptor(name: name, type: type, shape: shape)
    } catch {
      throw GriffinError(.unsupported, tensor: name, "it cannot be stored as \(type): \(error)")
    }
  }

  private mutating func plan(_ descriptor: TensorDescriptor, _ sourceType: ElementType, sharedWith: String?) {
    planned.append(
      ConversionPlan.Tensor(
        name: descriptor.name, sourceType: sourceType, type: descriptor.type, shape: descriptor.shape,
        byteCount: descriptor.byteCount, sharedWith: sharedWith))
  }

  private mutating func addProvenance(_ component: ConversionComponent) {
    var jobs: [ConversionJob] = []
    for weights in component.weightFiles.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      var digest = BundlePlan.unknownDigest
      switch weights.origin {
      case .file(let file): jobs.append(.provenance(provenance.count, file))
      case .recorded(let recorded): digest = recorded
      }
      provenance.append(
        Manifest.Provenance(
          component: component.component, file: weights.name, byteCount: weights.byteCount, digest: digest))
    }
    hashJobs.append(jobs)
    importance += component.importance
  }

  /// The manifest, its offsets still open.
  func manifest(_ inputs: ConversionInputs, sharing: Sharing) -> Manifest {
    Manifest(
      recipe: Manifest.Recipe(target: inputs.target?.recipe, draft: inputs.draft?.recipe),
      target: inputs.target.map { target in
        Manifest.Target(family: target.modelName, config: target.config, parameters: target.parameterCount)
      },
      draft: inputs.draft.map { draft in
        Manifest.Draft(
          kind: draft.modelName, config: draft.config, parameters: draft.parameterCount,
          embedding: sharing.embedding ?? .possible)
      },
      tensors: tensors, payloads: payloads, attachments: attachments, provenance: provenance, metadata: inputs.metadata,
      importance: importance)
  }
}
