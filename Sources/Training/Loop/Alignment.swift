public import ByteStorage
public import LinearAlgebra
public import Models
internal import SpeculativeDecoding
public import Statistics

/// Trains a draft on its target as it is stored, and judges the result on prompts that it did not learn from.
///
/// ```swift
/// let alignment = Alignment(target: target, draft: draft, isNew: false, data: data, options: options, stopTokens: [], compute: Compute(threads: 2))
/// let outcome = try alignment.run(in: folder)
/// print(outcome.before, outcome.after, outcome.isGain)
/// ```
public struct Alignment {
  /// What a run is busy with.
  public enum Phase: String, Sendable, Hashable {
    /// The draft is held against itself on the target that it was made for.
    case comparing
    /// The target writes answers, and its features are kept.
    case answering
    /// Steps.
    case learning
    /// Acceptance is measured.
    case measuring
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// The draft in the best state, as it is stored.
    public let draft: DraftModel
    /// Acceptance lengths on the test prompts.
    public let before, after: Double
    /// Of their difference, paired by place of the text.
    public let interval: Interval
    /// Tokens that were decoded for each.
    public let measuredTokens: Int
    /// Acceptance on the validation prompts by steps.
    public let curve: [(step: Int, length: Double)]
    /// What each step's batch lost before it.
    public let losses: [Double]
    public let bestStep: Int
    public let steps: Int
    public let trainedTokens: Int
    /// What was lost before, where the target that the draft was made for is at hand.
    public let loss: Loss?

    /// Whether the interval lies above zero.
    public var isGain: Bool { interval.low > 0 }
  }

  let target: TargetModel
  let draft: DraftModel
  private let isNew: Bool
  let original: TargetModel?
  private let trainsUnlost: Bool
  let data: AlignmentData
  let options: TrainingSettings
  private let stopTokens: Set<Int>
  let compute: Compute
  let cancellation: Cancellation
  let progress: (Phase, Int, Int) -> Void

  /// Steps after which the state is kept, measurements apart.
  private static let stepsKept = 64

  /// - Parameters:
  ///   - isNew: Whether the draft begins from nothing, so that what it is held against is decoding without one.
  ///   - original: The target that the draft was made for: where it accepted no more, nothing is trained.
  ///   - trainsUnlost: Whether something is, all the same.
  ///   - progress: Told what is done and of how much.
  public init(
    target: TargetModel, draft: DraftModel, isNew: Bool, original: TargetModel? = nil, trainsUnlost: Bool = false, data: AlignmentData,
    options: TrainingSettings, stopTokens: Set<Int>, compute: Compute, cancellation: Cancellation = Cancellation(),
    progress: @escaping (Phase, Int, Int) -> Void = { _, _, _ in }
  ) {
    (self.target, self.draft, self.isNew, self.data, self.options) = (target, draft, isNew, data, options)
    (self.original, self.trainsUnlost) = (original, trainsUnlost)
    (self.stopTokens, self.compute, self.cancellation, self.progress) = (stopTokens, compute, cancellation, progress)
  }

  /// - Parameter folder: Where features and state are kept; what it holds is gone on from.
  /// - Throws: `usage` for options out of range; `unsupported` where the draft cannot be trained or stored again; `inconsistent` where
  ///   training diverged; `malformed` where what the folder holds is damaged; `interrupted`, `space`, `io`.
  public func run(in folder: WorkFolder) throws -> Outcome {
    try options.validate()
    let stored = TrainedDraft(original: draft)
    try stored.check()
    let loss = try loss()
    if let loss, leavesDraft(after: loss) { return Outcome(draft, loss) }
    let trainable = try TrainableDrafts.make(draft, target: target, compute: compute)
    let taps = try draft.configuration.eagle3?.tappedLayers(ofTarget: target.configuration.layerCount) ?? []
    let rows = try shardWriter().run(folder, taps: taps)
    let plan = TrainingPlan(rows: rows, epochs: options.epochs, batchRows: options.batchRows, seed: options.seed)
    guard !plan.steps.isEmpty else {
      throw GriffinError(.usage, "there is nothing to learn from: no answer has three tokens", hints: ["give more or longer prompts or texts"])
    }
    let state = try train(trainable, stored, plan, folder, taps: taps, loss)
    let result = try stored.model(state.bestValues(of: trainable.parameters))
    return try judged(result, state: state, rows: rows, loss)
  }

  func shardWriter() -> ShardWriter {
    ShardWriter(
      target: target, draft: isNew ? nil : draft, data: data, options: options, stopTokens: stopTokens, compute: compute,
      cancellation: cancellation
    ) { progress(.answering, $0, options.tokens) }
  }

