public import ByteStorage
public import Checkpoints
internal import LinearAlgebra
public import Models
internal import SpeculativeDecoding

/// From a pair and a text to an importance matrix in a file: what `griffin calibrate` does.
public struct CalibrationRun {
  public let target: TargetModel
  public let draft: DraftModel?
  public let text: CalibrationText
  /// Parts of the text that are read at most; nil reads all.
  public var chunkLimit: Int?
  /// Matrices whose sums are added.
  public var merged: [ImportanceFile] = []
  public var force = false
  /// Whether to continue what an earlier run left.
  public var resume = false
  public var threads = Workers.processorCount
  public var cancellation = Cancellation()
  /// Told of tokens read and tokens in all.
  public var progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }

  /// Seconds after which what was read is written down, in case the process is killed; an interrupt does so at once.
  private static let secondsBetweenStates = 60.0

  public init(target: TargetModel, draft: DraftModel?, text: CalibrationText) {
    (self.target, self.draft, self.text) = (target, draft, text)
  }

  /// Reads the text and writes the matrix. An interrupt leaves a partial file that a run with `resume` continues; an error leaves
  /// nothing.
  /// - Throws: `usage` for a text of less than two tokens and for ids outside the vocabulary; `inconsistent` for merged matrices of
  ///   another model; `exists`, `uncreatable`, `space` and `io` for the output; `interrupted`; what the sources throw.
  public func run(to path: String) throws -> CalibrationResult {
    let start = ContinuousClock.now
    let size = min(ImportanceSums.usualChunkSize, max(target.configuration.maximumPositions ?? .max, 2))
    let all = text.chunks(of: size)
    guard !all.isEmpty else {
      throw GriffinError(.usage, "the text has \(text.ids.count) tokens; calibration needs at least two", hints: ["give more text"])
    }
    let chunks = all.prefix(chunkLimit ?? all.count)
    let file = try OutputFile(path: path, force: force, leftover: resume ? .resume : force ? .replace : .refuseResumable)
    // What an earlier run left stays as it was until this one goes on with it.
    var isUnderWay = false
    do {
      let collector = try ActivationCollector(target: target, draft: draft, compute: Compute(threads: threads))
      try check(merged, against: collector.sums)
      let plan = try CalibrationPlan(target, draft, chunks: all)
      let (state, warning) = try CalibrationState.open(file, plan, collector: collector, force: force)
      try checkLength(collector, chunks.count, file)
      isUnderWay = true
      try read(chunks, collector, state)
      var sums = collector.sums
      sums.texts = [text.text]
      sums.chunkSize = size
      for matrix in merged { try sums.add(matrix.summands, file: matrix.file.path) }
      let bytes = try sums.encoded
      try OpenFiles.checkUnchanged()
      try file.write(whole: bytes.rawBytes)
      return CalibrationResult(
        output: path, digest: SHA256Digest(of: bytes.rawBytes), sums: sums, target: target, draft: draft, text: text,
        chunks: collector.sums.chunkCount, tokens: collector.tokenCount, trees: collector.treeCount,
        seconds: start.secondsSince, warnings: [warning].compactMap(\.self) + unseen(sums))
    } catch {
      let kind = (error as? GriffinError)?.kind
      let isKept = isUnderWay ? kind == .interrupted || kind == .space : file.isResumed
      if isKept { file.keep() } else { file.discard() }
      guard isUnderWay, kind == .interrupted, var interruption = error as? GriffinError else { throw error }
      interruption.hints.append("\(file.partialPath) is kept; the same command with --resume continues it")
      throw interruption
    }
  }

  private func read(_ chunks: ArraySlice<[Int]>, _ collector: ActivationCollector, _ start: CalibrationState) throws {
    var state = start
    let total = chunks.reduce(0) { $0 + $1.count }
    var (saved, savedCount) = (ContinuousClock.now, collector.sums.chunkCount)
    do {
      for chunk in chunks.dropFirst(collector.sums.chunkCount) {
        try cancellation.check()
        try collector.add(chunk, cancellation: cancellation)
        progress(collector.tokenCount, total)
        guard saved.secondsSince >= CalibrationRun.secondsBetweenStates else { continue }
        try state.save(collector)
        (saved, savedCount) = (.now, collector.sums.chunkCount)
      }
    } catch let error as GriffinError where error.kind == .interrupted {
      if collector.sums.chunkCount > savedCount { try state.save(collector) }
      throw error
    }
  }

  /// - Throws: `exists` where a partial file has more of the text than is asked for.
  private func checkLength(_ collector: ActivationCollector, _ wanted: Int, _ file: OutputFile) throws(GriffinError) {
    let count = collector.sums.chunkCount
    guard count > wanted else { return }
    throw GriffinError(
      .exists, file: file.partialPath, "the partial file has \(count) parts of the text already, and \(wanted) are asked for",
      hints: ["give --chunks \(count) or more, or --force without --resume to start again"])
  }

  /// - Throws: `inconsistent` where a matrix has entries of another width than the models' tensors.
  private func check(_ matrices: [ImportanceFile], against sums: ImportanceSums) throws(GriffinError) {
    for matrix in matrices {
      var probe = sums
      try probe.add(matrix.summands, file: matrix.file.path)
    }
  }

  /// A line on experts and other matrices that no token reached.
  private func unseen(_ sums: ImportanceSums) -> [String] {
    let names = sums.entries.filter { $0.value.counts.contains(0) && $0.key.contains("{expert}") }.keys.sorted()
    guard let first = names.first else { return [] }
    return ["\(names.count) tensors have experts that no token chose, such as \(first); their columns count the same; give more text".printable]
  }
}
