import ArgumentParser
import ByteStorage
import Conversion
import Training

/// How `align` trains, and what becomes of the result.
struct TrainingOptions: ParsableArguments {
  enum Method: String, ExpressibleByArgument, CaseIterable {
    case train, ridge
  }

  @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "out.griffin"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("train takes steps; ridge maps the target's states to those of --against in one.", valueName: "train|ridge"))
  var method = Method.train

  @Option(name: .long, help: ArgumentHelp("The target that the draft was made for: nothing is trained where nothing was lost.", valueName: "src"))
  var against: String?

  @Option(
    name: .customLong("init"), help: ArgumentHelp("Make a new draft of this kind, griffin or eagle, for --target.", valueName: "kind"))
  var initialise: String?

  @Option(name: .long, help: ArgumentHelp("The target of a new draft: a bundle, or a checkpoint as convert takes it.", valueName: "src"))
  var target: String?

  @Option(name: .long, help: ArgumentHelp("Tokens to learn from, at most (default: 65536).", valueName: "n"))
  var tokens: Int?

  @Option(name: .long, help: ArgumentHelp("Draft passes in a row (default: 2, for a new draft 3).", valueName: "n"))
  var passes: Int?

  @Option(name: .long, help: ArgumentHelp("Best tokens among which a text's own has to be to count in the next pass (default: 3).", valueName: "n"))
  var topK: Int?

  @Option(name: .long, help: ArgumentHelp("The largest learning rate (default: by the draft's width).", valueName: "x"))
  var learningRate: Double?

  @Option(name: .long, help: ArgumentHelp("Times that every text is learned from (default: 2, for a new draft 4).", valueName: "n"))
  var epochs: Int?

  @Option(name: .long, help: ArgumentHelp("Rows of a step (default: 1024).", valueName: "n"))
  var batchRows: Int?

  @Option(name: .long, help: ArgumentHelp("New tokens of an answer (default: 128).", valueName: "n"))
  var maxNewTokens: Int?

  @Option(
    name: .long, help: ArgumentHelp("Prompts that choose the best state; as many judge it (default: a fifth of them, at most 24).", valueName: "n"))
  var heldOut: Int?

  @Option(name: .long, help: ArgumentHelp("Measurements of acceptance on the way, of which the best is kept (default: 8).", valueName: "n"))
  var evaluations: Int?

  @Option(name: .long, help: ArgumentHelp("Where the generator of draws starts (SplitMix64).", valueName: "n"))
  var seed: UInt64 = 0

  @Flag(name: .long, help: "Let every row count in every pass, aligned or not.")
  var noMask = false

  @Flag(name: .long, help: "Leave Token-Guided Fusion out of a new draft.")
  var noFusion = false

  @Flag(name: .long, help: "Train where nothing was lost, and write the result even where it is not better.")
  var allowNoGain = false

  @Flag(name: .long, help: "Continue a run of the same command that did not finish. With --force, start again where it cannot be continued.")
  var resume = false

  @Flag(name: .long, help: "Leave answers and features in OUT.align, for scripts/align.py.")
  var keepWork = false

  @Flag(name: .long, help: "Replace the output, and what a run that did not finish left.")
  var force = false

  @Option(name: .long, help: ArgumentHelp("Memory that writing the bundle may take, such as 512MiB.", valueName: "size"))
  var memory: String?

  func apply(to options: inout TrainingSettings) throws(GriffinError) {
    if let tokens { options.tokens = tokens }
    if let passes { options.objective.passes = passes }
    if let topK { options.objective.alignedCount = topK }
    if let learningRate { options.learningRate = Float(learningRate) }
    if let epochs { options.epochs = epochs }
    if let batchRows { options.batchRows = batchRows }
    if let maxNewTokens { options.answerTokens = maxNewTokens }
    if let heldOut { options.heldOut = heldOut }
    if let evaluations { options.evaluations = evaluations }
    options.seed = seed
    options.objective.masksMisaligned = !noMask
    options.usesFusion = !noFusion
    try options.validate()
  }

  func memoryByteCount() throws(GriffinError) -> Int { try ByteSize.memory(memory) }
}
