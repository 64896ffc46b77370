public import ByteStorage

/// A target and the draft that speculates for it.
public struct ModelPair: Sendable {
  public let target: TargetModel
  public let draft: DraftModel

  /// - Throws: `inconsistent` with every size in which the two do not fit.
  public init(target: TargetModel, draft: DraftModel, draftFile: String? = nil) throws(GriffinError) {
    let (own, states) = (draft.configuration.hiddenSize, draft.configuration.eagle3?.targetHiddenSize)
    let sizes = [
      (states == nil || states == own ? "hidden_size" : "target_hidden_size", states ?? own, target.configuration.hiddenSize),
      ("vocab_size", draft.configuration.vocabularySize, target.configuration.vocabularySize),
    ]
    let differing = sizes.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1) where the target has \($0.2)" }
    guard differing.isEmpty else {
      throw GriffinError(
        .inconsistent, file: draftFile, "the draft was not trained for this target: its \(differing.joined(separator: ", its "))",
        hints: ["give the target that the draft was released for"])
    }
    _ = try draft.configuration.eagle3?.tappedLayers(ofTarget: target.configuration.layerCount, file: draftFile)
    guard draft.tensors[.tokenEmbedding] != nil || own == target.configuration.hiddenSize else {
      throw GriffinError(
        .inconsistent, file: draftFile,
        "the draft has no embed_tokens of its own, and the target's are \(target.configuration.hiddenSize) wide where it needs \(own)")
    }
    guard draft.kind.name != DraftKind.eagle3.name || draft.tensors[.outputHead] != nil || own == target.configuration.hiddenSize else {
      throw GriffinError(
        .inconsistent, file: draftFile,
        "the draft has no lm_head of its own, and the target's is \(target.configuration.hiddenSize) wide where it needs \(own)")
    }
    self.target = target
    self.draft = draft
  }

  /// The pair of two halves, or nil where one is not there.
  /// - Throws: As `init`.
  public static func ifBoth(
    _ target: TargetModel?, _ draft: DraftModel?, file: String?
  ) throws(GriffinError) -> ModelPair? {
    guard let target, let draft else { return nil }
    return try ModelPair(target: target, draft: draft, draftFile: file)
  }
}
