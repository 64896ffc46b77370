import Bundles
import ByteStorage
import Conversion
import Foundation
import Models
import Tensors
import TestSupport
import Testing

struct ConversionRunTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func everyByteArrives() throws {
    let pair = try Pair(folder: folder)
    let metadata = [Manifest.Metadata(key: "note", value: "b"), Manifest.Metadata(key: "licence", value: "a")]
    let (result, plan) = try ConversionRun(pair.inputs(metadata: metadata), output: pair.output).run()
    #expect(pair.outputNames == ["pair.griffin"])
    let bundle = try ModelBundle.open(path: pair.output)
    #expect(bundle.digest == result.digest)
    #expect(bundle.file.byteCount == result.byteCount)
    #expect(bundle.manifest.tensors.count == result.tensorCount)
    #expect(bundle.manifest.payloads.count == result.payloadCount)
    #expect(result.types == [.f16: 3, .f32: 1, .bf16: 1])
    #expect(plan.tensors.map(\.name) == bundle.tensors.map(\.name))
    #expect(
      bundle.tensors.map(\.name) == [
        "target/model.embed_tokens.weight", "target/model.norm.weight", "target/lm_head.weight", "draft/embed_tokens.weight",
        "draft/fc.weight",
      ])
    for (index, tensor) in bundle.tensors.enumerated() {
      let (source, name) =
        tensor.name.hasPrefix("target/") ? (pair.target, tensor.name.dropFirst(7)) : (pair.draft, tensor.name.dropFirst(6))
      #expect(try bundle.withBytes(of: index) { $0.copied } == source.bytes(String(name)))
    }
    #expect(bundle.manifest.metadata.map(\.key) == ["licence", "note"])
    #expect(bundle.manifest.target?.family == "llama")
    #expect(bundle.manifest.draft?.kind == "griffin")
    #expect(bundle.manifest.target?.config["rms_norm_eps"] == 1e-5)
    #expect(try bundle.verifyPayloads(threads: 2).isEmpty)
  }

  /// Hashed and converted, a byte of the source is one byte of progress.
  @Test func progressCountsEachByteOfTheSourceOnce() throws {
    let pair = try Pair(folder: folder)
    let seen = Locked([(done: Int, total: Int)]())
    let run = try ConversionRun(
      pair.inputs(), output: pair.output, threads: 2,
      progress: { phase, done, total in if phase == .converting { seen.withLock { $0.append((done, total)) } } })
    let (result, plan) = try run.run()
    let steps = seen.withLock(\.self)
    let tensors = plan.tensors.filter { $0.sharedWith == nil }.reduce(0) { $0 + $1.byteCount }
    let bytes = max(tensors, result.sourceByteCount)
    #expect(steps.allSatisfy { $0.total == bytes && (0...bytes).contains($0.done) })
    #expect(steps.last?.done == bytes)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.done <= $1.done })
  }

  @Test func filesAreNamedHashedAndTakenAlong() throws {
    let pair = try Pair(folder: folder)
    let (result, _) = try ConversionRun(pair.inputs(), output: pair.output).run()
    let bundle = try ModelBundle.open(path: pair.output)
    #expect(bundle.manifest.provenance.map(\.file) == ["a.safetensors", "b.safetensors", "a.safetensors", "b.safetensors"])
    #expect(bundle.manifest.provenance.map(\.component) == [.target, .target, .draft, .draft])
    for entry in bundle.manifest.provenance {
      let bytes = try folder.read("\(entry.component.rawValue)-\(entry.file)")
      let digest = SHA256Digest(of: bytes.rawBytes)
      #expect(entry.digest == digest)
      #expect(entry.byteCount == bytes.count)
    }
    #expect(result.sourceByteCount == bundle.manifest.provenance.reduce(0) { $0 + $1.byteCount })
    #expect(
      bundle.manifest.attachments.map(\.name) == [
        "target/config.json", "target/tokenizer.json", "draft/config.json", "draft/tokenizer.json",
      ])
    #expect(try bundle.attachment(named: "draft/tokenizer.json") == Array("{\"of\": \"draft tokenizer.json\"}".utf8))
  }

  @Test func theSameBytesForAnyNumberOfThreads() throws {
    let pair = try Pair(folder: folder)
    let files = try [1, 2, 3, 16].map { threads in
      _ = try ConversionRun(pair.inputs(), output: pair.output, force: true, threads: threads).run()
      return try folder.read("pair.griffin")
    }
    #expect(Set(files).count == 1)
  }

  @Test func theSameBytesWhateverTheOrderOfFiles() throws {
    let pair = try Pair(folder: folder)
    let first = try ConversionRun(pair.inputs(), output: pair.output).run().result
    let target = try pair.targetComponent()
    let reordered = ConversionComponent(
      component: .target, modelName: target.modelName, config: target.config, parameterCount: target.parameterCount,
      recipe: target.recipe, source: target.source, tensors: target.tensors, weightFiles: target.weightFiles.reversed(),
      attachments: target.attachments.reversed())
    let inputs = try ConversionInputs(target: reordered, draft: pair.draftComponent())
    #expect(try ConversionRun(inputs, output: folder.path("pair2.griffin")).run().result.digest == first.digest)
  }

  @Test func aComponentMayComeAlone() throws {
    let pair = try Pair(folder: folder)
    _ = try ConversionRun(ConversionInputs(target: pair.targetComponent(), draft: nil), output: pair.output).run()
    let targetOnly = try ModelBundle.open(path: pair.output)
    #expect(targetOnly.manifest.draft == nil)
    #expect(targetOnly.tensors.count == 3)
    _ = try ConversionRun(ConversionInputs(target: nil, draft: pair.draftComponent()), output: pair.output, force: true).run()
    let draftOnly = try ModelBundle.open(path: pair.output)
    #expect(draftOnly.manifest.target == nil)
    #expect(draftOnly.manifest.draft?.embedding == .possible)
    let error = #expect(throws: GriffinError.self) { try ConversionInputs(target: nil, draft: nil) }
    #expect(error?.kind == .usage)
  }

  /// Tensors of several chunks, so that many threads have something to do at once.
  @Test(arguments: [1, 4]) func largeTensorsArriveWhole(threads: Int) throws {
    var pair = try Pair(folder: folder)
    let big = randomBytes(seed: 8, 3_000_001)
    try pair.draft.add("big", .u8, [big.count], bytes: big)
    let component = try pair.draftComponent()
    let extended = ConversionComponent(
      component: .draft, modelName: "griffin", config: [:], parameterCount: 1, recipe: "copy", source: pair.draft,
      tensors: component.tensors + [.init(role: .fusion(.down), name: "big", index: 2, type: .u8)], weightFiles: component.weightFiles,
      attachments: [])
    let seen = Locked<[ConversionRun.Phase: (Int, Int)]>([:])
    _ = try ConversionRun(ConversionInputs(target: nil, draft: extended), output: pair.output, threads: threads) { phase, done, total in
      seen.withLock { $0[phase] = (done, total) }
    }.run()
    let bundle = try ModelBundle.open(path: pair.output)
    #expect(try bundle.withBytes(of: 2) { $0.copied } == big)
    #expect(try bundle.verifyPayloads(threads: threads).isEmpty)
    let (done, total) = try #require(seen.withLock { $0[.converting] })
    #expect(done == total)
    // Of tensors here, which are not in the files that are named as theirs.
    #expect(total == big.count + 30 + 48)
    let finishing = try #require(seen.withLock { $0[.finishing] })
    #expect(finishing.0 == finishing.1)
  }

  @Test func aPlanAloneReadsNoWeights() throws {
    var pair = try Pair(folder: folder)
    pair.target.onRead = { _, _ in throw GriffinError(.io, "weights were read") }
    pair.draft.onRead = pair.target.onRead
    let inputs = try pair.inputs()
    let plan = try ConversionPlan(inputs, sharing: Sharing(unread: inputs))
    #expect(plan.bundle.manifest.draft?.embedding == .possible)
    #expect(plan.tensors.map(\.byteCount) == [48, 16, 48, 48, 30])
    #expect(plan.tensors.allSatisfy { $0.sharedWith == nil && $0.type == $0.sourceType })
    #expect(pair.outputNames.isEmpty)
  }

  @Test func whatCannotBecomeATypeIsNamed() throws {
    let pair = try Pair(folder: folder)
    let draft = try pair.draftComponent()
    let tensors = draft.tensors.map { ConversionComponent.Tensor(role: $0.role, name: $0.name, index: $0.index, type: .i8) }
    let wrong = ConversionComponent(
      component: .draft, modelName: "griffin", config: [:], parameterCount: 1, recipe: "copy", source: draft.source,
      tensors: tensors, weightFiles: [], attachments: [])
    let inputs = try ConversionInputs(target: nil, draft: wrong)
    let error = #expect(throws: GriffinError.self) { try ConversionPlan(inputs, sharing: Sharing(unread: inputs)) }
    #expect(error?.kind == .unsupported)
    #expect(error?.tensor == "draft/embed_tokens.weight")
    #expect(error?.message == "its elements are f16, which cannot be stored as i8")
  }

  @Test func metadataIsChecked() throws {
    let pair = try Pair(folder: folder)
    for metadata in [
      [Manifest.Metadata(key: "", value: "x")], [.init(key: "a", value: "x"), .init(key: "a", value: "y")],
      [.init(key: "a\n", value: "x")], [.init(key: "a", value: String(repeating: "x", count: 65_537))],
    ] {
      let error = #expect(throws: GriffinError.self) { try pair.inputs(metadata: metadata) }
      #expect(error?.kind == .usage)
    }
  }
}
