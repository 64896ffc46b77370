internal import ByteStorage
internal import Tensors

extension DraftKind {
  /// A layout that is told by its tensors and not decoded.
  private struct Layout: Sendable {
    let words: @Sendable (Names) -> String
    let matches: @Sendable (Names) -> Bool

    init(words: String, matches: @escaping @Sendable (Names) -> Bool) { self.init(describing: { _ in words }, matches: matches) }

    init(describing words: @escaping @Sendable (Names) -> String, matches: @escaping @Sendable (Names) -> Bool) {
      (self.words, self.matches) = (words, matches)
    }
  }

  /// What tells an EAGLE-3 draft.
  private static let eagle3Names = ["fc.weight", "midlayer.hidden_norm.weight", "norm.weight"]

  /// The names of a checkpoint and what stands in them.
  private struct Names {
    let table: TensorTable
    let all: [String]

    init(_ table: TensorTable) { (self.table, all) = (table, table.source.tensors.map(\.name)) }

    func has(_ name: String) -> Bool { table[name] != nil }
    func hasAny(_ prefixes: String...) -> Bool { all.contains { name in prefixes.contains { name.hasPrefix($0) } } }
    func hasAny(containing part: String) -> Bool { all.contains { $0.contains(part) } }
    /// Both dimensions of a matrix.
    func matrix(_ name: String) -> (rows: Int, columns: Int)? {
      guard let shape = table[name]?.shape.dimensions, shape.count == 2 else { return nil }
      return (shape[0], shape[1])
    }
    /// Whether one dimension is a multiple of the other.
    func isMultiple(_ larger: Int?, _ factor: Int, of smaller: Int?) -> Bool {
      guard let larger, let smaller else { return false }
      return smaller.multiplied(by: factor) == larger
    }
  }

  /// In the order in which they are asked.
  private static let layouts: [Layout] = [
    Layout(describing: { names in
      let missing = eagle3Names.filter { !names.has($0) }
      let found = names.has("d2t") || names.has("t2d") ? "a vocabulary mapping" : names.hasAny("midlayer.") ? "a midlayer" : "a wide fusion"
      return "\(found) is EAGLE-3's, but \(missing.isEmpty ? "fc.weight is no matrix" : "there is no \(missing.joined(separator: ", no "))")"
    }) {
      $0.has("d2t") || $0.has("t2d") || $0.hasAny("midlayer.") || $0.has("layers.0.hidden_norm.weight")
        || $0.isMultiple($0.matrix("fc.weight")?.columns, 3, of: $0.matrix("fc.weight")?.rows)
    },
    Layout(words: "they are those of an EAGLE or HASS draft with norms of its own, which is not known") {
      $0.has("fc.weight")
        && $0.hasAny("embed_layernorm.", "hidden_layernorm.", "lm_head_layernorm.", "norm.weight")
    },
    Layout(words: "half of what GRIFFIN has is there; this may be FSPAD, which is not known") {
      let down = $0.matrix("layers.0.mlp.down_proj.weight")?.rows
      let hidden = $0.table["layers.0.post_attention_layernorm.weight"]?.shape.elementCount
      return $0.hasAny("fc.fc.") || $0.isMultiple(down, 2, of: hidden)
    },
    Layout(words: "they are those of Medusa heads") { $0.hasAny("medusa_head.", "0.0.linear.") },
    Layout(words: "they are those of multi-token prediction (MTP) layers") {
      $0.hasAny("mtp.", "mtp_layers.") || $0.hasAny(containing: "nextn.") || $0.hasAny(containing: ".eh_proj.")
    },
    Layout(words: "a mask token is DFlash's") { $0.hasAny("mask_token", "mask_embedding") },
    Layout(words: "they are those of a whole language model; give it with --target") {
      $0.has("model.embed_tokens.weight") && $0.has("model.norm.weight")
        || $0.has("embed_tokens.weight") && $0.has("norm.weight") && $0.has("layers.0.input_layernorm.weight")
    },
  ]

  /// Whether the tensors are in a layout that is told here.
  static func isOtherLayout(_ table: TensorTable) -> Bool {
    let names = Names(table)
    return layouts.contains { $0.matches(names) }
  }

  /// In words, what layout a set of tensors looks like.
  static func resemblance(of table: TensorTable) -> String {
    let names = Names(table)
    if let layout = layouts.first(where: { $0.matches(names) }) {
      guard let fusion = table["fc.weight"]?.shape.dimensions else { return layout.words(names) }
      return "\(layout.words(names)) (fc.weight is \(fusion))"
    }
    if let fusion = table["fc.weight"]?.shape.dimensions { return "fc.weight \(fusion) is a fusion that no known kind has" }
    let first = names.all.prefix(4).map { $0.shortened(to: 60).printable }
    return first.isEmpty ? "there are none" : "found \(first.joined(separator: ", "))" + (names.all.count > 4 ? ", …" : "")
  }
}
