public import Bundles
public import ByteStorage
public import Models
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

    public init(role: TensorRole, name: String, index: Int, type: ElementType) {
      (self.role, self.name, self.index, self.type) = (role, name, index, type)
    }
  }

  /// A small file that travels along.
  public struct Attachment: Sendable {
    /// The plain file name, such as `config.json`.
    public let name: String
    public let file: InputFile

    public init(name: String, file: InputFile) { (self.name, self.file) = (name, file) }
  }

  /// A file that tensors are read from.
  public struct WeightFile: Sendable {
    /// The plain file name, for the provenance.
    public let name: String
    public let file: InputFile

    public init(name: String, file: InputFile) { (self.name, self.file) = (name, file) }
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

  public init(
    component: Component, modelName: String, config: JSONObject, parameterCount: Int, recipe: String,
    source: any TensorSource, tensors: [Tensor], weightFiles: [WeightFile], attachments: [Attachment]
  ) {
    (self.component, self.modelName, self.config) = (component, modelName, config)
    (self.parameterCount, self.recipe, self.source, self.tensors) = (parameterCount, recipe, source, tensors)
    (self.weightFiles, self.attachments) = (weightFiles, attachments)
  }
}

extension ConversionComponent {
  /// The name of the recipe that keeps every tensor's type.
  public static let copyRecipe = "copy"

  /// A target whose tensors keep their types.
  public init(copying model: TargetModel, weightFiles: [WeightFile], attachments: [Attachment]) {
    self.init(
      component: .target, modelName: model.family.name, config: model.configuration.document,
      parameterCount: model.parameterCount, recipe: ConversionComponent.copyRecipe, source: model.tensors.source,
      tensors: ConversionComponent.tensorsAsTheyAre(model.tensors), weightFiles: weightFiles, attachments: attachments)
  }

  /// A draft whose tensors keep their types.
  public init(copying model: DraftModel, weightFiles: [WeightFile], attachments: [Attachment]) {
    self.init(
      component: .draft, modelName: model.kind.name, config: model.configuration.document,
      parameterCount: model.parameterCount, recipe: ConversionComponent.copyRecipe, source: model.tensors.source,
      tensors: ConversionComponent.tensorsAsTheyAre(model.tensors), weightFiles: weightFiles, attachments: attachments)
  }

  private static func tensorsAsTheyAre(_ bound: BoundTensors) -> [Tensor] {
    bound.bindings.map { binding in
      Tensor(role: binding.role, name: binding.name, index: binding.index, type: bound.source.tensors[binding.index].type)
    }
  }

  /// The first tensor with a role, by its place in `tensors`.
  func position(of role: TensorRole) -> Int? { tensors.firstIndex { $0.role == role } }

  /// How a tensor is stored in the source.
  func sourceDescriptor(_ position: Int) -> TensorDescriptor { source.tensors[tensors[position].index] }

  /// Every file that is read.
  var inputFiles: [InputFile] { weightFiles.map(\.file) + attachments.map(\.file) }
}