  func shard(_ folder: WorkFolder, _ index: Int, taps: [Int]) throws(GriffinError) -> FeatureShard {
    let configuration = target.configuration
    return try FeatureShard(
      path: folder.shard(index), width: (1 + taps.count) * configuration.hiddenSize, hidden: configuration.hiddenSize,
      vocabularySize: configuration.vocabularySize)
  }

  /// Holds a draft against what there was, on the test prompts.
  /// - Parameter rows: For each shard, the rows of its texts.
  func judged(_ result: DraftModel, state: TrainingState, rows: [[Int]], _ loss: Loss?) throws -> Outcome {
    let after = try measure(result, on: data.test)
    let before = isNew ? Acceptance.withoutDraft(after.lengths) : try loss?.test ?? measure(draft, on: data.test)
    return Outcome(
      draft: result, before: before.length, after: after.length, interval: Acceptance.difference(after, before), measuredTokens: after.tokenCount,
      curve: state.curve, losses: state.losses, bestStep: state.bestStep, steps: state.step,
      trainedTokens: rows.joined().reduce(0) { $0 + $1 + 2 }, loss: loss)
  }

  /// Whether so little was lost that the draft stays as it is.
  func leavesDraft(after loss: Loss) -> Bool { !loss.isLoss && !trainsUnlost }

  private func train(
    _ trainable: any TrainableDraft, _ stored: TrainedDraft, _ plan: TrainingPlan, _ folder: WorkFolder, taps: [Int], _ loss: Loss?
  ) throws -> TrainingState {
    let trainer = DraftTrainer(trainable, objective: options.objective, clipping: options.clipping, compute: compute)
    if !options.usesFusion { trainer.frozen = [.fusion(.postNorm), .fusion(.inputNorm), .fusion(.up), .fusion(.down)] }
    var state = TrainingState()
    if FileSystem.kind(of: folder.state) == .file {
      state = try TrainingState(path: folder.state, into: trainer.optimiser)
    } else {
      state.keepBest(trainable.parameters)
      state.bestLength = isNew ? 0 : try (loss?.validation ?? measure(draft, on: data.validation)).length
      state.curve = [(0, state.bestLength)]
    }
    let count = plan.steps.count
    let rate = LearningRate(peak: options.learningRate, warmUp: max(1, count / 20), steps: count)
    let interval = max(1, (count + options.evaluations - 1) / options.evaluations)
    var loaded: (index: Int, shard: FeatureShard)?
    while state.step < count, !state.isFinished {
      try cancellation.check()
      let step = plan.steps[state.step]
      if loaded?.index != step.shard {
        loaded = (step.shard, try shard(folder, step.shard, taps: taps))
      }
      guard let samples = loaded.map({ loaded in step.texts.map { loaded.shard.samples[$0] } }) else { break }
      var generator = SplitMix64(seed: options.seed &+ UInt64(state.step) &* 0x9E37_79B9_7F4A_7C15)
      let batch = TrainingBatch(samples, width: target.configuration.hiddenSize, noise: options.noise, generator: &generator)
      let report = try trainer.step(batch, rate: rate.rate(at: state.step))
      guard report.total.isFinite else {
        throw GriffinError(.inconsistent, "training diverged: the loss is no number after step \(state.step)", hints: ["try a smaller --learning-rate"])
      }
      state.step += 1
      state.losses.append(report.total)
      progress(.learning, state.step, count)
      if state.step % interval == 0 || state.step == count { try evaluate(&state, trainable, stored) }
      if state.step % interval == 0 || state.step % Alignment.stepsKept == 0 { try state.write(to: folder.state, trainer.optimiser) }
    }
    return state
  }

  /// Measures the state at hand, and keeps it where it is the best.
  private func evaluate(_ state: inout TrainingState, _ trainable: any TrainableDraft, _ stored: TrainedDraft) throws {
    let length = try measure(try stored.model(trainable.values), on: data.validation).length
    state.curve.append((state.step, length))
    if length > state.bestLength {
      (state.bestLength, state.bestStep, state.fruitless) = (length, state.step, 0)
      state.keepBest(trainable.parameters)
    } else {
      state.fruitless += 1
      state.isFinished = state.fruitless >= options.patience
    }
  }

  private func measure(_ draft: DraftModel, on prompts: [[Int]]) throws -> Acceptance {
    progress(.measuring, 0, 1)
    return try Acceptance.measure(draft, of: target, on: prompts, settings: settings(draft), compute: compute, cancellation: cancellation)
  }

  func settings(_ draft: DraftModel) -> DecodeSettings {
    DecodeSettings(depth: draft.kind.defaultDepth, maxNewTokens: options.answerTokens, stopTokens: stopTokens)
  }
}
