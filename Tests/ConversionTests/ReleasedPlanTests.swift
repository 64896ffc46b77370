import Bundles
import ByteStorage
import Conversion
import Tensors
import TestSupport
import Testing

/// Releases of real sizes, their data holes: plans come from headers alone.
struct ReleasedPlanTests {
  private static func plan(
    _ target: ReleasedModel?, _ draft: ReleasedModel?, _ folder: TemporaryFolder
  ) throws -> ConversionPlan {
    let sources = try ConversionSources(
      target: target?.expand(into: folder, as: "target"), draft: draft?.expand(into: folder, as: "draft"))
    #expect(sources.warnings.isEmpty)
    let inputs = try ConversionInputs(target: sources.target, draft: sources.draft)
    return try ConversionPlan(inputs, sharing: Sharing(unread: inputs))
  }

  @Test(arguments: ReleasedModel.targets) func targetsArePlannedFromTheirHeaders(released: ReleasedModel) throws {
    let draft = ReleasedModel.drafts.first { $0.name == released.name }
    let plan = try ReleasedPlanTests.plan(released, draft, TemporaryFolder())
    #expect(plan.inputs.target?.parameterCount == released.parameters)
    #expect(plan.inputs.target?.modelName == released.family)
    #expect(plan.sharing.embedding == (draft == nil ? nil : .possible))
    #expect(plan.tensors.count == released.tensors.count + (draft?.tensors.count ?? 0))
    let bytes = plan.tensors.reduce(0) { $0 + $1.byteCount }
    let draftBytes = (draft?.tensors ?? []).reduce(0) { $0 + $1.shape.reduce(2, *) }
    #expect(bytes == 2 * released.parameters + draftBytes && plan.bundle.fileByteCount > bytes)
  }

  @Test func draftsAreTakenInAnyFloatType() throws {
    var draft = ReleasedModel.drafts[1]
    draft.type = .f32
    let plan = try ReleasedPlanTests.plan(nil, draft, TemporaryFolder())
    #expect(plan.sharing.embedding == .possible)
    #expect(plan.tensors.allSatisfy { $0.type == .f32 })
    // Past 4 GiB, or near it.
    #expect(plan.bundle.fileByteCount > 3 << 30)
  }

  @Test func draftsOfOtherTargetsAreRefusedWithWhatDiffers() throws {
    let folder = try TemporaryFolder()
    let target = try ReleasedModel.targets[0].expand(into: folder, as: "target")
    for (index, words) in [
      (1, "its hidden_size is 5120 where the target has 4096"), (2, "its vocab_size is 128256 where the target has 32000"),
      (5, "its hidden_size is 3584 where the target has 4096, its vocab_size is 152064 where the target has 32000"),
    ] {
      let draft = try ReleasedModel.drafts[index].expand(into: folder, as: "draft-\(index)")
      let error = #expect(throws: GriffinError.self) { try ConversionSources(target: target, draft: draft) }
      #expect(error?.kind == .inconsistent && error?.file == draft)
      #expect(error?.message == "the draft was not trained for this target: \(words)")
    }
  }
}
