import Bundles
import ByteStorage
import Tensors
import TestSupport
import Testing

struct PlanTests {
  /// A draft of tensors of the given numbers of bytes.
  private func contents(_ byteCounts: [Int]) throws -> Manifest {
    Manifest(
      recipe: .init(target: nil, draft: "copy"), target: nil,
      draft: .init(kind: "griffin", config: ["hidden_size": 2], parameters: 1, embedding: .possible),
      tensors: try byteCounts.enumerated().map { index, count in
        Manifest.Tensor(
          descriptor: try TensorDescriptor(name: "draft/t\(index)", type: .u8, shape: Shape([count])), payload: index)
      },
      payloads: byteCounts.map { Manifest.Payload(offset: 0, byteCount: $0, digest: BundlePlan.unknownDigest) },
      attachments: [], provenance: [], metadata: [])
  }

  @Test func offsetsFollowTheRulesWhateverTheManifestsSize() throws {
    for count in [1, 2, 10, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 200, 1000] {
      let plan = try BundlePlan(contents((0..<count).map { $0 * 997 % 40_000 }))
      var end = (128 + plan.manifestByteCount + 16383) / 16384 * 16384
      for payload in plan.manifest.payloads {
        #expect(payload.offset == end)
        end = (payload.offset + payload.byteCount + 16383) / 16384 * 16384
      }
      #expect(plan.fileByteCount == end)
    }
  }

  @Test func plansMoreBytesThanAnyDiskHas() throws {
    let plan = try BundlePlan(contents([1 << 60, 1 << 60, 3]))
    #expect(plan.fileByteCount == 2 << 60 + 2 * 16384)
    let error = #expect(throws: GriffinError.self) { try BundlePlan(contents([Int.max - 20_000, 1 << 60])) }
    #expect(error?.kind == .unsupported)
  }

  @Test func refusesContentsThatBreakARule() throws {
    var broken = try contents([4, 4])
    broken.tensors[1].descriptor = broken.tensors[0].descriptor
    let error = #expect(throws: GriffinError.self) { try BundlePlan(broken) }
    #expect(error?.message == "two tensors have this name")
    #expect(error?.tensor == "draft/t0")
  }

  /// Errors are known after the manifest's size is; what they do not fill is spaces at its end.
  @Test func errorsTakeThePlaceThatWasKept() throws {
    let folder = try TemporaryFolder()
    var planned = try contents([4, 4, 4])
    for index in 0..<2 { planned.tensors[index].errors = .unknown }
    let plan = try BundlePlan(planned)
    let writer = try BundleWriter(plan: plan, output: OutputFile(path: folder.path("out"), force: false))
    let payload: [UInt8] = [1, 2, 3, 4]
    for index in 0..<3 { try writer.write(payload.rawBytes, toPayload: index, at: 0) }
    let errors = [
      0: Manifest.Errors(rmse: 0, maximum: 0, cosine: 1),
      1: Manifest.Errors(rmse: 0.1 + 0.2, maximum: 1.2345678901234567e-300, cosine: -1 / 3),
    ]
    let digest = SHA256Digest(of: payload.rawBytes)
    _ = try writer.finish(payloadDigests: [digest, digest, digest], provenanceDigests: [], errors: errors)
    let bundle = try ModelBundle.open(path: folder.path("out"))
    #expect(bundle.manifest.tensors.map(\.errors) == [errors[0], errors[1], nil])
    #expect(bundle.file.byteCount == plan.fileByteCount)
  }

  @Test func anEmptyTensorTakesNoRoom() throws {
    let folder = try TemporaryFolder()
    let plan = try BundlePlan(contents([0, 5, 0, 0, 7, 0]))
    let writer = try BundleWriter(plan: plan, output: OutputFile(path: folder.path("out"), force: false))
    try writer.write([1, 2, 3, 4, 5].rawBytes, toPayload: 1, at: 0)
    try writer.write([1, 2, 3, 4, 5, 6, 7].rawBytes, toPayload: 4, at: 0)
    let payloads: [[UInt8]] = [[], [1, 2, 3, 4, 5], [], [], [1, 2, 3, 4, 5, 6, 7], []]
    let digest = try writer.finish(payloadDigests: payloads.map { SHA256Digest(of: $0.rawBytes) }, provenanceDigests: [])
    let bundle = try ModelBundle.open(path: folder.path("out"))
    #expect(bundle.digest == digest)
    #expect(bundle.file.byteCount == 3 * 16384)
    #expect(try bundle.verifyPayloads(threads: 1).isEmpty)
    for (index, payload) in payloads.enumerated() { #expect(try bundle.withBytes(of: index) { $0.copied } == payload) }
  }

  @Test func plainFileNames() {
    for name in ["a", "model-00001-of-00002.safetensors", ".gitattributes", "...", "größe.json", "a b"] {
      #expect(Manifest.isPlainFileName(name), "\(name)")
    }
    for name in ["", ".", "..", "a/b", "/a", "a\\b", "C:a", "a\nb", "a\u{0}", "\u{85}", String(repeating: "x", count: 256)] {
      #expect(!Manifest.isPlainFileName(name), "\(name)")
    }
  }
}
