import ByteStorage
import Models
import Tensors
import TestSupport

/// The tiny valid models that cases corrupt: one layer, a vocabulary of 32.
enum TinyCheckpoint {
  static let options = TinyModel.Options {
    ($0.hidden, $0.intermediate, $0.layers, $0.heads, $0.keyValueHeads) = (16, 32, 1, 2, 1)
    ($0.headDimension, $0.vocabulary) = (8, 32)
  }

  static func target() throws -> TinyModel { try .target(options) }

  static func draft() throws -> TinyModel { try .draft(options) }
}

extension TinyModel {
  /// `config.json`.
  var configText: String { JSONValue.object(config).encoded(pretty: true) }
}

extension CorpusFolder {
  /// Writes a target of one safetensors file into `target`.
  /// - Parameter change: Makes the file wrong.
  func writeTarget(_ change: (inout SafetensorsBuilder) throws -> Void = { _ in }) throws {
    let model = try TinyCheckpoint.target()
    var file = SafetensorsBuilder(model.source)
    try change(&file)
    try write(file.bytes, to: "target/model.safetensors")
    try write(model.configText, to: "target/config.json")
  }
}
