package import ByteStorage
package import Checkpoints
internal import Models
internal import Tensors

/// A draft as it lies in a folder, whoever wrote it, before anything is expected of it.
package struct DraftFolder: Sendable {
  /// The configuration as the file has it, and what it wraps.
  let config: JSONObject
  let inner: ConfigDocument
  /// The tensors under released names.
  let table: TensorTable
  /// nil where fusion and norms are of no kind that is known.
  let kind: DraftKind?
  /// nil where the configuration cannot be read.
  let configuration: TransformerConfiguration?
  /// The target's configuration, where it is known.
  let target: TransformerConfiguration?

  /// - Throws: What opening the folder throws; nothing for what is in it.
  package init(path: String, options: SourceOptions = SourceOptions()) throws(GriffinError) {
    var target: TransformerConfiguration?
    var path = path
    // A folder of our making has both.
    let (draft, beside) = (FileSystem.path(path, "draft"), FileSystem.path(path, "target"))
    if FileSystem.kind(of: FileSystem.path(path, "config.json")) == nil, FileSystem.kind(of: FileSystem.path(draft, "config.json")) != nil {
      path = draft
      if FileSystem.kind(of: beside) == .folder { target = try Checkpoint.open(path: beside, options: options).targetConfiguration() }
    }
    try self.init(Checkpoint.open(path: path, options: options), target: target)
  }

  init(_ checkpoint: Checkpoint, target: TransformerConfiguration?) throws(GriffinError) {
    let document = try ConfigDocument(checkpoint.config, file: checkpoint.configPath)
    config = document.object
    let inner = try DraftLayout.unwrapped(document)
    self.inner = inner
    table = TensorTable(DraftLayout.released(checkpoint.source) ?? checkpoint.source)
    let kind = DraftFolder.kind(table)
    self.kind = kind
    let table = table
    configuration = kind.flatMap { kind in try? kind.configuration(kind.completes(inner, table)) }
    self.target = target
  }

  /// The kind that the fusion's shape shows, though other tensors may be missing.
  private static func kind(_ table: TensorTable) -> DraftKind? {
    if let kind = DraftKind.recognised(in: table) { return kind }
    if table["fc.fc.weight"] != nil { return DraftKind.named("griffin") }
    guard let fusion = table["fc.weight"]?.shape.dimensions, fusion.count == 2, fusion[0] > 0 else { return nil }
    let isWide = fusion[1] != 2 * fusion[0] || table.source.tensors.contains { $0.name.hasPrefix("midlayer.") }
    return DraftKind.named(isWide ? "eagle3" : "eagle")
  }

  /// Whether the configuration is in the form of the speculators library.
  var isSpeculators: Bool { config["speculators_model_type"] != nil || config["transformer_layer_config"]?.object != nil }

  /// The classes that the configuration declares.
  var architectures: [String] { config["architectures"]?.array?.compactMap(\.string) ?? [] }

  /// Whether a key is true, at the top or in what it wraps.
  func isTrue(_ key: String) -> Bool { config[key]?.bool == true || inner.object[key]?.bool == true }
}

extension Checkpoint {
  fileprivate func targetConfiguration() throws(GriffinError) -> TransformerConfiguration {
    let document = try ConfigDocument(config, file: configPath)
    return try ModelFamily.declared(by: document).configuration(document)
  }
}
