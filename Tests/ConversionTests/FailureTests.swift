import Bundles
import ByteStorage
import Conversion
import Foundation
import Tensors
import TestSupport
import Testing

/// Whatever goes wrong, no file is left that was not there, and none that was is touched. What an interrupt leaves is for
/// `ResumeTests`.
struct FailureTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func failure(_ pair: Pair, force: Bool = false, cancellation: Cancellation = Cancellation(), threads: Int = 2) throws -> GriffinError {
    try #require(
      #expect(throws: GriffinError.self) {
        try ConversionRun(pair.inputs(), output: pair.output, force: force, threads: threads, cancellation: cancellation).run()
      })
  }

  @Test(arguments: [1, 2], ["model.norm.weight", "model.embed_tokens.weight"])
  func aFailingReadLeavesNothing(threads: Int, tensor: String) throws {
    var pair = try Pair(folder: folder)
    pair.target.onRead = { name, _ in if name == tensor { throw GriffinError(.io, file: "shard", "reading failed: disk on fire") } }
    let error = try failure(pair, threads: threads)
    #expect(error.kind == .io)
    #expect(error.file == "shard")
    #expect(error.tensor == tensor)
    #expect(pair.outputNames.isEmpty)
  }

  @Test func aFailureKeepsTheFileThatWasToBeReplaced() throws {
    var pair = try Pair(folder: folder)
    try folder.write([1, 2, 3], to: "pair.griffin")
    pair.target.onRead = { _, _ in throw GriffinError(.io, "reading failed") }
    #expect(try failure(pair, force: true).kind == .io)
    #expect(pair.outputNames == ["pair.griffin"])
    #expect(try folder.read("pair.griffin") == [1, 2, 3])
  }

  @Test func anExistingOutputIsRefusedBeforeAnythingIsRead() throws {
    var pair = try Pair(folder: folder)
    try folder.write([1], to: "pair.griffin")
    pair.target.onRead = { _, _ in throw GriffinError(.io, "weights were read") }
    #expect(try failure(pair).kind == .exists)
    #expect(try folder.read("pair.griffin") == [1])
  }

  @Test func aPartialFileThatAnotherWritesIsRefused() throws {
    let pair = try Pair(folder: folder)
    let other = try OutputFile(path: pair.output, force: false)
    #expect(try failure(pair, force: true).kind == .exists)
    #expect(pair.outputNames == ["pair.griffin.partial"])
    other.discard()
    _ = try ConversionRun(pair.inputs(), output: pair.output).run()
    #expect(pair.outputNames == ["pair.griffin"])
  }

  @Test(arguments: [1, 2]) func cancellingBeforeAnythingIsWrittenLeavesNothing(threads: Int) throws {
    var pair = try Pair(folder: folder)
    let cancellation = Cancellation()
    // Embeddings are compared before the plan is made.
    pair.target.onRead = { name, _ in if name == "model.embed_tokens.weight" { cancellation.cancel() } }
    #expect(try failure(pair, cancellation: cancellation, threads: threads).kind == .interrupted)
    #expect(pair.outputNames.isEmpty)
  }

  @Test func anInputThatChangesIsNoticed() throws {
    var pair = try Pair(folder: folder)
    let path = folder.path("target-a.safetensors")
    pair.draft.onRead = { name, _ in
      guard name == "fc.weight" else { return }
      try Data("other weights".utf8).write(to: URL(fileURLWithPath: path + ".new"))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 40)
      try handle.close()
    }
    let error = try failure(pair)
    #expect(error.kind == .changed)
    #expect(error.file == path)
    #expect(pair.outputNames.isEmpty)
  }

  @Test func theOutputIsNoInput() throws {
    let pair = try Pair(folder: folder)
    let inputs = try pair.inputs()
    let weights = folder.path("target-a.safetensors")
    let before = try folder.read("target-a.safetensors")
    try FileManager.default.createSymbolicLink(atPath: folder.path("alias"), withDestinationPath: weights)
    try FileManager.default.linkItem(atPath: weights, toPath: folder.path("hard.partial"))
    for output in [weights, folder.path("alias"), folder.path("hard"), folder.path("draft-config.json")] {
      let error = #expect(throws: GriffinError.self) { try ConversionRun(inputs, output: output, force: true).run() }
      #expect(error?.kind == .usage)
      #expect(error?.file == output)
    }
    #expect(try folder.read("target-a.safetensors") == before)
  }

  @Test func anAttachmentThatIsTooLargeIsNamed() throws {
    let pair = try Pair(folder: folder)
    let path = folder.path("huge")
    try Data().write(to: URL(filePath: path))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: UInt64(BundleFormat.Limit.attachmentBytes) + 1)
    try handle.close()
    let draft = try pair.draftComponent()
    let component = ConversionComponent(
      component: .draft, modelName: "griffin", config: [:], parameterCount: 1, recipe: "copy", source: draft.source,
      tensors: draft.tensors, weightFiles: [], attachments: [.init(name: "huge", file: try InputFile(path: path))])
    let error = #expect(throws: GriffinError.self) {
      try ConversionRun(ConversionInputs(target: nil, draft: component), output: pair.output).run()
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.file == path)
    #expect(pair.outputNames.isEmpty)
  }

  @Test func aFileNameThatABundleCannotHoldIsRefused() throws {
    let pair = try Pair(folder: folder)
    let draft = try pair.draftComponent()
    let component = ConversionComponent(
      component: .draft, modelName: "griffin", config: [:], parameterCount: 1, recipe: "copy", source: draft.source,
      tensors: draft.tensors, weightFiles: [.init(name: "a/b", file: try #require(draft.weightFiles[0].file))], attachments: [])
    let error = #expect(throws: GriffinError.self) {
      try ConversionRun(ConversionInputs(target: nil, draft: component), output: pair.output).run()
    }
    #expect(error?.kind == .unsafe)
    #expect(pair.outputNames.isEmpty)
  }
}
