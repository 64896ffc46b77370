public import Models

/// A tiny target and its tiny draft, recognised.
public struct TinyPair: Sendable {
  public let target: TargetModel
  public let draft: DraftModel

  public init(target: TinyModel, draft: TinyModel) throws {
    self.target = try TargetModel.recognise(target.source, config: target.document())
    self.draft = try DraftModel.recognise(draft.source, config: draft.document())
  }

  /// Both halves of one seed.
  public init(_ options: TinyModel.Options = TinyModel.Options()) throws {
    try self.init(target: .target(options), draft: .draft(options))
  }
}
