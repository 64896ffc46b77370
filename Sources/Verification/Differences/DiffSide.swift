internal import Bundles
internal import ByteStorage
internal import Checkpoints
internal import Conversion
internal import Models
internal import Tensors

/// One side of a comparison of files: models wherever they are, by their canonical names.
struct DiffSide {
  /// A tensor, to be read where its bytes matter.
  struct Tensor {
    let stored: StoredTensor
    var descriptor: TensorDescriptor { stored.descriptor }
  }

  /// By canonical name with the component's prefix, in order.
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  /// Hyper-parameters by `target.hidden_size`.
  private(set) var settings: [String: JSONValue] = [:]
  /// Digests of the files that travel along, by `target/config.json`; those that another layout renames are left to `settings`.
  private(set) var files: [String: SHA256Digest] = [:]
  /// The chat template's text.
  private(set) var template: String?
  /// Remarks of a bundle.
  private(set) var remarks: [String: String] = [:]

  init(path: String, options: SourceOptions) throws(GriffinError) {
    if let bundle = try ModelSource.bundle(path: path, options: options) {
      try read(bundle)
    } else {
      try read(Checkpoint.open(path: path, options: options.forTarget))
    }
  }

  private mutating func read(_ bundle: ModelBundle) throws(GriffinError) {
    if let target = try bundle.targetModel() {
      add(target.tensors, .target, target.configuration, target.family.name) { bundle.payload(ofTensor: $0).digest }
    }
    if let draft = try bundle.draftModel() {
      add(draft.tensors, .draft, draft.configuration, draft.kind.name) { bundle.payload(ofTensor: $0).digest }
    }
    for attachment in bundle.manifest.attachments { files[attachment.name] = attachment.digest }
    for remark in bundle.manifest.metadata { remarks[remark.key] = remark.value }
    template = try bundle.textFiles().template?.text
  }

  private mutating func read(_ checkpoint: Checkpoint) throws(GriffinError) {
    let component: Component
    if DraftModel.isDraft(checkpoint.source) {
      let draft = try checkpoint.draftModel()
      component = .draft
      add(draft.tensors, component, draft.configuration, draft.kind.name) { _ in nil }
    } else {
      let target = try checkpoint.targetModel()
      component = .target
      add(target.tensors, component, target.configuration, target.family.name) { _ in nil }
      template = try checkpoint.textFiles().template?.text
    }
    for attachment in checkpoint.attachments {
      let content = try FileContents.file(attachment.file).read()
      files[component.prefix + attachment.name] = SHA256Digest(of: content.bytes)
    }
  }

  private mutating func add(
    _ bound: BoundTensors, _ component: Component, _ configuration: TransformerConfiguration, _ name: String,
    digest: (Int) -> SHA256Digest?
  ) {
    for binding in bound.bindings {
      let stored = StoredTensor(source: bound.source, index: binding.index, digest: digest(binding.index))
      tensors.append((component.prefix + binding.name, Tensor(stored: stored)))
    }
    settings["\(component.rawValue).\(component == .target ? "family" : "kind")"] = .string(name)
    for member in configuration.document.members { settings["\(component.rawValue).\(member.key)"] = member.value }
  }
}
