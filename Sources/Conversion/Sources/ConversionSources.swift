public import Bundles
public import ByteStorage
public import Checkpoints
package import Models
public import Quantization
internal import Tensors
internal import Tokenization

/// Models, opened, recognised and fitted to each other: where a conversion begins.
public struct ConversionSources: Sendable {
  /// The types that each half gets.
  public struct Selections: Sendable {
    public var target: TypeSelection
    public var draft: TypeSelection

    public init(target: TypeSelection = .copy, draft: TypeSelection = .copy) { (self.target, self.draft) = (target, draft) }
  }

  public let target: ConversionComponent?
  public let draft: ConversionComponent?
  /// What the halves share, where a bundle says so; nil where it has to be found out.
  public let sharing: Sharing?
  /// Remarks that a bundle brings along.
  public let metadata: [Manifest.Metadata]
  /// What the user should know and no error says.
  public let warnings: [String]

  /// Opens released checkpoints.
  /// - Parameters:
  ///   - target: A SRC as `Checkpoint.open` takes it, or nil.
  ///   - draft: Another.
  ///   - draftKind: The kind that the user says the draft is; nil to go by its tensors.
  ///   - trim: Which tokens the draft keeps; nil for all.
  ///   - options: Where names that are no paths are looked up.
  /// - Throws: `usage` where there is neither, and what opening, recognising, pairing and choosing types throw.
  public init(
    target: String?, draft: String?, draftKind: String? = nil, trim: VocabularyTrim? = nil, selections: Selections = Selections(),
    options: SourceOptions = SourceOptions()
  ) throws(GriffinError) {
    guard target != nil || draft != nil else {
      throw GriffinError(.usage, "there is nothing to convert", hints: ["give --target SRC, --draft SRC, or both"])
    }
    guard trim == nil || target != nil && draft != nil else {
      throw GriffinError(.usage, "--trim-vocab gives a draft rows of its target's head", hints: ["give --target SRC and --draft SRC"])
    }
    guard draft != nil || draftKind == nil else {
      throw GriffinError(.usage, "--draft-kind says what a draft is, and there is none", hints: ["give --draft SRC"])
    }
    var warnings: [String] = []
    var (targetModel, draftModel): (TargetModel?, DraftModel?)
    var (targetComponent, draftComponent): (ConversionComponent?, ConversionComponent?)
    var metadata: [Manifest.Metadata] = []
    var textFiles: TextFiles?
    if let target, let bundle = try ModelSource.bundle(path: target, options: options) {
      guard let (model, component) = try ConversionSources.target(of: bundle, selections.target) else {
        throw GriffinError(.inconsistent, file: target, "the bundle holds a draft alone; expected one with a target")
      }
      warnings += model.warnings
      (targetModel, targetComponent, metadata) = (model, component, bundle.manifest.metadata)
      if trim != nil { textFiles = try bundle.textFiles() }
      targetComponent?.archive = try bundle.file.far == nil ? InputFile(path: target) : bundle.file
    } else if let target {
      let checkpoint = try Checkpoint.open(path: target, options: options.forTarget)
      let model = try checkpoint.targetModel()
      warnings += try checkpoint.warnings + model.warnings + checkpoint.checkTokenizer(vocabularySize: model.configuration.vocabularySize)
      targetModel = model
      if trim != nil { textFiles = try checkpoint.textFiles() }
      targetComponent = try ConversionComponent(
        model, selection: selections.target, weightFiles: checkpoint.convertedWeightFiles,
        attachments: checkpoint.convertedAttachments)
      targetComponent?.archive = checkpoint.archive
    }
    if let draft, let bundle = try ModelSource.bundle(path: draft, options: options) {
      guard draftKind == nil else {
        throw GriffinError(.usage, file: draft, "--draft-kind says what a checkpoint is, and a bundle says so itself")
      }
      let found = try ConversionSources.draft(of: bundle, selections.draft) { model throws(GriffinError) in
        guard let trim, let targetModel, let textFiles else { return model }
        return try model.trimmed(by: trim, for: targetModel, textFiles, prefix: Component.draft.prefix, file: draft, &warnings)
      }
      guard let (model, component) = found else {
        throw GriffinError(.inconsistent, file: draft, "the bundle holds a target alone; expected one with a draft")
      }
      warnings += model.warnings
      (draftModel, draftComponent) = (model, component)
      draftComponent?.archive = try bundle.file.far == nil ? InputFile(path: draft) : bundle.file
      metadata += bundle.manifest.metadata.filter { entry in !metadata.contains { $0.key.hasSameBytes(as: entry.key) } }
    } else if let draft {
      let checkpoint = try Checkpoint.open(path: draft, options: options)
      var model = try checkpoint.draftModel(kind: draftKind)
      warnings += checkpoint.warnings + model.warnings
      if let trim, let targetModel, let textFiles {
        model = try model.trimmed(by: trim, for: targetModel, textFiles, prefix: "", file: draft, &warnings)
      }
      draftModel = model
      draftComponent = try ConversionComponent(
        model, selection: selections.draft, weightFiles: checkpoint.convertedWeightFiles,
        attachments: checkpoint.convertedAttachments)
      draftComponent?.archive = checkpoint.archive
    }
    _ = try ModelPair.ifBoth(targetModel, draftModel, file: draft)
    if let targetModel { try selections.target.importance?.check(against: targetModel) }
    if let draftModel { try selections.draft.importance?.check(against: draftModel) }
    warnings += ConversionSources.unweighed(targetComponent, selections.target) + ConversionSources.unweighed(draftComponent, selections.draft)
    warnings += ConversionSources.widened(targetComponent, targetModel?.unpacked) + ConversionSources.widened(draftComponent, draftModel?.unpacked)
    (self.target, self.draft, self.warnings) = (targetComponent, draftComponent, warnings)
    (sharing, self.metadata) = (nil, metadata)
  }

