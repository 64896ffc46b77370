public import Bundles
public import ByteStorage
public import Checkpoints
public import Models
internal import Packing

/// A model wherever it is: packed in a bundle, or in the checkpoint it was released in.
///
/// Whoever decodes it cannot tell which, since both are a `TensorSource`.
public enum ModelSource {
  /// A target, and the bundle that it is in, if it is in one.
  public struct Target: Sendable {
    public let model: TargetModel
    public let bundle: ModelBundle?
    /// What the user should know and no error says.
    public let warnings: [String]
    /// Reads its tokenizer and template; nil where there are no files to read.
    public let textFiles: @Sendable () throws(GriffinError) -> TextFiles?

    public init(
      model: TargetModel, bundle: ModelBundle?, warnings: [String],
      textFiles: @escaping @Sendable () throws(GriffinError) -> TextFiles? = { () throws(GriffinError) in nil }
    ) {
      (self.model, self.bundle, self.warnings, self.textFiles) = (model, bundle, warnings, textFiles)
    }
  }

  /// A target and, where there is one, its draft.
  public struct Pair: Sendable {
    public let target: TargetModel
    public let draft: DraftModel?
    /// What the user should know and no error says.
    public let warnings: [String]
    /// Reads the target's tokenizer and template; nil where there are no files to read.
    public let textFiles: @Sendable () throws(GriffinError) -> TextFiles?

    /// - Throws: `inconsistent` where the two do not fit.
    public init(
      target: TargetModel, draft: DraftModel?, warnings: [String] = [],
      textFiles: @escaping @Sendable () throws(GriffinError) -> TextFiles? = { () throws(GriffinError) in nil }
    ) throws(GriffinError) {
      _ = try ModelPair.ifBoth(target, draft, file: nil)
      (self.target, self.draft, self.warnings, self.textFiles) = (target, draft, warnings, textFiles)
    }
  }

  /// Opens the bundle at a path, as it is or packed; nil where something else is there.
  /// - Parameter options: Where a packed one is unpacked.
  /// - Throws: As `ModelBundle.open` and `PackedBundle.opened`.
  public static func bundle(path: String, options: SourceOptions = SourceOptions()) throws(GriffinError) -> ModelBundle? {
    if let far = options.far, far.recognizes(path) {
      guard path.hasSuffix(".griffin") else { return nil }
      let (folder, name) = try far.folder(of: path, lookingFor: [])
      return try name.map { name throws(GriffinError) in try ModelBundle(file: folder.open(name)) }
    }
    guard FileSystem.kind(of: path) == .file else { return nil }
    let file = try InputFile(path: path)
    if ModelBundle.isBundle(file) { return try ModelBundle(file: file) }
    guard try PackedBundle.isPacked(file) else { return nil }
    return try PackedBundle(file: file).opened(inFolder: options.scratchFolder, cancellation: options.cancellation)
  }

  /// Opens what must be a bundle that is not packed, on disk or far away.
  /// - Throws: As `ModelBundle.open`.
  public static func plainBundle(path: String, options: SourceOptions = SourceOptions()) throws(GriffinError) -> ModelBundle {
    guard let far = options.far, far.recognizes(path) else { return try ModelBundle.open(path: path) }
    guard let bundle = try bundle(path: path, options: options) else {
      throw GriffinError(.usage, file: path, "expected the address of a bundle, which ends with .griffin")
    }
    return bundle
  }

  /// Opens the target at a path, a bundle or a SRC as `Checkpoint.open` takes it.
  /// - Throws: `inconsistent` where a bundle holds no target, and what opening and recognising throw.
  public static func target(path: String, options: SourceOptions = SourceOptions()) throws(GriffinError) -> Target {
    if let bundle = try bundle(path: path, options: options) {
      guard let model = try bundle.targetModel() else {
        throw GriffinError(.inconsistent, file: path, "the bundle holds a draft alone; expected one with a target")
      }
      return Target(model: model, bundle: bundle, warnings: model.warnings) { () throws(GriffinError) in try bundle.textFiles() }
    }
    let checkpoint = try Checkpoint.open(path: path, options: options.forTarget)
    let model = try checkpoint.targetModel()
    return Target(model: model, bundle: nil, warnings: checkpoint.warnings + model.warnings) { () throws(GriffinError) in
      try checkpoint.textFiles()
    }
  }

  /// Opens the draft at a path, a bundle or a SRC.
  /// - Throws: As `target`.
  static func draft(path: String, options: SourceOptions) throws(GriffinError) -> (model: DraftModel, warnings: [String]) {
    if let bundle = try bundle(path: path, options: options) {
      guard let model = try bundle.draftModel() else {
        throw GriffinError(.inconsistent, file: path, "the bundle holds a target alone; expected one with a draft")
      }
      return (model, model.warnings)
    }
    let checkpoint = try Checkpoint.open(path: path, options: options)
    let model = try checkpoint.draftModel()
    return (model, checkpoint.warnings + model.warnings)
  }

  /// Opens a target and the draft that goes with it: those of a bundle, or a SRC each.
  /// - Parameters:
  ///   - draftPath: Where the draft is, if not in the bundle at `path`.
  ///   - options: Where names that are no paths are looked up.
  /// - Throws: As `target`.
  public static func pair(
    path: String, draft draftPath: String?, options: SourceOptions = SourceOptions()
  ) throws(GriffinError) -> Pair {
    let target = try target(path: path, options: options)
    if let draftPath {
      let (draft, warnings) = try draft(path: draftPath, options: options)
      return try Pair(target: target.model, draft: draft, warnings: target.warnings + warnings, textFiles: target.textFiles)
    }
    return try Pair(target: target.model, draft: target.bundle?.draftModel(), warnings: target.warnings, textFiles: target.textFiles)
  }
}
