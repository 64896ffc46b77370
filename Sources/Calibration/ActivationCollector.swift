public import ByteStorage
public import Checkpoints
public import LinearAlgebra
public import Models
internal import Quantization
public import SpeculativeDecoding

/// Runs a target, and its draft where there is one, over parts of text, and adds up the squares of what each of their matrices is
/// multiplied with.
///
/// The target reads each part from an empty cache. The draft reads it as if it had been decoded: fed the target's features, and
/// from its own features on in the trees that it drafts. What the target's head is given by the draft is left out.
///
/// ```swift
/// let collector = try ActivationCollector(target: target, draft: draft, compute: Compute(threads: 4))
/// for chunk in text.chunks(of: 512) { try collector.add(chunk) }
/// let importance = ImportanceMatrix(try collector.sums.means(file: "text.txt"))
/// ```
public final class ActivationCollector {
  /// Tokens from one drafted tree to the next, so that a draft of a usual size adds about a fifth to the target's work.
  public static let treeStride = 16

  /// Where a matrix's sums go.
  private struct Slot {
    let inputs: ColumnSquares
    /// The name that it has in an importance matrix.
    let entry: String
    /// Its number among those of one name.
    let expert: Int
  }

  /// The models at work.
  public let decoder: PairDecoder
  /// What all parts have given so far; matrices that nothing was multiplied with have counts of zero.
  public internal(set) var sums = ImportanceSums()
  /// Trees drafted.
  public internal(set) var treeCount = 0
  /// Tokens read.
  public internal(set) var tokenCount = 0
  private let target: ObservedSource
  private let draft: ObservedSource?
  private let slots: [Slot]
  private let settings: DecodeSettings

  /// - Throws: What making a `PairDecoder` throws.
  public init(target: TargetModel, draft: DraftModel?, compute: Compute) throws {
    let source = ObservedSource(target.tensors.source, watching: target.tensors.bindings.map(\.index))
    let draftSource = draft.map { ObservedSource($0.tensors.source, watching: $0.tensors.bindings.map(\.index)) }
    (self.target, self.draft) = (source, draftSource)
    var settings = DecodeSettings()
    if let draft { settings.depth = draft.kind.defaultDepth }
    self.settings = settings
    var slots = ActivationCollector.slots(target.tensors, source, prefix: "target/")
    if let draft, let draftSource { slots += ActivationCollector.slots(draft.tensors, draftSource, prefix: "draft/") }
    self.slots = slots
    decoder = try PairDecoder(target: target.read(from: source), draft: draftSource.map { draft?.read(from: $0) } ?? nil, compute: compute)
    for slot in slots {
      var entry = sums.entries[slot.entry] ?? ImportanceSums.Entry(sums: [], counts: [])
      let count = max(entry.counts.count, slot.expert + 1)
      entry.counts = [Float](repeating: 0, count: count)
      entry.sums = [Float](repeating: 0, count: count * slot.inputs.sums.count)
      sums.entries[slot.entry] = entry
    }
  }

  private static func slots(_ tensors: BoundTensors, _ source: ObservedSource, prefix: String) -> [Slot] {
    tensors.bindings.compactMap { binding in
      guard let inputs = source.inputs(of: binding.index) else { return nil }
      let name = ImportanceMatrix.common(prefix + binding.name)
      guard let (merged, expert) = ImportanceMatrix.mergedName(of: name) else { return Slot(inputs: inputs, entry: name, expert: 0) }
      return Slot(inputs: inputs, entry: merged, expert: expert)
    }
  }

  /// Reads one part of a text, of at least two tokens.
  ///
  /// Sums of a part are rounded before they join the others, so that what is added up depends on the parts alone, and a run that was
  /// interrupted between two of them goes on with the same bits.
  /// - Throws: `usage` for ids outside the vocabulary, `malformed` where an input is not finite, `interrupted`, and what the sources
  ///   throw; the part then counts for nothing.
  public func add(_ chunk: [Int], cancellation: Cancellation = Cancellation()) throws {
    for slot in slots { slot.inputs.clear() }
    target.record(true)
    defer {
      target.record(false)
      draft?.record(false)
    }
    try decoder.rehearseTarget(chunk)
    target.record(false)
    var trees = 0
    if let draft {
      draft.record(true)
      try decoder.rehearseDraft(chunk, treeEvery: ActivationCollector.treeStride, settings: settings, cancellation: cancellation) { _ in
        trees += 1
      }
    }
    for slot in slots {
      guard slot.inputs.sums.allSatisfy(\.isFinite) else {
        throw GriffinError(
          .malformed, tensor: slot.entry, "what the model multiplies this tensor with is not finite",
          hints: ["the weights hold values that are not finite, or the model's activations overflow"])
      }
    }
    for slot in slots where slot.inputs.count > 0 { take(slot) }
    sums.chunkCount += 1
    treeCount += trees
    tokenCount += chunk.count
  }

  private func take(_ slot: Slot) {
    guard var entry = sums.entries.removeValue(forKey: slot.entry) else { return }
    let start = slot.expert * slot.inputs.sums.count
    for (column, value) in slot.inputs.sums.enumerated() { entry.sums[start + column] += Float(value) }
    entry.counts[slot.expert] += Float(slot.inputs.count)
    sums.entries[slot.entry] = entry
  }
}
