import ArgumentParser
import Bundles
import ByteStorage
import Conversion
import LinearAlgebra
import Models
import Training
import Verification

struct Align: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a draft on its target as it is stored.",
    usage: "griffin align <bundle> -o <out> [<options>]\ngriffin align --init griffin --target <src> -o <out> [<options>]",
    discussion: """
      The target answers prompts, the draft learns from its answers, and the result is written only if it is better on prompts that \
      were held out: the interval of the difference in acceptance length lies above zero. Else nothing is written and the exit \
      code is 1. With --against the draft is first held against itself on the target that it was made for: where it lost nothing, \
      that is said, and nothing is trained or written. Answers, features and the state of training are kept in OUT.align until the end.

      EXAMPLES:
        griffin align pair-q3_k_s.griffin -o aligned.griffin
        griffin align pair-q3_k_s.griffin -o aligned.griffin --prompts chats.jsonl \\
            --tokens 200000 --epochs 3
        griffin align pair-q3_k_s.griffin -o aligned.griffin --resume
        griffin align pair-q3_k_s.griffin -o aligned.griffin \\
            --against Llama-3.1-8B-Instruct
        griffin align pair-q3_k_s.griffin -o aligned.griffin --method ridge \\
            --against Llama-3.1-8B-Instruct
        griffin align --init griffin --target SmolLM2-135M-Instruct -o pair.griffin \\
            --text corpus.txt --tokens 1000000
      """)

  @Argument(help: "The bundle whose draft is trained.")
  var bundle: String?

  @OptionGroup var training: TrainingOptions
  @OptionGroup var data: TrainingData
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if training.initialise == nil {
      guard bundle != nil else { throw ValidationError("give a bundle, or --init with --target") }
      if training.target != nil { throw ValidationError("--target names the target of a new draft; it goes with --init") }
      if training.against == nil, training.method == .ridge {
        throw ValidationError("--method ridge needs --against: the target that the draft was made for")
      }
      if training.noFusion { throw ValidationError("--no-fusion leaves a part of a new draft out; it goes with --init") }
    } else if training.method == .ridge || training.against != nil {
      throw ValidationError("--method ridge and --against are for a draft that is there; they do not go with --init")
    } else if bundle != nil || training.target == nil {
      throw ValidationError("--init makes a new draft for the target that --target names, and takes no bundle")
    }
  }

  func run() throws {
    let subject = try AlignmentSubject(self)
    var options = TrainingSettings(
      kind: subject.draft.kind.name, width: subject.draft.configuration.hiddenSize, isNew: training.initialise != nil)
    try training.apply(to: &options)
    let processing = TextProcessing(try subject.textFiles(), format: data.prompting.format, file: subject.label)
    for warning in subject.warnings { Console.warning(warning) }
    let items = try data.items(processing, subject.target.configuration, file: subject.label)
    let given = AlignmentData(data.kind, items, seed: options.seed, heldOut: options.heldOut)
    let memory = try training.memoryByteCount()
    try checkOutput()
    let identity = AlignmentReport.identity(subject, options, items, kind: data.kind, method: training.method.rawValue)
    let folder = try WorkFolder(for: training.output, identity: identity, resume: training.resume, force: training.force)
    do {
      let outcome = try align(subject, given, options, processing, folder)
      try OpenFiles.checkUnchanged()
      let isWritten = outcome.isGain || training.allowNoGain
      let report = AlignmentReport(outcome, isWritten: isWritten, output: training.output, identity: identity)
      let result = try isWritten ? write(subject, outcome, report, memory) : nil
      if training.keepWork { folder.keep() } else { folder.remove() }
      if common.json { Console.document(report.document(digest: result?.digest, warnings: subject.warnings)) } else { Console.output(report.text) }
      guard outcome.isGain || training.allowNoGain else { throw ExitStatus.mismatch }
    } catch {
      throw leave(folder, after: error)
    }
  }

  private func checkOutput() throws(GriffinError) {
    try InputGuard.check(output: training.output, inputs: [data.text, data.prompting.prompts, data.prompting.promptFile, training.against])
    guard !training.force else { return }
    if FileSystem.entry(at: training.output) != nil {
      throw GriffinError(.exists, file: training.output, "the output is already there", hints: ["--force replaces it"])
    }
    let partial = training.output + OutputFile.partialSuffix
    if FileSystem.entry(at: partial) != nil, !training.resume {
      throw GriffinError(
        .exists, file: partial, "a run that did not finish left this file", hints: ["--resume continues the run", "--force starts again from nothing"])
    }
  }

  private func align(
    _ subject: AlignmentSubject, _ given: AlignmentData, _ options: TrainingSettings, _ processing: TextProcessing, _ folder: WorkFolder
  ) throws -> Alignment.Outcome {
    let comparing = ProgressDisplay("decoding with the target of --against and with the bundle's") { "\(Int($0)) prompts" }
    let answering = ProgressDisplay("reading what the target says") { "\(Int($0)) tokens" }
    let learning = ProgressDisplay("training") { "\(Int($0)) steps" }
    defer {
      comparing.finish()
      answering.finish()
      learning.finish()
    }
    let alignment = Alignment(
      target: subject.target, draft: subject.draft, isNew: training.initialise != nil, original: subject.original,
      trainsUnlost: training.allowNoGain, data: given, options: options, stopTokens: subject.target.stopTokens(processing),
      compute: Compute(threads: common.threadCount), cancellation: Interruption.cancellation
    ) { phase, done, total in
      switch phase {
      case .comparing: comparing.update(done: Double(done), total: Double(total))
      case .answering:
        comparing.finish()
        answering.update(done: Double(done), total: Double(total))
      case .learning:
        answering.finish()
        learning.update(done: Double(done), total: Double(total))
      case .measuring: break
      }
    }
    switch training.method {
    case .train: return try alignment.run(in: folder)
    case .ridge: return try alignment.ridge(in: folder)
    }
  }

  private func write(
    _ subject: AlignmentSubject, _ outcome: Alignment.Outcome, _ report: AlignmentReport, _ memory: Int
  ) throws -> ConversionResult {
    let writing = ProgressDisplay("writing") { Formatting.bytes($0) }
    defer { writing.finish() }
    // What a run that was killed while it wrote has left is written anew: nothing tells whose weights are in it.
    let run = ConversionRun(
      try subject.inputs(outcome.draft, remark: report.remark), output: training.output, force: training.force || training.resume,
      threads: common.threadCount, memoryByteCount: memory, cancellation: Interruption.cancellation
    ) { _, done, total in writing.update(done: Double(done), total: Double(total)) }
    return try run.run().result
  }

  /// Keeps the folder where there is something to go on from, and says so.
  private func leave(_ folder: WorkFolder, after error: any Error) -> any Error {
    guard var error = error as? GriffinError else {
      if !(error is ExitStatus) { folder.remove() }
      return error
    }
    guard [.interrupted, .space, .malformed].contains(error.kind) else {
      folder.remove()
      return error
    }
    folder.keep()
    guard error.kind != .malformed else { return error }
    error.hints.append("\(folder.path) is kept; the same command with --resume goes on from it")
    return error
  }
}
