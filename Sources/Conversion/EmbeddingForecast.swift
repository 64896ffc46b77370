internal import Bundles
internal import ByteStorage
internal import Models
internal import Tensors

/// What a pair whose target is far away most likely is: a draft with its target's embedding, which is then stored once.
///
/// Whether it is has to be known before anything is planned, and comparing reads both embeddings. Here the plan is made as if they were equal, and they are
/// compared while the target's is converted; so it comes over the line once. Where they are not, what was done until then is done again.
struct EmbeddingForecast {
  let sharing: Sharing
  private let original: StoredTensor
  private let compared: ComparedSource
  /// The embedding's name in the bundle.
  private let name: String

  /// - Returns: nil where there is nothing to gain.
  /// - Throws: What reading throws.
  init?(_ inputs: ConversionInputs, threads: Int, cancellation: Cancellation) throws(GriffinError) {
    guard inputs.sharing == nil, let target = inputs.target, let draft = inputs.draft, draft.copiedHead == nil,
      target.weightFiles.contains(where: { $0.file?.far != nil }), let position = target.position(of: .tokenEmbedding),
      target.tensors[position].sourceDigest == nil, let place = draft.position(of: .tokenEmbedding)
    else { return nil }
    original = StoredTensor(source: target.source, index: target.tensors[position].index)
    let copy = StoredTensor(source: draft.source, index: draft.tensors[place].index)
    guard let compared = ComparedSource(original, comparedWith: copy) else { return nil }
    self.compared = compared
    name = target.component.prefix + target.tensors[position].name
    var ties = false
    if let head = target.position(of: .outputHead) {
      let comparison = TensorComparison(
        original, StoredTensor(source: target.source, index: target.tensors[head].index), stopsAtFirstDifference: true)
      ties = try comparison.run(threads: threads, cancellation: cancellation, meter: ProgressMeter(total: comparison.byteCount, report: nil)).isEqual
    }
    sharing = Sharing(embedding: original.descriptor.type == copy.descriptor.type ? .identical : .converted, tiesOutputHead: ties)
  }

  /// Whether the two were found to differ.
  var isWrong: Bool { compared.isDifferent }

  /// The plan whose reader of the target's embedding compares it with the draft's.
  func comparing(_ plan: ConversionPlan) -> ConversionPlan {
    var comparing = plan
    comparing.jobs = plan.jobs.map { job in
      guard case .payload(let index, let tensor, let conversion, name) = job else { return job }
      return .payload(index, StoredTensor(source: compared, index: tensor.index), conversion, name: name)
    }
    return comparing
  }
}
