public import ByteStorage

/// A family of target models, declared: which configurations it claims, which tensors it has and what they do.
public struct ModelFamily: Sendable {
  /// The name that reports and manifests use, such as `llama`.
  public let name: String
  /// Values of `model_type` in config.json that mean this family.
  let modelTypes: [String]
  /// Values of `architectures` that mean this family, where `model_type` is absent.
  let architectures: [String]
  /// Reads the configuration, with the family's defaults.
  package let configuration: @Sendable (ConfigDocument) throws(GriffinError) -> TransformerConfiguration
  /// Every tensor of a model of this configuration, in canonical order.
  let rules: @Sendable (TransformerConfiguration) -> [TensorRule]
  /// Names of tensors that carry nothing a decoder needs; they are dropped, and said.
  let drops: @Sendable (String) -> Bool
  /// What the family calls the parts of a mixture; Mixtral's names where it has none.
  var expertNames = ExpertNames.mixtral

  /// Every family that is known. A new one is a file in `Families` and a line here.
  public static let all: [ModelFamily] = [
    .llama,
    .qwen2,
    .qwen3,
    .mixtral,
    .mistral,
    .qwen3MoE,
    .qwen2MoE,
    .smolLM3,
    .granite,
  ]

  /// The family of a manifest's or a report's name.
  public static func named(_ name: String) -> ModelFamily? { all.first { $0.name == name } }

  /// The family that a config.json declares.
  /// - Throws: `unsupported` with what it declares and what is known.
  public static func declared(by document: ConfigDocument) throws(GriffinError) -> ModelFamily {
    let modelType = try document.string("model_type")
    let architectures = document.value("architectures")?.array?.compactMap(\.string) ?? []
    if let modelType {
      if let family = all.first(where: { $0.modelTypes.contains(modelType) }) { return family }
    } else if let family = all.first(where: { !$0.architectures.filter(architectures.contains).isEmpty }) {
      return family
    }
    let declared = modelType.map { "model_type \"\($0.shortened(to: 40))\"" } ?? "no model_type"
    throw GriffinError(
      .unsupported, file: document.file,
      "the configuration declares \(declared); known model types are \(all.flatMap(\.modelTypes).joined(separator: ", "))")
  }
}
