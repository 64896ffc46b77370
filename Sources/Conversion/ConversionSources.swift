public import ByteStorage
internal import Checkpoints
internal import Models

/// Released checkpoints, opened, recognised and fitted to each other: where a conversion begins.
public struct ConversionSources: Sendable {
  public let target: ConversionComponent?
  public let draft: ConversionComponent?
  /// What the user should know and no error says.
  public let warnings: [String]

  /// - Parameters:
  ///   - target: A SRC as `Checkpoint.open` takes it, or nil.
  ///   - draft: Another.
  ///   - draftKind: The kind that the user says the draft is; nil to go by its tensors.
  /// - Throws: `usage` where there is neither, and what opening, recognising and pairing throw.
  public init(target: String?, draft: String?, draftKind: String? = nil) throws(GriffinError) {
    guard target != nil || draft != nil else {
      throw GriffinError(.usage, "there is nothing to convert", hints: ["give --target SRC, --draft SRC, or both"])
    }
    guard draft != nil || draftKind == nil else {
      throw GriffinError(.usage, "--draft-kind says what a draft is, and there is none", hints: ["give --draft SRC"])
    }
    var warnings: [String] = []
    var (targetModel, draftModel): (TargetModel?, DraftModel?)
    var (targetComponent, draftComponent): (ConversionComponent?, ConversionComponent?)
    if let target {
      let checkpoint = try Checkpoint.open(path: target)
      let model = try TargetModel.recognise(
        checkpoint.source, config: checkpoint.configDocument(), generation: checkpoint.generationDocument())
      warnings += checkpoint.warnings + model.warnings
      targetModel = model
      targetComponent = ConversionComponent(
        copying: model, weightFiles: checkpoint.convertedWeightFiles, attachments: checkpoint.convertedAttachments)
    }
    if let draft {
      let checkpoint = try Checkpoint.open(path: draft)
      let model = try DraftModel.recognise(checkpoint.source, config: checkpoint.configDocument(), kind: draftKind)
      warnings += checkpoint.warnings + model.warnings
      draftModel = model
      draftComponent = ConversionComponent(
        copying: model, weightFiles: checkpoint.convertedWeightFiles, attachments: checkpoint.convertedAttachments)
    }
    _ = try ModelPair.ifBoth(targetModel, draftModel, file: draft)
    self.target = targetComponent
    self.draft = draftComponent
    self.warnings = warnings
  }
}

extension Checkpoint {
  fileprivate func configDocument() throws(GriffinError) -> ConfigDocument { try ConfigDocument(config, file: configPath) }

  fileprivate func generationDocument() throws(GriffinError) -> ConfigDocument? {
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
