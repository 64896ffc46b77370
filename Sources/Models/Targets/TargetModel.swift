public import ByteStorage
public import Tensors

/// A target language model: its family, its configuration and where its tensors are.
public struct TargetModel: Sendable {
  public let family: ModelFamily
  public let configuration: TransformerConfiguration
  public private(set) var tensors: BoundTensors
  /// What the user should know and no error says.
  public let warnings: [String]
  /// What its file had packed, where it had anything.
  package private(set) var unpacked: UnpackedWeights.Summary?

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
    if let kind = DraftModel.kind(of: source) {
      throw GriffinError(
        .inconsistent, file: config.file, "the tensors are those of a \(kind.name) draft, not of a target model",
        hints: ["give it with --draft"])
    }
    let family = try ModelFamily.declared(by: config)
    var configuration = try family.configuration(config)
    let required = Set(family.rules(configuration).filter { $0.presence == .required }.map(\.name))
    let unpacked = try UnpackedWeights(of: TargetLayout.named(source) ?? source, config, required: required)
    let table = TensorTable(FusedExperts.split(unpacked.source, family.expertNames) ?? unpacked.source)
    for token in try generation?.tokens("eos_token_id") ?? [] where !configuration.endTokens.contains(token) {
      configuration.endTokens.append(token)
    }
    let contradictions = try unpacked.check(table) + RotaryStatements.contradictions(in: config)
    var model = try TargetModel(family: family, configuration: configuration, table: table, prefix: "", file: config.file)
    model.unpacked = unpacked.summary
    return model.warning(of: contradictions.map { placed($0, in: config) } + unpacked.remarks)
  }

  private init(_ model: TargetModel, configuration: TransformerConfiguration, warnings: [String]) {
    (family, tensors, self.configuration, self.warnings) = (model.family, model.tensors, configuration, warnings)
    unpacked = model.unpacked
  }

  private func warning(of lines: [String]) -> TargetModel {
    TargetModel(self, configuration: configuration, warnings: lines + warnings)
  }

  /// The places of a head in the file and of the embedding that the configuration ties it to; nil where there is no such head.
  package var tiedHead: (head: Int, embedding: Int)? {
    guard configuration.tiesEmbeddings, let head = tensors[.outputHead], let embedding = tensors[.tokenEmbedding] else { return nil }
    return (head, embedding)
  }

  /// The same model with the head of its own that its file has, whatever the configuration says of it.
  package func withOwnHead() -> TargetModel {
    var configuration = configuration
    configuration.tiesEmbeddings = false
    return TargetModel(
      self, configuration: configuration,
      warnings: ["tie_word_embeddings is true, but lm_head.weight differs from the embedding; the file's head is used"] + warnings)
  }

  /// The same model, its tensors read from a source that has them at the same places and of the same shapes.
  package func read(from source: any TensorSource) -> TargetModel {
    var model = self
    model.tensors = tensors.read(from: source)
    return model
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

/// A line that names the configuration that it is about.
func placed(_ line: String, in document: ConfigDocument) -> String {
  document.file.map { "\($0): \(line)".printable } ?? line
}

/// A line each for tensors that were passed over because they follow from others, and because only training needs them.
func droppedWarning(_ names: [String]) -> [String] {
  func line(_ names: [String], _ one: String, _ several: String) -> [String] {
    guard let first = names.first?.shortened(to: 80).printable else { return [] }
    return [names.count == 1 ? "dropped a tensor that \(one) (\(first))" : "dropped \(names.count) tensors that \(several) (\(first), …)"]
  }
  return line(names.filter { !DraftKind.isTrainingLeftover($0) }, "follows from the configuration", "follow from the configuration")
    + line(names.filter(DraftKind.isTrainingLeftover), "only training needs", "only training needs")
}
