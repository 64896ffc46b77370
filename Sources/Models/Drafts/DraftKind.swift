package import ByteStorage
public import Tensors

/// A kind of draft model, declared: how it is told from the others, which tensors it has and what they do.
public struct DraftKind: Sendable {
  /// The name that flags, reports and manifests use, such as `griffin`.
  public let name: String
  /// Whether the tensors are those of this kind. `architectures` says `LlamaForCausalLM` for every kind.
  let recognises: @Sendable (TensorTable) -> Bool
  /// Reads the draft's own configuration; nothing is ever taken from the target's.
  package let configuration: @Sendable (ConfigDocument) throws(GriffinError) -> TransformerConfiguration
  /// Every tensor of a draft of this configuration, in canonical order.
  package let rules: @Sendable (TransformerConfiguration) -> [TensorRule]
  /// Names of tensors that carry nothing a decoder needs; they are dropped, and said.
  package let drops: @Sendable (String) -> Bool
  /// Brings a released configuration in line with the tensors, where those decide.
  package let completes: @Sendable (ConfigDocument, TensorTable) -> ConfigDocument
  /// Draft passes after the first, where the user says nothing.
  public let defaultDepth: Int

  init(
    name: String, recognises: @escaping @Sendable (TensorTable) -> Bool,
    configuration: @escaping @Sendable (ConfigDocument) throws(GriffinError) -> TransformerConfiguration,
    rules: @escaping @Sendable (TransformerConfiguration) -> [TensorRule], drops: @escaping @Sendable (String) -> Bool,
    completes: @escaping @Sendable (ConfigDocument, TensorTable) -> ConfigDocument = { document, _ in document }, defaultDepth: Int = 5
  ) {
    (self.name, self.recognises, self.configuration) = (name, recognises, configuration)
    (self.rules, self.drops, self.completes, self.defaultDepth) = (rules, drops, completes, defaultDepth)
  }

  /// Every kind that is known. A new one is a file in `DraftKinds` and a line here.
  public static let all: [DraftKind] = [
    .griffin,
    .eagle3,
    .eagle,
    .hass,
  ]

  /// The kind of a manifest's or a flag's name.
  public static func named(_ name: String) -> DraftKind? { all.first { $0.name == name } }

  /// The kind that a checkpoint's tensors show; of several with the same tensors the first.
  public static func recognised(in table: TensorTable) -> DraftKind? { all.first { $0.recognises(table) } }

  /// The kind of a draft checkpoint.
  /// - Parameter named: The kind that the user says it is; nil to go by the tensors alone.
  /// - Throws: `usage` for a name that is not known, `unsupported` naming what the tensors look like instead.
  static func detect(
    in table: TensorTable, named name: String? = nil, file: String?
  ) throws(GriffinError) -> DraftKind {
    let known = all.map(\.name).joined(separator: ", ")
    if let name {
      guard let kind = named(name.lowercased()) else {
        throw GriffinError(.usage, "unknown draft kind \(name.shortened(to: 40).printable); known kinds: \(known)")
      }
      if kind.recognises(table) { return kind }
      let found = recognised(in: table).map { "they are those of \($0.name)" } ?? resemblance(of: table)
      throw GriffinError(.inconsistent, file: file, "the tensors are not those of a draft of kind \(kind.name): \(found)")
    }
    if let kind = recognised(in: table) { return kind }
    throw GriffinError(
      .unsupported, file: file, "the tensors are not those of a known draft kind: \(resemblance(of: table))",
      hints: ["known kinds: \(known)"])
  }
}
