internal import ByteStorage
internal import Models
internal import Tensors

extension DraftInspection {
  /// What only EAGLE-3 drafts have: the residual's norm, the taps, the vocabulary's map.
  func eagle3(_ eagle3: Eagle3Configuration) -> [LoaderFinding] {
    var findings = taps() + vocabulary(eagle3)
    if eagle3.normalisesResidual, !reader.readsResidualNorm {
      findings.append(
        LoaderFinding(.changed, "norm_before_residual", "the residual is the normalised feature here, and never is in \(runtime.title)"))
    }
    return findings
  }

  private static let key = "eagle_aux_hidden_state_layer_ids"

  /// Layers whose states are fused, as they are stated at the top and under `eagle_config`.
  private var stated: (top: [Int]?, nested: [Int]?) {
    func list(_ value: JSONValue?) -> [Int]? {
      guard let list = value?.array?.compactMap(\.integer), !list.isEmpty else { return nil }
      return list
    }
    let key = DraftInspection.key
    return (list(draft.config[key]) ?? list(draft.inner.object[key]), list(draft.config["eagle_config"]?[key]))
  }

  /// Both ways of stating the taps are held against each other, and each against what a list in the other way looks like.
  private func taps() -> [LoaderFinding] {
    let key = DraftInspection.key
    let (top, nested) = stated
    var findings: [LoaderFinding] = []
    if let top, let nested, top != nested.map({ $0 + 1 }) {
      findings.append(
        LoaderFinding(
          .changed, key, "the list at the top, \(top), and the one under eagle_config, \(nested), are not one apart: readers of the one take other layers than readers of the other"))
    }
    if let top, let standard = standard(for: top), top.map({ $0 + 1 }) == standard {
      findings.append(LoaderFinding(.changed, key, "\(top) at the top looks like layers' outputs; there layers are named by their inputs, which are \(standard)"))
    }
    if let nested, let standard = standard(for: nested.map { $0 - 1 }), nested == standard, top != nested.map({ $0 + 1 }) {
      findings.append(
        LoaderFinding(.changed, "eagle_config.\(key)", "\(nested) looks like layers' inputs; there layers are named by their outputs, which are \(nested.map { $0 - 1 })"))
    }
    // What the draft was made for, as far as its files tell.
    guard let meant = top ?? nested.map({ $0.map { $0 + 1 } }) else { return findings }
    switch reader.taps {
    case .topLevel where top == nil, .standard:
      if !isStandard(meant) {
        findings.append(LoaderFinding(.changed, key, "\(runtime.title) does not read it where it stands and takes the standard layers instead of \(meant)"))
      }
    case .nested where nested == nil:
      if !isStandard(meant) {
        findings.append(LoaderFinding(.changed, "eagle_config.\(key)", "it is missing, and \(runtime.title) then takes the standard layers instead of \(meant)"))
      }
    case .told: findings.append(LoaderFinding(.noted, key, "layers are told to \(runtime.title), counted by their outputs: \(meant.map { $0 - 1 })"))
    default: break
    }
    return findings
  }

  /// The standard taps of a target of which `ids` would be one less; of the target itself where it is known.
  private func standard(for ids: [Int]) -> [Int]? {
    guard ids.count == Eagle3Configuration.standardTapCount else { return nil }
    let count = draft.target?.layerCount ?? ids[2] + 4
    return [2, count / 2, count - 3]
  }

  private func isStandard(_ layers: [Int]) -> Bool {
    guard layers.count == Eagle3Configuration.standardTapCount else { return false }
    let count = draft.target?.layerCount ?? layers[2] + 3
    return layers == [2, count / 2, count - 3]
  }

  /// The map from the draft's vocabulary to the target's: offsets, unless the ids themselves stand there.
  private func vocabulary(_ eagle3: Eagle3Configuration) -> [LoaderFinding] {
    let size = configuration.vocabularySize
    guard let index = draft.table.index(of: "d2t"), eagle3.draftVocabularySize != size else { return [] }
    let tensor = draft.table.source.tensors[index]
    guard tensor.type.category == .integer, tensor.shape.dimensions == [eagle3.draftVocabularySize] else { return [] }
    do {
      let entries = try DraftVocabulary.integers(draft.table.source, index)
      func ascends(_ ids: [Int]) -> Bool {
        ids.allSatisfy { (0..<size).contains($0) } && zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }
      }
      if ascends(entries.enumerated().map { $0 &+ $1 }) { return [] }
      return [
        LoaderFinding(
          .changed, "d2t",
          ascends(entries)
            ? "it holds the target's ids themselves; readers add each to its place, and would draft other tokens"
            : "its entries, added to their places, are no ascending ids of the target's \(size) tokens")
      ]
    } catch {
      return [LoaderFinding(.refused, "d2t", "it cannot be read: \(error)")]
    }
  }
}