  /// Takes a bundle as the source of another one, which keeps its attachments, provenance and remarks.
  ///
  /// What is made of a `copy` bundle is, byte for byte, what its checkpoints would have become.
  /// - Throws: As the other initializer.
  public init(bundle: ModelBundle, selections: Selections) throws(GriffinError) {
    let (target, draft) = (
      try ConversionSources.target(of: bundle, selections.target), try ConversionSources.draft(of: bundle, selections.draft)
    )
    let (targetModel, draftModel) = (target?.model, draft?.model)
    _ = try ModelPair.ifBoth(targetModel, draftModel, file: bundle.file.path)
    (self.target, self.draft) = (target?.component, draft?.component)
    let payloads = [TensorRole.tokenEmbedding, .outputHead].map { role in
      targetModel?.tensors[role].map { bundle.manifest.tensors[$0].payload }
    }
    sharing = Sharing(
      embedding: bundle.manifest.draft?.embedding, tiesOutputHead: payloads[0] != nil && payloads[0] == payloads[1])
    metadata = bundle.manifest.metadata
    warnings =
      (targetModel?.warnings ?? []) + (draftModel?.warnings ?? []) + ConversionSources.unweighed(self.target, selections.target)
      + ConversionSources.unweighed(self.draft, selections.draft)
  }

  /// The target that a bundle holds, as half of another bundle.
  private static func target(
    of bundle: ModelBundle, _ selection: TypeSelection
  ) throws(GriffinError) -> (model: TargetModel, component: ConversionComponent)? {
    guard let model = try bundle.targetModel() else { return nil }
    try selection.importance?.check(against: model)
    let component = try ConversionComponent(
      model, selection: selection, weightFiles: bundle.convertedProvenance(.target), attachments: bundle.convertedAttachments(.target))
    return (model, component.named(byRecipeOf: bundle))
  }

  /// The draft, likewise.
  /// - Parameter change: What becomes of it first.
  private static func draft(
    of bundle: ModelBundle, _ selection: TypeSelection, _ change: (DraftModel) throws(GriffinError) -> DraftModel = { model in model }
  ) throws(GriffinError) -> (model: DraftModel, component: ConversionComponent)? {
    guard let model = try bundle.draftModel().map(change) else { return nil }
    try selection.importance?.check(against: model)
    let component = try ConversionComponent(
      model, selection: selection, weightFiles: bundle.convertedProvenance(.draft), attachments: bundle.convertedAttachments(.draft))
    return (model, component.named(byRecipeOf: bundle))
  }

  /// A line on matrices that an importance matrix says nothing of. It rarely covers embedding and output head, and where it is of a
  /// target alone, a draft whose encoder asks for no importance misses nothing.
  private static func unweighed(_ half: ConversionComponent?, _ selection: TypeSelection) -> [String] {
    guard let half, let importance = selection.importance else { return [] }
    let names = half.tensors.enumerated().compactMap { position, tensor in
      let isQuantized = tensor.type.category == .block && tensor.type != half.sourceDescriptor(position).type
      let isExpected = tensor.role != .tokenEmbedding && tensor.role != .outputHead && (half.component == .target || tensor.type != .q8_0)
      return isQuantized && isExpected && tensor.importance == nil ? half.component.prefix + tensor.name : nil
    }
    guard let first = names.first else { return [] }
    let file = importance.file?.path ?? "the importance matrix"
    return ["\(file) says nothing of \(names.count) quantized tensors, such as \(first); all their columns count the same".printable]
  }

  /// A line on weights that were packed and are stored as plain floats, which take more room.
  private static func widened(_ half: ConversionComponent?, _ unpacked: UnpackedWeights.Summary?) -> [String] {
    guard let half, let unpacked, half.recipe == Recipe.copy.name, unpacked.byteCount > 2 * unpacked.packedByteCount else { return [] }
    let flag = half.component == .target ? "--quantize" : "--draft-quantize"
    return [
      "stored as they are, the \(unpacked.count) packed weights of the \(half.component.rawValue) take \(unpacked.byteCount) bytes of f32 where their files "
        + "take \(unpacked.packedByteCount); \(flag) bf16 or a block type such as q8_0 takes less"
    ]
  }

