public import Bundles
public import ByteStorage
public import Models
internal import Quantization
public import Tensors

/// One half of a pair as it goes into a bundle: which tensors, under which names and types, and the files they are from.
public struct ConversionComponent: Sendable {
  /// A tensor to convert.
  public struct Tensor: Sendable, Hashable {
    public let role: TensorRole
    /// The canonical name, without the component's prefix.
    public let name: String
    /// The tensor's index in the source.
    public let index: Int
    /// The type that the recipe gives it.
    public let type: ElementType
    /// SHA-256 that the source states for the tensor's bytes; what is read is held against it.
    public let sourceDigest: SHA256Digest?
    /// How much its columns count where it is quantized; nil where all count the same.
    public let importance: [Float]?

    public init(
      role: TensorRole, name: String, index: Int, type: ElementType, sourceDigest: SHA256Digest? = nil, importance: [Float]? = nil
    ) {
      (self.role, self.name, self.index, self.type) = (role, name, index, type)
      (self.sourceDigest, self.importance) = (sourceDigest, importance)
    }
  }

  /// A small file that travels along.
  public struct Attachment: Sendable {
    /// The plain file name, such as `config.json`.
    public let name: String
    public let contents: FileContents

    public init(name: String, contents: FileContents) { (self.name, self.contents) = (name, contents) }

    public init(name: String, file: InputFile) { self.init(name: name, contents: .file(file)) }
  }

  /// A file that tensors were released in, for the provenance.
  public struct WeightFile: Sendable {
    /// Where its digest comes from.
    enum Origin: Sendable {
      /// The file is here and is hashed.
      case file(InputFile)
      /// A bundle recorded it.
      case recorded(SHA256Digest)
    }

    /// The plain file name.
    public let name: String
    public let byteCount: Int
    let origin: Origin

    public init(name: String, file: InputFile) {
      (self.name, self.byteCount, self.origin) = (name, file.byteCount, .file(file))
    }

    /// A file that is known by what a bundle says of it.
    public init(recorded provenance: Manifest.Provenance) {
      (name, byteCount, origin) = (provenance.file, provenance.byteCount, .recorded(provenance.digest))
    }

    /// The file, where it is here.
    public var file: InputFile? {
      if case .file(let file) = origin { file } else { nil }
    }
  }

  public let component: Component
  /// The family of a target or the kind of a draft.
  public let modelName: String
  /// Hyper-parameters under Hugging Face's keys, no default left open.
  public let config: JSONObject
  public let parameterCount: Int
  /// The recipe's name.
  public let recipe: String
  public let source: any TensorSource
  /// In canonical order.
  public let tensors: [Tensor]
  public let weightFiles: [WeightFile]
  public let attachments: [Attachment]
  /// The file that the tensors' importance is from.
  public let importanceFile: InputFile?
  /// The matrices that errors of its tensors are or were weighed by, for the provenance.
  public var importance: [Manifest.Importance] = []
  /// The archive that the files were unpacked from, if they were: it is what stays on disk.
  public var archive: InputFile?
  /// The source index of a draft's copy of its target's output head, which is compared and left out.
  public var copiedHead: Int?

  public init(
    component: Component, modelName: String, config: JSONObject, parameterCount: Int, recipe: String,
    source: any TensorSource, tensors: [Tensor], weightFiles: [WeightFile], attachments: [Attachment],
    importanceFile: InputFile? = nil
  ) {
    (self.component, self.modelName, self.config) = (component, modelName, config)
    (self.parameterCount, self.recipe, self.source, self.tensors) = (parameterCount, recipe, source, tensors)
    (self.weightFiles, self.attachments, self.importanceFile) = (weightFiles, attachments, importanceFile)
  }

  /// The first tensor with a role, by its place in `tensors`.
  func position(of role: TensorRole) -> Int? { tensors.firstIndex { $0.role == role } }

  /// How a tensor is stored in the source.
  func sourceDescriptor(_ position: Int) -> TensorDescriptor { source.tensors[tensors[position].index] }

  /// Bytes of the files that tensors are read from.
  var sourceByteCount: Int {
    if let bundle = source as? ModelBundle { return bundle.file.byteCount }
    return weightFiles.reduce(0) { $0 + $1.byteCount }
  }

  /// Every file that is read.
  var inputFiles: [InputFile] {
    weightFiles.compactMap(\.file) + attachments.compactMap(\.contents.file)
      + [(source as? ModelBundle)?.file, importanceFile, archive].compactMap(\.self)
  }
}
