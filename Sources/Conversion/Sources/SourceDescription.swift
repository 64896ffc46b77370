public import Bundles
public import ByteStorage
public import Checkpoints
public import Models
public import Tensors

/// What `inspect` says of a SRC that is no bundle: a checkpoint, recognised.
public struct SourceDescription: Sendable {
  /// What the checkpoint is.
  public enum Model: Sendable {
    case target(TargetModel)
    case draft(DraftModel)
  }

  /// A file of the checkpoint.
  public struct File: Sendable {
    public let name: String
    public let byteCount: Int
  }

  public let path: String
  public let model: Model
  public let weightFiles: [File]
  public let attachments: [File]
  /// Held open as long as they are described.
  private let files: [InputFile]
  /// The tokenizer and the chat template of a target.
  public let text: TextFiles
  /// What the user should know and no error says.
  public let warnings: [String]

  /// Opens and recognises a checkpoint. Payloads are not touched.
  /// - Throws: What opening and recognising throw.
  public init(path: String, options: SourceOptions = SourceOptions()) throws(GriffinError) {
    let checkpoint = try Checkpoint.open(path: path, options: options.forTarget)
    text = try checkpoint.textFiles()
    if DraftModel.isDraft(checkpoint.source) {
      let draft = try checkpoint.draftModel()
      model = .draft(draft)
      warnings = checkpoint.warnings + draft.warnings
    } else {
      let target = try checkpoint.targetModel()
      model = .target(target)
      warnings = checkpoint.warnings + target.warnings + text.warnings
    }
    self.path = path
    files = (checkpoint.weightFiles + checkpoint.attachments).map(\.file)
    weightFiles = checkpoint.weightFiles.map { File(name: $0.name, byteCount: $0.file.byteCount) }
    attachments = checkpoint.attachments.map { File(name: $0.name, byteCount: $0.file.byteCount) }
  }

  /// The text of the model's own chat template, where its files hold one.
  public var chatTemplate: String? { text.template?.text }

  public var component: Component {
    if case .target = model { .target } else { .draft }
  }

  public var configuration: TransformerConfiguration {
    switch model {
    case .target(let target): target.configuration
    case .draft(let draft): draft.configuration
    }
  }

  /// The family of a target or the kind of a draft.
  public var modelName: String {
    switch model {
    case .target(let target): target.family.name
    case .draft(let draft): draft.kind.name
    }
  }

  public var parameterCount: Int {
    switch model {
    case .target(let target): target.parameterCount
    case .draft(let draft): draft.parameterCount
    }
  }

  /// The model's tensors, under the names that they would have in a bundle and in the same order.
  public var tensors: [TensorDescriptor] {
    let bound: BoundTensors =
      switch model {
      case .target(let target): target.tensors
      case .draft(let draft): draft.tensors
      }
    return bound.bindings.compactMap { binding in
      let tensor = bound.source.tensors[binding.index]
      // A name is no part of what can be wrong with a shape that was read.
      return try? TensorDescriptor(name: component.prefix + binding.name, type: tensor.type, shape: tensor.shape)
    }
  }

  /// Bytes of all weight files.
  public var byteCount: Int { weightFiles.reduce(0) { $0 + $1.byteCount } }

  /// Bytes of the model's tensors.
  public var tensorByteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// How many tensors have which type.
  public var typeCounts: [ElementType: Int] { tensors.reduce(into: [:]) { $0[$1.type, default: 0] += 1 } }

  /// Whether a draft brings a token embedding, which a target's may turn out to be.
  var hasEmbedding: Bool {
    if case .draft(let draft) = model { draft.tensors[.tokenEmbedding] != nil } else { true }
  }
}
