internal import Bundles
public import ByteStorage
public import Models
public import Quantization
internal import Tensors

extension ConversionComponent {
  /// A target whose tensors get the types that `selection` gives them.
  /// - Throws: As `TypeSelection.types(for:)`.
  public init(
    _ model: TargetModel, selection: TypeSelection, weightFiles: [WeightFile], attachments: [Attachment]
  ) throws(GriffinError) {
    self.init(
      component: .target, modelName: model.family.name, config: model.configuration.document,
      parameterCount: model.parameterCount, recipe: selection.recipe.name, source: model.tensors.source,
      tensors: try ConversionComponent.tensors(model.tensors, of: .target, selection), weightFiles: weightFiles,
      attachments: attachments, importanceFile: selection.importance?.file)
    note(selection.importance)
  }

  /// A draft whose tensors get the types that `selection` gives them.
  /// - Throws: As `TypeSelection.types(for:)`.
  public init(
    _ model: DraftModel, selection: TypeSelection, weightFiles: [WeightFile], attachments: [Attachment]
  ) throws(GriffinError) {
    self.init(
      component: .draft, modelName: model.kind.name, config: model.configuration.document,
      parameterCount: model.parameterCount, recipe: selection.recipe.name, source: model.tensors.source,
      tensors: try ConversionComponent.tensors(model.tensors, of: .draft, selection), weightFiles: weightFiles,
      attachments: attachments, importanceFile: selection.importance?.file)
    copiedHead = model.tensors.ignored[.outputHead]
    note(selection.importance)
  }

  /// Keeps what a matrix is, where it weighs errors of any tensor.
  private mutating func note(_ matrix: ImportanceMatrix?) {
    guard let matrix, let file = matrix.file, let digest = matrix.digest, tensors.contains(where: { $0.importance != nil }) else { return }
    importance = [
      Manifest.Importance(
        component: component, file: FileSystem.split(file.path).name, byteCount: file.byteCount, digest: digest,
        texts: Array(matrix.texts.prefix(BundleFormat.Limit.importanceTexts)))
    ]
  }

  private static func tensors(
    _ bound: BoundTensors, of component: Component, _ selection: TypeSelection
  ) throws(GriffinError) -> [Tensor] {
    let (bundle, trimmed) = (bound.source as? ModelBundle, bound.source as? TrimmedSource)
    let descriptors = bound.bindings.map { bound.source.tensors[$0.index] }
    let types = try selection.types(
      for: zip(bound.bindings, descriptors).map { binding, descriptor in
        RecipeTensor(
          name: component.prefix + binding.name, role: binding.role, shape: descriptor.shape, sourceType: descriptor.type)
      })
    var tensors: [Tensor] = []
    for ((binding, descriptor), type) in zip(zip(bound.bindings, descriptors), types) {
      let isQuantized = type.category == .block && type != descriptor.type
      let importance = try isQuantized
        ? selection.importance?.values(for: component.prefix + binding.name, columns: descriptor.shape.rowLength) : nil
      tensors.append(
        Tensor(
          role: binding.role, name: binding.name, index: binding.index, type: type,
          sourceDigest: bundle?.payload(ofTensor: binding.index).digest ?? trimmed?.digest(binding.index), importance: importance))
    }
    return tensors
  }
}
