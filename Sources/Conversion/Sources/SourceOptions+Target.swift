internal import ByteStorage
package import Checkpoints
internal import Models

extension SourceOptions {
  /// The same, where a target is expected: one of a family that is not known is refused by its configuration and the names in
  /// its index, before the headers of its shards are read.
  package var forTarget: SourceOptions {
    var options = self
    options.checkBeforeShards = { (config, file, names) throws(GriffinError) in
      // Whatever else a draft has, it has something that fuses; its `model_type` means nothing.
      guard !names.contains(where: { $0.contains("fc.") }), let document = try? ConfigDocument(config, file: file) else { return }
      _ = try ModelFamily.declared(by: document)
    }
    return options
  }
}
