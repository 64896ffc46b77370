internal import Bundles
package import ByteStorage
internal import Checkpoints
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding
internal import Tensors

/// An export, read back as its runtime reads it, and held against the bundle.
package struct ExportCheck: Sendable {
  /// Whether plain decoding gives the bundle's ids on every prompt; nil where there is no target to decode with.
  package let idsAreEqual: Bool?
  /// The largest difference of a logit of the target after a prompt, and of the draft's first pass; nil as above.
  package let largestDifference: Double?
  /// What the runtime would not read as it stands.
  package let findings: [LoaderFinding]

  private static let promptCount = 3
  private static let tokenCount = 16

  /// Where the halves of an export are; nil for one that was not exported, or that is not read back.
  package struct Places: Sendable {
    let target: String?
    let draft: String?

    package init(target: String?, draft: String?) { (self.target, self.draft) = (target, draft) }

    /// Those of what a plan wrote at a path.
    init(_ plan: ExportPlan, at path: String, _ request: ExportRequest) {
      switch plan.layout {
      case .folder:
        target = request.exportedTarget == nil ? nil : FileSystem.path(path, Component.target.rawValue)
        draft = request.exportedDraft == nil ? nil : FileSystem.path(path, Component.draft.rawValue)
      case .files:
        // The target's come first; of a split its first part leads to the others.
        let count = request.exportedTarget == nil ? 0 : plan.files.count - plan.draftFileCount
        target = count == 0 ? nil : plan.files.first.map { plan.path(of: $0, output: path) }
        draft = plan.draftFileCount == 0 ? nil : plan.path(of: plan.files[count], output: path)
      }
    }
  }

  /// - Parameters:
  ///   - request: What was exported.
  ///   - places: Where it is.
  ///   - runtime: Whose loader is modelled; nil for readers that take the files as they stand.
  ///   - progress: Told of prompts done and in all.
  /// - Throws: `inconsistent` where the runtime would lose something in silence; what reading the export throws.
  package init(
    _ request: ExportRequest, at places: Places, runtime: Runtime?, threads: Int, cancellation: Cancellation,
    progress: ProgressMeter.Report? = nil
  ) throws {
    findings = try ExportCheck.findings(places, runtime, request)
    guard let original = request.target, (places.target ?? places.draft) != nil else {
      if let path = places.draft { _ = try ExportCheck.draft(path, runtime) }
      (idsAreEqual, largestDifference) = (nil, nil)
      return
    }
    let target = try places.target.map { try Checkpoint.open(path: $0).targetModel() } ?? original
    try ExportCheck.requireSameSizes(original, target, places)
    let draft = try places.draft.map { try ExportCheck.draft($0, runtime) }
    let compute = Compute(threads: threads)
    let ours = try PairDecoder(target: original, draft: draft == nil ? nil : request.draft, compute: compute)
    let theirs = try PairDecoder(target: target, draft: draft, compute: compute)
    let configuration = original.configuration
    let prompts = DrawnPrompts.draw(
      count: ExportCheck.promptCount, vocabularySize: configuration.vocabularySize,
      beginToken: configuration.beginTokens.first { (0..<configuration.vocabularySize).contains($0) })
    var settings = DecodeSettings()
    settings.maxNewTokens = ExportCheck.tokenCount
    var (isEqual, largest) = (true, 0.0)
    for (index, prompt) in prompts.enumerated() {
      for decoder in [ours, theirs] { try decoder.prepare(prompt: prompt, cancellation: cancellation) }
      largest = max(largest, ExportCheck.difference(ours.promptLogits, theirs.promptLogits))
      let plain = try [ours, theirs].map { try $0.decodePlainly(settings, cancellation: cancellation).ids }
      isEqual = isEqual && plain[0] == plain[1]
      if draft != nil { largest = max(largest, ExportCheck.difference(try ours.firstDraftLogits(), try theirs.firstDraftLogits())) }
      progress?(index + 1, prompts.count)
    }
    (idsAreEqual, largestDifference) = (isEqual, largest)
  }

  /// The contract's `check`.
  package var document: JSONValue {
    .object([
      "ids_equal": idsAreEqual.map { .bool($0) } ?? .null, "max_logit_difference": largestDifference.map { .number($0) } ?? .null,
      "lost": .array([]), "notes": .array(findings.map(\.document)),
    ])
  }

  /// Reads an export back, wherever its format puts the halves.
  package static func run(
    _ request: ExportRequest, _ format: ExportFormat, _ plan: ExportPlan, at path: String, threads: Int, cancellation: Cancellation,
    progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) -> ExportCheck {
    do {
      return try ExportCheck(
        request, at: Places(plan, at: path, request), runtime: format.runtime, threads: threads, cancellation: cancellation,
        progress: progress)
    } catch let error as GriffinError {
      throw error
    } catch {
      throw GriffinError(.io, file: path, "reading it back failed: \(error)")
    }
  }

  /// What the runtime's loader would say of the draft, or leave unsaid.
  private static func findings(_ places: Places, _ runtime: Runtime?, _ request: ExportRequest) throws(GriffinError) -> [LoaderFinding] {
    guard let runtime, let path = places.draft else { return [] }
    let checkpoint = try Checkpoint.open(path: path)
    let verdict = runtime.verdict(on: try DraftFolder(checkpoint, target: request.target?.configuration))
    let losses = verdict.findings.filter(\.isLoss)
    guard let first = losses.first else { return verdict.findings }
    throw GriffinError(
      .inconsistent, file: path, tensor: first.subject,
      "\(runtime.title) would not read the draft as it is: \(first.text)",
      hints: losses.dropFirst().map { "\($0.subject): \($0.text)" } + ["--no-check writes it all the same"])
  }

  /// The draft as the runtime would hold it.
  private static func draft(_ path: String, _ runtime: Runtime?) throws(GriffinError) -> DraftModel {
    let checkpoint = try Checkpoint.open(path: path)
    guard let runtime else { return try checkpoint.draftModel() }
    let document = try ConfigDocument(checkpoint.config, file: checkpoint.configPath)
    let reader = document.object["draft_vocab_size"] == nil ? runtime.eagle : runtime.eagle3
    guard let reader else { return try checkpoint.draftModel() }
    let absent = reader.absentTensors
    let held = checkpoint.source.tensors.enumerated().filter { !absent.contains($0.element.name) }
    return try DraftModel.recognise(
      SlicedSource(held.map { SlicedSource.Slice(descriptor: $0.element, index: $0.offset) }, of: checkpoint.source),
      config: ConfigDocument(.object(reader.seen(document.object)), file: document.file))
  }

  /// - Throws: `inconsistent` where what was read back is another model by its sizes.
  private static func requireSameSizes(_ original: TargetModel, _ target: TargetModel, _ places: Places) throws(GriffinError) {
    let (mine, theirs) = (original.configuration, target.configuration)
    guard mine.vocabularySize == theirs.vocabularySize, mine.hiddenSize == theirs.hiddenSize, mine.layerCount == theirs.layerCount else {
      throw GriffinError(.inconsistent, file: places.target, "read back, the target has other sizes than in the bundle")
    }
  }

  private static func difference(_ left: [Float], _ right: [Float]) -> Double {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
  }
}

extension DraftReader {
  /// Tensors of the file that are not in the runtime's memory.
  var absentTensors: Set<String> {
    Set(exceptions.compactMap { exception in
      switch exception.rule {
      case .dropped, .replaced: exception.name
      case .needed, .refused, .required: nil
      }
    })
  }

  /// The configuration without what the runtime does not look at.
  func seen(_ config: JSONObject) -> JSONObject {
    let key = "eagle_aux_hidden_state_layer_ids"
    var seen = config
    switch taps {
    case .topLevel: seen["eagle_config"] = nil
    case .nested, .told: seen[key] = nil
    case .standard: (seen[key], seen["eagle_config"]) = (nil, nil)
    }
    if !readsResidualNorm { seen["norm_before_residual"] = nil }
    return seen
  }
}
