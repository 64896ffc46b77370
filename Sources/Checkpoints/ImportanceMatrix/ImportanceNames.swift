/// What matrices are called in an importance matrix: a target's as GGUF has them, all others by their canonical names with
/// their component.
package enum ImportanceNames {
  /// The canonical name with its component; nil where no model that is read has such a tensor.
  package static func canonical(_ name: String) -> String? {
    if name.hasPrefix(target) || name.hasPrefix("draft/") { return name }
    if let global = GGUFArchitecture.NamedTensor.commonGlobals.first(where: { $0.name == name }) { return target + global.canonicalName }
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]), "\(layer)" == parts[1] else { return nil }
    if let canonical = layerNames[String(parts[2])] { return "\(target)model.layers.\(layer).\(canonical)" }
    // A tensor for each expert: `ffn_gate.3.weight`.
    let pieces = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard pieces.count == 3, let expert = Int(pieces[1]), "\(expert)" == pieces[1],
      let canonical = layerNames["\(pieces[0]).{expert}.\(pieces[2])"]
    else { return nil }
    return "\(target)model.layers.\(layer).\(canonical.replacing("{expert}", with: "\(expert)"))"
  }

  /// The name that a file has for a tensor: GGUF's, where it has one.
  /// - Parameter canonical: With its component; of experts that lie together with `{expert}` for their number.
  package static func inFile(_ canonical: String) -> String {
    guard canonical.hasPrefix(target) else { return canonical }
    let plain = canonical.dropFirst(target.count)
    if let global = GGUFArchitecture.NamedTensor.commonGlobals.first(where: { $0.canonicalName == plain }) { return global.name }
    let parts = plain.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "model", parts[1] == "layers", let layer = Int(parts[2]), "\(layer)" == parts[2],
      let name = fileNames[String(parts[3])]
    else { return canonical }
    return "blk.\(layer).\(name)"
  }

  private static let target = "target/"

  private static let layerTensors = GGUFArchitecture.all.flatMap(\.layerTensors)
  /// Of all architectures: they agree wherever they overlap.
  private static let layerNames = Dictionary(layerTensors.map { ($0.name, $0.canonicalName) }, uniquingKeysWith: { first, _ in first })
  /// Experts lie together in all files of today.
  private static let fileNames = Dictionary(
    layerTensors.filter { !$0.name.contains("{expert}") }.map { ($0.canonicalName, $0.name) }, uniquingKeysWith: { first, _ in first })
}
