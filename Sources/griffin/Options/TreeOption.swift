import ArgumentParser
import ByteStorage
import Bundles
import SpeculativeDecoding
import Verification

/// The draft tree that `tune` chose; shared by the commands that decode.
struct TreeOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Draft trees of the size that griffin tune saved in this file; auto means BUNDLE\(TreeFile.pathSuffix).", valueName: "auto|file"))
  var tree: String?

  /// The word for the file beside the bundle.
  private static let auto = "auto"

  /// The tree that the user wants, if any, and what there is to say of it.
  /// - Parameter given: Flags that say something of the tree themselves.
  /// - Throws: `usage` where both are given; what reading the file throws.
  func shape(for bundle: ModelBundle, given: [String]) throws(GriffinError) -> (shape: TreeShape, warning: String?)? {
    guard let tree else { return nil }
    if let flag = given.first {
      throw GriffinError(.usage, "\(flag) cannot be given with --tree, which says how large trees are")
    }
    let path = tree == TreeOption.auto ? bundle.file.path + TreeFile.pathSuffix : tree
    let file: TreeFile
    do throws(GriffinError) {
      file = try TreeFile(path: path)
    } catch where error.kind == .missing && tree == TreeOption.auto {
      throw GriffinError(
        .missing, file: path, "no tree was saved for this bundle",
        hints: ["griffin tune \(bundle.file.path) --save \(path) finds and saves one"])
    }
    let warning =
      file.digest == bundle.digest.hexadecimal
      ? nil : "\(path): this tree was chosen for another bundle; outputs are the same, it may only be slower than it could be".printable
    return (file.shape, warning)
  }
}
