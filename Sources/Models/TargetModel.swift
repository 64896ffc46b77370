public import ByteStorage
public import Tensors

/// A target language model: its family, its configuration and where its tensors are.
public struct TargetModel: Sendable {
  public let family: ModelFamily
  public let configuration: TransformerConfiguration
  public let tensors: BoundTensors
  /// What the user should know and no error says.
  public let warnings: [String]

  /// Elements of the weights; a tied output head counts once.
  public var parameterCount: Int {
    guard configuration.tiesEmbeddings, let head = tensors[.outputHead] else { return tensors.elementCount }
    return tensors.elementCount - tensors.source.tensors[head].shape.elementCount
  }

  /// Recognises a released checkpoint.
  ///
  /// - Parameters:
  ///   - source: The checkpoint's tensors.
  ///   - config: Its config.json.
  ///   - generation: Its generation_config.json, whose end tokens count too.
  /// - Throws: `GriffinError` naming what is missing, unexpected, mis-shaped, contradictory or not known.
  public static func recognise(
    _ source: any TensorSource, config: ConfigDocument, generation: ConfigDocument? = nil
  ) throws(GriffinError) -> TargetModel {
    let table = TensorTable(source)
    if let kind = DraftKind.recognised(in: table) {
      throw GriffinError(
        .inconsistent, file: config.file, "the tensors are those of a \(kind.name) draft, not of a target model",
        hints: ["give it with --draft"])
    }
    let family = try ModelFamily.declared(by: config)
    var configuration = try family.configuration(config)
    for token in try generation?.tokens("eos_token_id") ?? [] where !configuration.endTokens.contains(token) {
      configuration.endTokens.append(token)
    }
    return try TargetModel(family: family, configuration: configuration, table: table, prefix: "", file: config.file)
  }

  /// Finds a model of a known family and configuration among the tensors under `prefix`, as in a bundle.
  public init(
    family: ModelFamily, configuration: TransformerConfiguration, table: TensorTable, prefix: String, file: String?
  ) throws(GriffinError) {
    let (tensors, dropped) = try BoundTensors.bind(
      table, prefix: prefix, rules: family.rules(configuration), drops: family.drops, file: file)
    self.family = family
    self.configuration = configuration
    self.tensors = tensors
    var warnings = droppedWarning(dropped)
    let outside = configuration.endTokens.filter { $0 < 0 || $0 >= configuration.vocabularySize }
    if !outside.isEmpty {
      warnings.append("end-of-text ids \(outside) lie outside the vocabulary of \(configuration.vocabularySize) and never end a text")
    }
    if configuration.declaresAttentionBias == true, !tensors.hasAttentionBias {
      warnings.append("the configuration declares q/k/v biases and the file has none; the tensors decide")
    }
    self.warnings = warnings
  }
}

/// One line for tensors that were passed over.
func droppedWarning(_ names: [String]) -> [String] {
  guard let first = names.first?.shortened(to: 80).printable else { return [] }
  if names.count == 1 { return ["dropped a tensor that follows from the configuration (\(first))"] }
  return ["dropped \(names.count) tensors that follow from the configuration (\(first), …)"]
}
