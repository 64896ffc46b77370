public import ByteStorage
public import Models
internal import Tensors

extension ModelBundle {
  /// The packed target, or nil where the bundle holds a draft alone.
  /// - Throws: `unsupported` for a family this program does not know, `inconsistent` where the tensors are not those
  ///   that the configuration describes.
  public func targetModel() throws(GriffinError) -> TargetModel? {
    guard let target = manifest.target else { return nil }
    guard let family = ModelFamily.named(target.family) else {
      throw GriffinError(
        .unsupported, file: file.path, "the target is of family \"\(target.family)\", which this program does not know")
    }
    let document = try ConfigDocument(.object(target.config), file: file.path)
    let model = try TargetModel(
      family: family, configuration: TransformerConfiguration(reading: document), table: TensorTable(self),
      prefix: Component.target.prefix, file: file.path)
    // A head that was the embedding has its payload.
    guard let tied = model.tiedHead, manifest.tensors[tied.head].payload != manifest.tensors[tied.embedding].payload else { return model }
    return model.withOwnHead()
  }

  /// The packed draft, or nil where the bundle holds a target alone.
  /// - Throws: As `targetModel`.
  public func draftModel() throws(GriffinError) -> DraftModel? {
    guard let draft = manifest.draft else { return nil }
    guard let kind = DraftKind.named(draft.kind) else {
      throw GriffinError(
        .unsupported, file: file.path, "the draft is of kind \"\(draft.kind)\", which this program does not know")
    }
    let document = try ConfigDocument(.object(draft.config), file: file.path)
    return try DraftModel(
      kind: kind, configuration: TransformerConfiguration(reading: document), table: TensorTable(self),
      prefix: Component.draft.prefix, file: file.path)
  }
}
