internal import ByteStorage
internal import Models
internal import Quantization

extension ImportanceMatrix {
  /// Holds the matrix against the target that it shall weigh: widths alone do not tell a deeper model of the same width.
  /// - Throws: `inconsistent` naming a matrix that the target does not have.
  func check(against target: TargetModel) throws(GriffinError) {
    let expected = Set(target.tensors.bindings.map(\.name))
    let layers = "model.layers."
    // Some files have embedding and head by the other's name, and both are what they are.
    for entry in names(of: "target/").sorted() where entry.hasPrefix(layers) {
      guard !expected.contains(entry.replacing("{expert}", with: "0")) else { continue }
      throw GriffinError(
        .inconsistent, file: file?.path, tensor: entry.shortened(),
        "the importance matrix has an entry for this tensor, which the target with its \(target.configuration.layerCount) layers does not have",
        hints: ["it was made with another model"])
    }
  }
}
