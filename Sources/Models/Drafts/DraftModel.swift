public import ByteStorage
public import Tensors

/// A draft model: its kind, its own configuration and where its tensors are.
public struct DraftModel: Sendable {
  public let kind: DraftKind
  public let configuration: TransformerConfiguration
  public private(set) var tensors: BoundTensors
  /// What the user should know and no error says.
  public let warnings: [String]
  /// What its file had packed, where it had anything.
  package internal(set) var unpacked: UnpackedWeights.Summary?

  /// Elements of the weights without the token embedding, which is the target's: as papers count drafts.
  public var parameterCount: Int {
    guard let embedding = tensors[.tokenEmbedding] else { return tensors.elementCount }
    return tensors.elementCount - tensors.source.tensors[embedding].shape.elementCount
  }

  /// Whether a checkpoint's tensors are those of a draft of a known kind.
  public static func isDraft(_ source: any TensorSource) -> Bool { kind(of: source) != nil }

  /// The kind of draft that a checkpoint's tensors are of; nil where they are of none.
  static func kind(of source: any TensorSource) -> DraftKind? { table(of: source).flatMap(DraftKind.recognised) }

  /// The tensors of a draft under the names that its kind has for them; nil where they are of no known kind.
  private static func table(of source: any TensorSource) -> TensorTable? {
    // Every kind fuses its inputs by a matrix of this name; a mixture's tens of thousands of names are not looked at further.
    guard source.tensors.contains(where: { $0.name.hasSuffix("fc.weight") }) else { return nil }
    if let renamed = DraftLayout.released(source) {
      let table = TensorTable(renamed)
      if DraftKind.recognised(in: table) != nil { return table }
    }
    let table = TensorTable(source)
    return DraftKind.recognised(in: table) == nil ? nil : table
  }

  /// Recognises a released draft by its tensors.
  ///
  /// - Parameters:
  ///   - source: The checkpoint's tensors.
  ///   - config: Its config.json.
  ///   - kind: The kind that the user says it is, such as `hass`; nil to go by the tensors alone.
  /// - Throws: `GriffinError` naming what is missing, unexpected, mis-shaped, contradictory or not known.
  public static func recognise(
    _ source: any TensorSource, config: ConfigDocument, kind name: String? = nil
  ) throws(GriffinError) -> DraftModel {
    let document = try DraftLayout.unwrapped(config)
    let unpacked = try UnpackedWeights(of: source, document)
    let table = table(of: unpacked.source) ?? TensorTable(DraftLayout.released(unpacked.source) ?? unpacked.source)
    try DraftKind.refuseParallel(table, document)
    let contradictions = try unpacked.check(table)
    let kind = try DraftKind.detect(in: table, named: name, file: config.file)
    let configuration = try kind.configuration(kind.completes(document, table))
    let lines = try contradictions + RotaryStatements.contradictions(in: document)
    var model: DraftModel
    do throws(GriffinError) {
      model = try DraftModel(
        kind: kind, configuration: configuration, table: table, prefix: "", file: config.file,
        remarks: lines.map { placed($0, in: config) } + unpacked.remarks)
      model.unpacked = unpacked.summary
    } catch {
      throw Eagle3Configuration.hinting(error, table, document, kind)
    }
    do {
      _ = try DraftVocabulary(model.tensors, configuration: model.configuration)
    } catch let error as GriffinError {
      throw error.located(file: config.file)
    } catch {
      throw GriffinError(.io, file: config.file, tensor: "d2t", "reading failed: \(error)")
    }
    return model
  }

  /// The same draft, its tensors read from a source that has them at the same places and of the same shapes.
  package func read(from source: any TensorSource) -> DraftModel {
    var model = self
    model.tensors = tensors.read(from: source)
    return model
  }

  /// Finds a draft of a known kind and configuration among the tensors under `prefix`, as in a bundle.
  public init(
    kind: DraftKind, configuration: TransformerConfiguration, table: TensorTable, prefix: String, file: String?,
    remarks: [String] = []
  ) throws(GriffinError) {
    let (tensors, dropped) = try BoundTensors.bind(
      table, prefix: prefix, rules: kind.rules(configuration), drops: kind.drops, file: file)
    var warnings = remarks + droppedWarning(dropped)
    if let declared = configuration.declaresAttentionBias, declared != tensors.hasAttentionBias {
      warnings.append(
        "the draft's configuration \(declared ? "declares" : "denies") q/k/v biases and the file has "
          + "\(tensors.hasAttentionBias ? "them" : "none"); the tensors decide")
    }
    self.kind = kind
    self.configuration = configuration
    self.tensors = tensors
    self.warnings = warnings
  }
}
