internal import ByteStorage
public import Tensors

/// A kind of draft model, declared: how it is told from the others, which tensors it has and what they do.
public struct DraftKind: Sendable {
  /// The name that flags, reports and manifests use, such as `griffin`.
  public let name: String
  /// Whether the tensors are those of this kind. `architectures` says `LlamaForCausalLM` for every kind.
  let recognises: @Sendable (TensorTable) -> Bool
  /// Reads the draft's own configuration; nothing is ever taken from the target's.
  let configuration: @Sendable (ConfigDocument) throws(GriffinError) -> TransformerConfiguration
  /// Every tensor of a draft of this configuration, in canonical order.
  let rules: @Sendable (TransformerConfiguration) -> [TensorRule]
  /// Names of tensors that carry nothing a decoder needs; they are dropped, and said.
  let drops: @Sendable (String) -> Bool

  /// Every kind that is known. A new one is a file in `DraftKinds` and a line here.
  public static let all: [DraftKind] = [.griffin]

  /// The kind of a manifest's or a flag's name.
  public static func named(_ name: String) -> DraftKind? { all.first { $0.name == name } }

  /// The kind that a checkpoint's tensors show.
  public static func recognised(in table: TensorTable) -> DraftKind? { all.first { $0.recognises(table) } }

  /// The kind of a draft checkpoint.
  /// - Throws: `unsupported` naming what the tensors look like instead.
  static func detect(in table: TensorTable, file: String?) throws(GriffinError) -> DraftKind {
    if let kind = recognised(in: table) { return kind }
    throw GriffinError(
      .unsupported, file: file, "the tensors are not those of a known draft kind: \(resemblance(of: table))",
      hints: ["known kinds: \(all.map(\.name).joined(separator: ", "))"])
  }

  /// In words, what layout a set of tensors looks like.
  private static func resemblance(of table: TensorTable) -> String {
    if let fusion = table["fc.weight"]?.shape.dimensions, fusion.count == 2 {
      let eagle3 = ["d2t", "midlayer.hidden_norm.weight", "layers.0.hidden_norm.weight"]
      if fusion[0].multiplied(by: 3) == fusion[1] || eagle3.contains(where: { table[$0] != nil }) {
        return "fc.weight \(fusion) is an EAGLE-3 fusion"
      }
      return "fc.weight \(fusion) is the fusion of EAGLE, EAGLE-2 or HASS"
    }
    if table["model.embed_tokens.weight"] != nil && table["model.norm.weight"] != nil {
      return "they are those of a whole language model; give it with --target"
    }
    let names = table.source.tensors.prefix(4).map { $0.name.shortened(to: 60) }
    return names.isEmpty ? "there are none" : "found \(names.joined(separator: ", "))" + (table.source.tensors.count > 4 ? ", …" : "")
  }
}
