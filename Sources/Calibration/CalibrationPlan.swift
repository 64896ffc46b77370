internal import ByteStorage
internal import Models

/// What makes a calibration the one that it is: a partial one is continued by the same one only.
struct CalibrationPlan {
  /// Grows when other sums would be collected from the same.
  private static let version = 1

  /// What decides the sums, by the names that users know it by.
  let parts: [(name: String, value: String)]

  /// - Parameter chunks: The whole text, however much of it is read.
  init(_ target: TargetModel, _ draft: DraftModel?, chunks: [[Int]]) throws {
    var text = SHA256Hasher()
    for chunk in chunks {
      let line = "\(chunk)\n"
      text.update(line.rawBytes)
    }
    let draftDigest = try draft.map { try $0.tensors.identity($0.configuration) }
    parts = [
      ("griffin's calibration", "version \(CalibrationPlan.version), a tree every \(ActivationCollector.treeStride) tokens"),
      ("the target", try target.tensors.identity(target.configuration)),
      ("the draft", draftDigest.map { "\(draft?.kind.name ?? "") \($0)" } ?? "none"),
      ("the text", text.finalize().hexadecimal),
    ]
  }
}
