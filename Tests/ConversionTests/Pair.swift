import Bundles
import ByteStorage
import Conversion
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// A tiny target and draft in memory, and files that stand for their checkpoints.
struct Pair {
  static let rows = 6, width = 4

  var target = MemorySource()
  var draft = MemorySource()
  let folder: TemporaryFolder

  /// - Parameters:
  ///   - draftEmbedding: Type and bytes of the draft's embedding; nil for a draft without.
  ///   - outputHead: Bytes of the target's head, in f16; nil for a target without.
  init(
    embedding: (ElementType, [UInt8]) = (.f16, Pair.halves), draftEmbedding: (ElementType, [UInt8])? = (.f16, Pair.halves),
    outputHead: [UInt8]? = randomBytes(seed: 3, 48), shape: [Int] = [Pair.rows, Pair.width], folder: TemporaryFolder
  ) throws {
    self.folder = folder
    // The source's order is not the canonical one.
    try target.add("model.norm.weight", .f32, [4], bytes: randomBytes(seed: 1, 16))
    try target.add("rotary.inv_freq", .f32, [2], bytes: randomBytes(seed: 9, 8))
    if let outputHead { try target.add("lm_head.weight", .f16, [Pair.rows, Pair.width], bytes: outputHead) }
    try target.add("model.embed_tokens.weight", embedding.0, shape, bytes: embedding.1)
    if let draftEmbedding { try draft.add("embed_tokens.weight", draftEmbedding.0, shape, bytes: draftEmbedding.1) }
    try draft.add("fc.weight", .bf16, [3, 5], bytes: randomBytes(seed: 4, 30))
  }

  /// 24 ordinary halves.
  static let halves: [UInt8] = littleEndian((0..<24).map { UInt16(0x3C00 + $0 * 37) })

  private func files(_ component: String) throws -> [ConversionComponent.WeightFile] {
    try ["b.safetensors", "a.safetensors"].map { name in
      let path = folder.path("\(component)-\(name)")
      if !FileManager.default.fileExists(atPath: path) { try folder.write(Array("weights of \(component) \(name)".utf8), to: "\(component)-\(name)") }
      return ConversionComponent.WeightFile(name: name, file: try InputFile(path: path))
    }
  }

  private func attachments(_ component: String) throws -> [ConversionComponent.Attachment] {
    try ["tokenizer.json", "config.json"].map { name in
      let path = try folder.write(Array("{\"of\": \"\(component) \(name)\"}".utf8), to: "\(component)-\(name)")
      return ConversionComponent.Attachment(name: name, file: try InputFile(path: path))
    }
  }

  private func tensors(_ source: MemorySource, _ roles: [(String, TensorRole)]) -> [ConversionComponent.Tensor] {
    roles.compactMap { name, role in
      source.tensors.firstIndex { $0.name == name }.map {
        ConversionComponent.Tensor(role: role, name: name, index: $0, type: source.tensors[$0].type)
      }
    }
  }

  func targetComponent() throws -> ConversionComponent {
    ConversionComponent(
      component: .target, modelName: "llama", config: ["hidden_size": 4, "rms_norm_eps": 1e-5], parameterCount: 52,
      recipe: "copy", source: target,
      tensors: tensors(
        target, [("model.embed_tokens.weight", .tokenEmbedding), ("model.norm.weight", .finalNorm), ("lm_head.weight", .outputHead)]),
      weightFiles: try files("target"), attachments: try attachments("target"))
  }

  func draftComponent() throws -> ConversionComponent {
    ConversionComponent(
      component: .draft, modelName: "griffin", config: ["hidden_size": 4], parameterCount: 15,
      recipe: "copy", source: draft,
      tensors: tensors(draft, [("embed_tokens.weight", .tokenEmbedding), ("fc.weight", .fusion(.projection))]),
      weightFiles: try files("draft"), attachments: try attachments("draft"))
  }

  func inputs(metadata: [Manifest.Metadata] = []) throws -> ConversionInputs {
    try ConversionInputs(target: targetComponent(), draft: draftComponent(), metadata: metadata)
  }

  /// The path of the bundle that tests make.
  var output: String { folder.path("pair.griffin") }

  /// Names in the folder that are not inputs.
  var outputNames: [String] { folder.names.filter { $0.hasPrefix("pair") } }
}

func randomBytes(seed: UInt64, _ count: Int) -> [UInt8] {
  var numbers = SeededNumbers(seed: seed)
  return numbers.bytes(count)
}
