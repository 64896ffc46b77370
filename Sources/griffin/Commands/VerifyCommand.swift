import ArgumentParser
import Bundles
import ByteStorage
import Conversion
import SpeculativeDecoding
import Verification

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that a bundle is whole and that its pair decodes as it should.",
    usage: "griffin verify <bundle> [<options>]",
    discussion: """
      Digests are checked first, always. Then every prompt is decoded greedily and speculatively: the two must be equal. A \
      trace adds what another implementation recorded: every tree and every accepted token.

      EXAMPLES:
        griffin verify pair.griffin
        griffin verify pair.griffin --trace trace.json
        griffin verify pair-q8_0.griffin --against Llama-2-7b-chat-hf \\
            --against-draft GRIFFIN-llama2-chat-7B
        griffin verify pair.griffin --temperature 0.8 --draws 20000
        griffin verify draft.griffin --target Llama-2-7b-chat-hf
        griffin verify pair.griffin --prompt "Tell me a story about a fox." \\
            --prompts question.jsonl
        griffin verify pair.griffin --tree auto
        griffin verify pair.griffin --html report.html
        griffin verify pair.griffin --prompts all.jsonl --shard 0/8 \\
            --record-shard part-0.json
        griffin verify pair.griffin --prompts all.jsonl --merge part-*.json
        griffin verify pair.griffin --integrity --public-key public.pem
        griffin verify pair.griffin --prompt-ids 1,450,7483 --max-new-tokens 64 \\
            --record mine.json
      """)

  @Argument(help: "The bundle, or one that griffin pack packed.")
  var bundle: String

  @Option(
    name: .long,
    help: ArgumentHelp("The target of a bundle that holds a draft alone: a checkpoint or another bundle.", valueName: "src|bundle"))
  var target: String?

  @Flag(name: .long, help: "Check digests and nothing else.")
  var integrity = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Check the signature in BUNDLE.sig (an Ed25519 key) or BUNDLE.oms.sig (P-256, P-384, P-521) against this key, beside everything else.",
      valueName: "file"))
  var publicKey: String?

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Hold the bundle against a decode trace.", valueName: "file"))
  var trace: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Measure misaligned tokens and, with --against, fidelity on this text.", valueName: "file"))
  var text: String?

  @Option(name: .long, help: ArgumentHelp("Write what was decoded as a trace.", valueName: "file"))
  var record: String?

  @OptionGroup var page: PageOption

  @OptionGroup var sharing: ShareOptions

  @Flag(name: .long, help: "Replace what --record, --record-shard and --html name.")
  var force = false

  @OptionGroup var prompting: PromptOptions
  @OptionGroup var comparison: ComparisonOptions
  @OptionGroup var decoding: DecodeOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    try refuseConflicts()
    if let publicKey, FileSystem.kind(of: bundle) == .folder { return try verifyFolder(publicKey) }
    let bundle = try ModelSource.bundle(path: bundle, options: SourcePlaces.options()) ?? ModelBundle.open(path: bundle)
    var request = VerificationRequest(settings: decoding.settings)
    request.integrityOnly = integrity
    if let publicKey { request.signature = try SignatureClaim(at: self.bundle, by: PublicKey(path: publicKey)) }
    request.usesDefaultDepth = self.decoding.depth == nil
    let tuned = try self.decoding.tunedTree(for: bundle)
    if let tuned {
      request.settings.tree = tuned.shape
      request.usesDefaultDepth = false
      try request.settings.validate()
    }
    request.target = try target.map { try ModelSource.target(path: $0, options: SourcePlaces.options()) }
    for path in trace { request.traces.append((path, try DecodeTrace(path: path))) }
    try prompting.apply(to: &request)
    if let text { request.plainTexts = [try PlainText.read(path: text)] }
    try comparison.apply(to: &request, sampling: decoding.sampling)
    try sharing.apply(to: &request)
    try refuseReplacing(bundle)
    // An output that cannot be written is said before the work, not after it.
    let output = try record.map { try OutputFile(path: $0, force: force) }
    let shareOutput = try sharing.recordShard.map { try OutputFile(path: $0, force: force) }
    let pageOutput = try page.output(force: force, inputs: [target, comparison.against, comparison.againstDraft])

    let more = comparison.untilDecided ? ", and longer where text has to be added" : ""
    let hashing = ProgressDisplay("checking digests") { Formatting.bytes($0) }
    let decoding = ProgressDisplay("decoding") { "\(Int($0)) tokens" }
    let diagnosing = ProgressDisplay("diagnosing over at most \(Verifier.diagnosisTokens) tokens") { "\(Int($0)) experiments" }
    let verifier = Verifier(bundle, threads: common.threadCount, cancellation: Interruption.cancellation) { progress in
      switch progress {
      case .integrity(let bytes, let total): hashing.update(done: Double(bytes), total: Double(total))
      case .forecast(let seconds, let diagnosis):
        let why = diagnosis > 0 ? ", \(ProgressDisplay.about(diagnosis)) of it to find out why little is accepted" : ""
        Console.note("verifying takes \(ProgressDisplay.about(seconds))\(why)\(more)")
      case .decoding(let tokens, let total, let left):
        decoding.update(done: Double(tokens), total: Double(total), secondsLeft: left)
      case .diagnosing(let experiment, let total): diagnosing.update(done: Double(experiment), total: Double(total))
      }
    }
    let report: VerificationReport
    do {
      defer {
        hashing.finish()
        decoding.finish()
        diagnosing.finish()
      }
      report = try verifier.run(request)
      // What was found of a file that changed meanwhile says nothing of either state.
      try OpenFiles.checkUnchanged()
    } catch let error where (error as? GriffinError)?.kind != .interrupted {
      try OpenFiles.checkUnchanged()
      throw error
    }
    if let output, !report.cases.isEmpty { try write(report, request, to: output) }
    // What of a damaged bundle was not decoded is no share.
    if let shareOutput, let record = report.record { try shareOutput.write(whole: record.document.encoded() + "\n") }
    let document = report.document
    if let pageOutput {
      try PageOption.write(
        to: pageOutput, path: self.bundle, bundle: bundle,
        inspection: BundleDescription(bundle).document(withTensors: true, day: DateOption.today), verification: document)
    }
    if common.json {
      Console.document(document)
    } else {
      Console.output(ReportText(report, bundle: self.bundle).text)
    }
    for warning in report.warnings + [tuned?.warning].compactMap(\.self) { Console.warning(warning) }
    guard report.isOK else { throw ExitStatus.mismatch }
  }

  /// Of a folder only its signature is checked.
  private func verifyFolder(_ key: String) throws {
    guard page.html == nil else { throw GriffinError(.usage, "--html draws what was found of a bundle; of a folder only its signature is checked") }
    guard case .model(let signature, let key) = try SignatureClaim(at: bundle, by: PublicKey(path: key)) else { return }
    let hashing = ProgressDisplay("hashing") { Formatting.bytes($0) }
    let objection: String?
    do {
      defer { hashing.finish() }
      objection = try signature.objection(
        as: key, to: bundle, threads: common.threadCount, cancellation: Interruption.cancellation,
        progress: { hashing.update(done: Double($0), total: Double($1)) })
    }
    var report = VerificationReport(digest: signature.digest.hexadecimal)
    report.checks = [
      VerificationReport.Check("signature", isOK: objection == nil, objection ?? SignatureClaim.model(signature, key).meaning)
    ]
    if common.json { Console.document(report.document) } else { Console.output(ReportText(report, bundle: bundle).text) }
    guard report.isOK else { throw ExitStatus.mismatch }
  }

  private func refuseConflicts() throws(GriffinError) {
    if integrity, !trace.isEmpty || !prompting.isEmpty || text != nil || record != nil || target != nil || comparison.against != nil {
      throw GriffinError(.usage, "--integrity checks digests only; it goes with no prompts, traces, --target or --record")
    }
    if !trace.isEmpty, let flag = (decoding.given + (decoding.treeOption.tree == nil ? [] : ["--tree"])).first {
      throw GriffinError(.usage, "\(flag) cannot be given with --trace; a trace brings its own tree, length and stop ids")
    }
    if record != nil, !trace.isEmpty {
      throw GriffinError(.usage, "--record writes what prompts decoded; it does not go with --trace")
    }
    if !trace.isEmpty, comparison.against != nil || decoding.sampling != nil {
      throw GriffinError(.usage, "--trace brings its own prompts; --against and --temperature go with prompts")
    }
    try decoding.settings.validate()
    try decoding.sampling?.validate()
  }

  /// A record or a page never takes the place of what it is made from.
  private func refuseReplacing(_ bundle: ModelBundle) throws(GriffinError) {
    let outputs = [("--record", record), ("--record-shard", sharing.recordShard), ("--html", page.html)]
    for (index, (flag, output)) in outputs.enumerated() {
      if let output, let other = outputs[..<index].first(where: { $0.1 == output }) {
        throw GriffinError(.usage, file: output, "\(other.0) and \(flag) name one file")
      }
      if let output { try refuseReplacing(bundle, flag, output) }
    }
  }

  private func refuseReplacing(_ bundle: ModelBundle, _ flag: String, _ output: String) throws(GriffinError) {
    var inputs = [bundle.file]
    for path in (trace + sharing.merge as [String?] + [prompting.prompts, prompting.promptFile, text, target, comparison.against, comparison.againstDraft]).compactMap(\.self)
    where FileSystem.kind(of: path) == .file { inputs.append(try InputFile(path: path)) }
    for file in inputs where file.isSameFile(as: output) || file.isSameFile(as: output + OutputFile.partialSuffix) {
      throw GriffinError(
        .usage, file: output, "\(flag) names an input (\(file.path))", hints: ["choose another output"])
    }
  }

  private func write(_ report: VerificationReport, _ request: VerificationRequest, to output: OutputFile) throws {
    let trace = DecodeTrace(
      producer: "griffin \(Version.number), reference decoder", settings: report.settings, results: report.cases)
    let text = trace.document.encoded(pretty: false) + "\n"
    try output.write(whole: text)
  }
}