  /// What goes into the bundle, with the user's remarks, which replace those of the same key.
  /// - Throws: As `ConversionInputs`.
  public func inputs(metadata added: [Manifest.Metadata] = []) throws(GriffinError) -> ConversionInputs {
    let kept = metadata.filter { entry in !added.contains { $0.key.hasSameBytes(as: entry.key) } }
    return try ConversionInputs(target: target, draft: draft, metadata: kept + added, sharing: sharing)
  }
}

extension Checkpoint {
  /// The checkpoint as a target.
  ///
  /// Payloads are read where a file has a head and its configuration ties the head to the embedding: what is in the file
  /// counts, as in transformers 5.
  package func targetModel() throws(GriffinError) -> TargetModel {
    let model = try TargetModel.recognise(source, config: configDocument(), generation: generationDocument())
    guard let tied = model.tiedHead else { return model }
    let source = model.tensors.source
    let comparison = TensorComparison(
      StoredTensor(source: source, index: tied.embedding), StoredTensor(source: source, index: tied.head), stopsAtFirstDifference: true)
    let meter = ProgressMeter(total: comparison.byteCount, report: nil)
    let relation = try comparison.run(threads: Workers.processorCount, cancellation: Cancellation(), meter: meter)
    return relation.isEqual ? model : model.withOwnHead()
  }

  /// The checkpoint as a draft.
  /// - Parameter kind: The kind that the user says it is; nil to go by its tensors.
  package func draftModel(kind: String? = nil) throws(GriffinError) -> DraftModel {
    try DraftModel.recognise(source, config: configDocument(), kind: kind)
  }

  private func configDocument() throws(GriffinError) -> ConfigDocument { try ConfigDocument(config, file: configPath) }

  private func generationDocument() throws(GriffinError) -> ConfigDocument? {
    guard let generationConfig else { return nil }
    let file = attachments.first { $0.name == "generation_config.json" }?.file.path
    return try ConfigDocument(generationConfig, file: file)
  }

  fileprivate var convertedWeightFiles: [ConversionComponent.WeightFile] {
    weightFiles.map { ConversionComponent.WeightFile(name: $0.name, file: $0.file) }
  }

  fileprivate var convertedAttachments: [ConversionComponent.Attachment] {
    attachments.map { ConversionComponent.Attachment(name: $0.name, file: $0.file) }
  }
}

extension DraftModel {
  /// The draft with a head over the tokens that a trim keeps, which a warning counts.
  /// - Parameters:
  ///   - prefix: What the names of its tensors begin with where they are.
  ///   - file: Where it is, for errors.
  fileprivate func trimmed(
    by trim: VocabularyTrim, for target: TargetModel, _ textFiles: TextFiles, prefix: String, file: String, _ warnings: inout [String]
  ) throws(GriffinError) -> DraftModel {
    _ = try ModelPair(target: target, draft: self, draftFile: file)
    let tokenizer = try textFiles.encoder(PromptFormat.Request()).tokenizer
    let (kept, coverage) = try trim.tokens(tokenizer, of: target.configuration)
    let share = coverage.map { ", \((10000 * $0).rounded() / 100) % of the text" } ?? ""
    warnings.append("the draft keeps \(kept.count) of \(target.configuration.vocabularySize) tokens\(share); it can draft no others")
    return try trimmed(to: kept, headOf: target, prefix: prefix)
  }
}

extension ModelBundle {
  fileprivate func convertedProvenance(_ component: Component) -> [ConversionComponent.WeightFile] {
    manifest.provenance.filter { $0.component == component }.map { ConversionComponent.WeightFile(recorded: $0) }
  }

  fileprivate func convertedAttachments(_ component: Component) throws(GriffinError) -> [ConversionComponent.Attachment] {
    var attachments: [ConversionComponent.Attachment] = []
    for attachment in manifest.attachments where attachment.name.hasPrefix(component.prefix) {
      let contents = FileContents.bytes(try self.attachment(named: attachment.name) ?? [])
      attachments.append(.init(name: String(attachment.name.dropFirst(component.prefix.count)), contents: contents))
    }
    return attachments
  }
}

extension ConversionComponent {
  /// The same, under the recipe that made a bundle's tensors where they stay as they are.
  fileprivate func named(byRecipeOf bundle: ModelBundle) -> ConversionComponent {
    var named = self
    if recipe == Recipe.copy.name, let made = bundle.manifest.recipe(of: component) {
      named = ConversionComponent(
        component: component, modelName: modelName, config: config, parameterCount: parameterCount, recipe: made,
        source: source, tensors: tensors, weightFiles: weightFiles, attachments: attachments, importanceFile: importanceFile)
    }
    named.importance = bundle.manifest.importance.filter { $0.component == component && !importance.contains($0) } + importance
    return named
  }
}
