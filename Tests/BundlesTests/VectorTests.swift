import Bundles
import ByteStorage
import Foundation
import Tensors
import TestSupport
import Testing

/// The reader against bundles that other code wrote from the specification, and the writer against the same bytes.
struct VectorTests {
  @Test func thereAreVectors() { #expect(Vector.all.map(\.file) == ["draft-only.griffin", "pair.griffin"]) }

  @Test(arguments: Vector.all) func opensAsTheIndexSays(vector: Vector) throws {
    let bundle = try ModelBundle.open(path: vector.path)
    #expect(bundle.digest.hexadecimal == vector.digest)
    #expect(bundle.file.byteCount == vector.byteCount)
    #expect(bundle.tensors.map(\.name) == vector.tensors.map(\.name))
    for (index, tensor) in vector.tensors.enumerated() {
      #expect(bundle.tensors[index].type.rawValue == tensor.type)
      #expect(bundle.tensors[index].shape.dimensions == tensor.shape)
      #expect(bundle.payload(ofTensor: index).offset == tensor.offset)
      #expect(try bundle.withBytes(of: index) { $0.copied }.hexadecimal == tensor.hex)
    }
    #expect(bundle.manifest.attachments.map(\.name) == vector.attachments.map(\.name))
    for attachment in vector.attachments {
      #expect(try bundle.attachment(named: attachment.name) == Array(attachment.text.utf8))
    }
    #expect(try bundle.attachment(named: "target/none") == nil)
    #expect(try bundle.verifyPayloads(threads: 2).isEmpty)
  }

  @Test(arguments: Vector.all) func readsPartsOfTensors(vector: Vector) throws {
    let bundle = try ModelBundle.open(path: vector.path)
    for (index, tensor) in bundle.tensors.enumerated() where tensor.byteCount >= 4 {
      var buffer = ByteBuffer(byteCount: 3)
      var bytes = buffer.mutableBytes
      try bundle.read(index, at: 1, into: &bytes)
      #expect(buffer.bytes.copied == (try bundle.withBytes(of: index) { Array($0.copied[1..<4]) }))
    }
  }

  @Test(arguments: Vector.all) func theWriterWritesTheSameBytes(vector: Vector) throws {
    let folder = try TemporaryFolder()
    let original = try vector.bytes
    let bundle = try ModelBundle.open(path: vector.path)
    let plan = try BundlePlan(bundle.manifest)
    #expect(plan.manifest == bundle.manifest)
    #expect(plan.fileByteCount == original.count)
    let writer = try BundleWriter(plan: plan, output: OutputFile(path: folder.path("copy"), force: false))
    for (index, payload) in plan.manifest.payloads.enumerated().reversed() {
      let bytes = Array(original[payload.offset..<payload.offset + payload.byteCount])
      let middle = bytes.count / 2
      try writer.write(Array(bytes[middle...]).rawBytes, toPayload: index, at: middle)
      try writer.write(Array(bytes[..<middle]).rawBytes, toPayload: index, at: 0)
    }
    let digest = try writer.finish(
      payloadDigests: bundle.manifest.payloads.map(\.digest), provenanceDigests: bundle.manifest.provenance.map(\.digest))
    #expect(digest == bundle.digest)
    #expect(try folder.read("copy") == original)
  }

  @Test func tellsBundlesByTheirFirstBytes() throws {
    let folder = try TemporaryFolder()
    #expect(ModelBundle.isBundle(try InputFile(path: Vector.named("pair.griffin").path)))
    #expect(!ModelBundle.isBundle(try InputFile(path: folder.write([0x89, 0x47], to: "short"))))
    #expect(!ModelBundle.isBundle(try InputFile(path: folder.write(Array("GGUF and more".utf8), to: "other"))))
  }

  @Test func summariesCountComponentsAndSharedPayloadsOnce() throws {
    let manifest = try ModelBundle.open(path: Vector.named("pair.griffin").path).manifest
    #expect(manifest.typeCounts(of: .target) == [.f16: 1, .f32: 1, .q8_0: 1])
    #expect(manifest.typeCounts() == [.f16: 2, .f32: 1, .q8_0: 1, .bf16: 1, .i8: 1, .i64: 1])
    #expect(manifest.tensorByteCount(of: .target) == 16 + 8 + 68)
    #expect(manifest.tensorByteCount(of: .draft) == 16 + 16 + 0 + 8)
    #expect(manifest.draft?.embedding == .identical)
  }

  /// The schema is for other people's tools; it must not drift from what the reader takes.
  @Test func theSchemaKnowsTheSameTypesAndMembers() throws {
    let data = try #require(FileManager.default.contents(atPath: Vector.formats + "/bundle.schema.json"))
    let schema = try JSONValue.parse([UInt8](data).rawBytes, limits: .config)
    let types = schema["$defs"]?["type"]?["enum"]?.array?.compactMap(\.string) ?? []
    #expect(Set(types) == Set(ElementType.allCases.map(\.rawValue)))
    #expect(types.count == ElementType.allCases.count)
    let text = try vectorManifest()
    let members = try JSONValue.parse(text.rawBytes, limits: .manifest).object?.keys
    #expect(schema["required"]?.array?.compactMap(\.string) == members)
    #expect(schema["properties"]?["tensors"]?["maxItems"]?.integer == BundleFormat.Limit.tensors)
    #expect(schema["properties"]?["payloads"]?["maxItems"]?.integer == BundleFormat.Limit.payloads)
  }

  private func vectorManifest() throws -> String { try BundleForge(.named("pair.griffin")).manifest }
}
