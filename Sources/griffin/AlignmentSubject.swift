import Bundles
import ByteStorage
import Checkpoints
import Conversion
import Models
import Tensors
import Training

/// What `align` trains: the draft of a bundle, or a new one for a target wherever that is.
struct AlignmentSubject {
  let target: TargetModel
  let draft: DraftModel
  /// The target that the draft was made for, where it was named.
  let original: TargetModel?
  /// Named where something is wrong with it.
  let label: String
  let warnings: [String]
  let textFiles: () throws(GriffinError) -> TextFiles?
  /// What the result follows from, beside options and prompts.
  let origin: JSONValue
  private let bundle: ModelBundle?
  private let sources: ConversionSources?

  init(_ command: Align) throws {
    let training = command.training
    if let kind = training.initialise, let path = training.target {
      let options = SourcePlaces.options(output: training.output)
      let sources = try ConversionSources(target: path, draft: nil, options: options)
      let found = try ModelSource.target(path: path, options: options)
      (target, label, warnings) = (found.model, path, sources.warnings)
      textFiles = found.textFiles
      draft = try NewDraft.make(kind, for: target, seed: training.seed, usesFusion: !training.noFusion)
      origin = ["target": .string(try AlignmentSubject.fingerprint(target)), "init": .string(kind)]
      (bundle, self.sources, original) = (nil, sources, nil)
      try sources.inputs().checkOutput(path: training.output)
      return
    }
    let path = command.bundle ?? ""
    let bundle = try ModelBundle.open(path: path)
    guard let target = try bundle.targetModel(), let draft = try bundle.draftModel() else {
      throw GriffinError(.usage, file: path, "the bundle holds one half of a pair; a draft is trained on its target")
    }
    _ = try ModelPair.ifBoth(target, draft, file: path)
    (self.target, self.draft, label, warnings) = (target, draft, path, target.warnings + draft.warnings)
    textFiles = { () throws(GriffinError) in try bundle.textFiles() }
    original = try training.against.map { try AlignmentSubject.original(at: $0, of: target, options: SourcePlaces.options(output: training.output)) }
    var origin: JSONObject = ["bundle": .string(bundle.digest.hexadecimal)]
    if let original { origin["against"] = .string(try AlignmentSubject.fingerprint(original)) }
    self.origin = .object(origin)
    (self.bundle, sources) = (bundle, nil)
    try ConversionSources(bundle: bundle, selections: ConversionSources.Selections()).inputs().checkOutput(path: training.output)
  }

  /// What goes into the bundle to write.
  func inputs(_ draft: DraftModel, remark: JSONValue) throws(GriffinError) -> ConversionInputs {
    if let bundle { return try AlignedBundle.inputs(bundle, draft: draft, remark: remark) }
    guard let sources else { preconditionFailure("a bundle or a target") }
    return try AlignedBundle.inputs(target: sources, draft: draft, remark: remark)
  }

  private static func original(at path: String, of target: TargetModel, options: SourceOptions) throws(GriffinError) -> TargetModel {
    let original = try ModelSource.target(path: path, options: options).model
    do throws(GriffinError) {
      try Alignment.check(original, asTheOriginalOf: target)
    } catch {
      throw error.located(file: path)
    }
    return original
  }

  /// SHA-256 over a target's tensors, as they are named and stored.
  private static func fingerprint(_ target: TargetModel) throws -> String {
    var hasher = SHA256Hasher()
    for binding in target.tensors.bindings {
      let tensor = target.tensors.source.tensors[binding.index]
      let line = "\(binding.name) \(tensor.type) \(tensor.shape)\n"
      hasher.update(line.rawBytes)
      try target.tensors.source.withBytes(of: binding.index) { hasher.update($0) }
    }
    return hasher.finalize().hexadecimal
  }
}
