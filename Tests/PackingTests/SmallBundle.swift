import Bundles
import ByteStorage
import TestSupport
import Tensors

/// Bundles of a few tensors of any type, which no model needs to understand.
enum SmallBundle {
  struct Part {
    let name: String
    let type: ElementType
    let shape: [Int]
    let bytes: [UInt8]
  }

  /// Writes a bundle of a draft with these tensors, each a payload, and one attachment.
  static func write(_ parts: [Part], to path: String) throws -> ModelBundle {
    let content = Array("{}".utf8)
    let attachment = try Compression.zstd(content)
    var payloads = [Manifest.Payload(offset: 0, byteCount: attachment.count, digest: SHA256Digest(of: attachment.rawBytes))]
    var tensors: [Manifest.Tensor] = []
    for part in parts {
      tensors.append(
        Manifest.Tensor(
          descriptor: try TensorDescriptor(name: "draft/" + part.name, type: part.type, shape: Shape(part.shape)), payload: payloads.count))
      payloads.append(Manifest.Payload(offset: 0, byteCount: part.bytes.count, digest: SHA256Digest(of: part.bytes.rawBytes)))
    }
    let manifest = Manifest(
      recipe: .init(target: nil, draft: "copy"), target: nil,
      draft: .init(kind: "eagle", config: ["hidden_size": 2], parameters: 4, embedding: .absent), tensors: tensors, payloads: payloads,
      attachments: [.init(name: "draft/config.json", byteCount: 2, digest: SHA256Digest(of: content.rawBytes), payload: 0)],
      provenance: [], metadata: [])
    let plan = try BundlePlan(manifest)
    let writer = try BundleWriter(plan: plan, output: OutputFile(path: path, force: true))
    for (index, bytes) in ([attachment] + parts.map(\.bytes)).enumerated() { try writer.write(bytes.rawBytes, toPayload: index, at: 0) }
    _ = try writer.finish(payloadDigests: payloads.map(\.digest), provenanceDigests: [])
    return try ModelBundle.open(path: path)
  }

  /// A bundle with a tensor of each type, of `units` blocks.
  static func everyType(units: Int, to path: String) throws -> ModelBundle {
    var numbers = SeededNumbers(seed: 7)
    return try write(
      ElementType.allCases.map { type in
        Part(
          name: type.rawValue, type: type, shape: [units, type.elementsPerBlock], bytes: numbers.bytes(units * type.bytesPerBlock))
      }, to: path)
  }

  /// Numbers of a bell curve as bf16, a scale for each row.
  static func bell(rows: Int, columns: Int, seed: UInt64) -> [UInt8] {
    var numbers = SeededNumbers(seed: seed)
    var bytes: [UInt8] = []
    for _ in 0..<rows {
      let scale = Float.random(in: 0.005...0.05, using: &numbers)
      for _ in 0..<columns {
        let sum = (0..<12).reduce(Float(-6)) { value, _ in value + Float.random(in: 0...1, using: &numbers) }
        bytes += littleEndian(UInt16((sum * scale).bitPattern >> 16))
      }
    }
    return bytes
  }
}
