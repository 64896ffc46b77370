internal import ByteStorage
internal import Tensors

/// A format of weight files in a folder. A new one is its reader and one line in `all`.
struct WeightFormat: Sendable {
  /// A file's tensors, and what its reader warns of.
  struct Opened {
    var source: any TensorSource
    var warnings: [String] = []
  }

  /// How its files end, with the dot.
  let suffix: String
  /// The name of the file where there is only one.
  let singleName: String
  let open: @Sendable (InputFile) throws(GriffinError) -> Opened

  /// The name of the index where there are several files.
  var indexName: String { singleName + ".index.json" }

  /// The preferred ones first.
  static let all: [WeightFormat] = [
    WeightFormat(suffix: ".safetensors", singleName: "model.safetensors") { file throws(GriffinError) in
      Opened(source: try SafetensorsFile(file))
    },
    WeightFormat(suffix: ".bin", singleName: "pytorch_model.bin") { file throws(GriffinError) in
      let opened = try PyTorchFile(file)
      return Opened(source: opened, warnings: opened.warnings)
    },
  ]
}
