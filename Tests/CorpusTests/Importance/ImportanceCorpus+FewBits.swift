import ByteStorage
import Models
import TestSupport

extension ImportanceCorpus {
  private static let rule = Rule(page, "I7. Types of the fewest bits are refused where nothing is known of a tensor's columns")

  /// A target whose rows are whole blocks of every type.
  private static func wideTarget() throws -> TinyModel {
    try .target(
      TinyModel.Options {
        ($0.hidden, $0.intermediate, $0.layers, $0.heads, $0.keyValueHeads) = (256, 256, 1, 2, 1)
        ($0.headDimension, $0.vocabulary) = (128, 32)
      })
  }

  private static func refuse(
    _ name: String, _ kind: GriffinError.Kind, _ mentions: [String], _ recipe: [String], knowing tensor: String? = nil
  ) -> HostileCase {
    HostileCase(
      "imatrix-few-bits-\(name)", rule: rule, kind: kind, mentions: mentions,
      arguments: ["convert", "--target", "target", "-o", "out.griffin"] + recipe + (tensor == nil ? [] : ["--imatrix", file])
    ) { folder in
      let model = try wideTarget()
      try folder.write(SafetensorsBuilder(model.source).bytes, to: "target/model.safetensors")
      try folder.write(model.configText, to: "target/config.json")
      guard let tensor else { return }
      var matrix = Legacy()
      (matrix.name, matrix.values) = (Array(tensor.utf8), [Float](repeating: 1, count: 256))
      try folder.write(matrix.bytes, to: file)
    }
  }

  static let hostileFewBits: [HostileCase] = [
    refuse("without-a-matrix", .usage, ["q_proj", "importance matrix"], ["--quantize", "iq2_m"]),
    refuse("by-a-flag", .usage, ["up_proj", "importance matrix"], ["--quantize", "q8_0", "--tensor-type", "up_proj=iq3_xxs"]),
    refuse("of-an-embedding", .usage, ["embed_tokens", "importance matrix"], ["--quantize", "q8_0", "--embedding-type", "iq2_xxs"]),
    refuse("of-a-tensor-without-an-entry", .inconsistent, [file, "k_proj"], ["--quantize", "iq3_xxs"], knowing: "blk.0.attn_q.weight"),
  ]
}
