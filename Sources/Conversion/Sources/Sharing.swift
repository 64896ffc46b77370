public import Bundles
public import ByteStorage
internal import Models
internal import Tensors

/// Which tensors of a conversion hold the same values and are stored once.
///
/// Only two pairs are ever looked at, by their roles: the draft's token embedding with the target's, and the
/// target's output head with its token embedding. Equal after lossless conversion of plain floats means one
/// payload, in the type that the target's embedding gets.
public struct Sharing: Sendable, Hashable {
  /// How the draft's embedding relates to the target's; nil without a draft.
  public let embedding: EmbeddingRelation?
  /// Whether the target's output head is its embedding once more.
  public let tiesOutputHead: Bool

  /// Rows of the draft's embedding that are not even near the target's, of how many; nil where nothing was compared.
  let unlikeRows: UnlikeRows?

  /// - Parameters:
  ///   - embedding: How the draft's embedding relates to the target's; nil without a draft.
  ///   - tiesOutputHead: Whether the target's output head is its embedding once more.
  init(embedding: EmbeddingRelation?, tiesOutputHead: Bool) {
    (self.embedding, self.tiesOutputHead, unlikeRows) = (embedding, tiesOutputHead, nil)
  }

  /// What the user should know of it and no error says.
  public var warnings: [String] {
    guard let unlikeRows, unlikeRows.count * 10 >= unlikeRows.of * 9 else { return [] }
    return [
      "the draft's embed_tokens are unlike the target's in \(unlikeRows.count) of \(unlikeRows.of) rows; "
        + "it may have been made for another target, or saved before its embedding was loaded"
    ]
  }

  /// What is known without reading a payload, for a plan that is not carried out. Counts nothing as shared that has
  /// to be compared first.
  public init(unread inputs: ConversionInputs) {
    if let known = inputs.sharing {
      self = known
      return
    }
    self.embedding = inputs.draft.map { $0.position(of: .tokenEmbedding) == nil ? .absent : .possible }
    self.tiesOutputHead = false
    unlikeRows = nil
  }

  /// Compares the candidates, row by row.
  /// - Parameters:
  ///   - threads: Threads to read and compare on; memory is bounded by a few MiB each.
  ///   - progress: Told of bytes read and bytes to read.
  /// - Throws: what reading throws, or `interrupted`.
  public init(
    comparing inputs: ConversionInputs, threads: Int, cancellation: Cancellation = Cancellation(),
    progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) {
    if let known = inputs.sharing {
      self = known
      return
    }
    let original = inputs.target.flatMap { StoredTensor($0, .tokenEmbedding) }
    let copy = inputs.draft.flatMap { StoredTensor($0, .tokenEmbedding) }
    let head = inputs.target.flatMap { StoredTensor($0, .outputHead) }
    var comparisons: [TensorComparison] = []
    let unlike = RowCount()
    if let original, let copy { comparisons.append(TensorComparison(original, copy, stopsAtFirstDifference: false, unlike: unlike)) }
    // What a draft says of its target's head is held against the head itself.
    if let index = inputs.draft?.copiedHead, let draft = inputs.draft, let head = head ?? original {
      let copied = StoredTensor(source: draft.source, index: index)
      let comparison = TensorComparison(head, copied, stopsAtFirstDifference: true)
      let meter = ProgressMeter(total: comparison.byteCount, report: nil)
      guard try comparison.run(threads: threads, cancellation: cancellation, meter: meter).isEqual else {
        throw GriffinError(
          .inconsistent, tensor: copied.descriptor.name,
          "the draft has an output head that is not its target's; drafts of kind \(draft.modelName) predict with the target's",
          hints: ["give the target that the draft was made for"])
      }
    }
    if let original, let head { comparisons.append(TensorComparison(original, head, stopsAtFirstDifference: true)) }
    let meter = ProgressMeter(total: comparisons.reduce(0) { $0 + $1.byteCount }, report: progress)

    var (embedding, tiesOutputHead): (EmbeddingRelation?, Bool) = (Sharing(unread: inputs).embedding, false)
    for comparison in comparisons {
      let relation = try comparison.run(threads: threads, cancellation: cancellation, meter: meter)
      if comparison.stopsAtFirstDifference {
        tiesOutputHead = relation.isEqual
      } else {
        embedding = relation
      }
    }
    self.embedding = embedding
    self.tiesOutputHead = tiesOutputHead
    unlikeRows = original.flatMap { original in copy.map { _ in UnlikeRows(count: unlike.value, of: max(original.descriptor.shape.rowCount, 1)) } }
  }
}

/// Rows that are not near each other, and rows in all.
struct UnlikeRows: Sendable, Hashable {
  let count: Int
  let of: Int
}

extension EmbeddingRelation {
  /// Whether both sides hold the same values.
  var isEqual: Bool { self == .identical || self == .converted }
}

extension StoredTensor {
  fileprivate init?(_ component: ConversionComponent, _ role: TensorRole) {
    guard let position = component.position(of: role) else { return nil }
    self.init(source: component.source, index: component.tensors[position].index)
  }
}
