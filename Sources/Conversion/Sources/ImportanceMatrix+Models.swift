internal import ByteStorage
internal import Models
internal import Quantization

extension ImportanceMatrix {
  /// Holds the matrix against the target that it shall weigh: widths alone do not tell a deeper model of the same width.
  /// - Throws: `inconsistent` naming a matrix that the target does not have.
  func check(against target: TargetModel) throws(GriffinError) {
    // Some files have embedding and head by the other's name, and both are what they are.
    try check("target/", target.tensors, "the target with its \(target.configuration.layerCount) layers") { $0.hasPrefix("model.layers.") }
  }

  /// Likewise for a draft.
  func check(against draft: DraftModel) throws(GriffinError) {
    try check("draft/", draft.tensors, "the \(draft.kind.name) draft") { _ in true }
  }

  private func check(_ prefix: String, _ tensors: BoundTensors, _ model: String, _ isChecked: (String) -> Bool) throws(GriffinError) {
    let expected = Set(tensors.bindings.map { ImportanceMatrix.common($0.name) })
    for entry in names(of: prefix).sorted() where isChecked(entry) && !expected.contains(entry.replacing("{expert}", with: "0")) {
      throw GriffinError(
        .inconsistent, file: file?.path, tensor: entry.shortened(),
        "the importance matrix has an entry for this tensor, which \(model) does not have", hints: ["it was made with another model"])
    }
  }
}
