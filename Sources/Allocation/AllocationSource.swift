public import Bundles
public import ByteStorage
public import Checkpoints
internal import Conversion
public import Models
internal import Quantization

/// A pair whose types are to be chosen: its models, and the conversion that a choice would make of them.
public struct AllocationSource: Sendable {
  public let target: TargetModel
  /// nil for a target alone.
  public let draft: DraftModel?
  /// What the user should know and no error says.
  public let warnings: [String]
  /// Reads the target's tokenizer and template; nil where there are no files to read.
  public let textFiles: @Sendable () throws(GriffinError) -> TextFiles?
  /// What it is known by when a run is continued: digests of a bundle, or names and sizes of files.
  let identity: [String]
  private let path: String
  private let draftPath: String?
  private let options: SourceOptions

  /// - Parameters:
  ///   - path: A bundle or a SRC.
  ///   - draftPath: The draft that goes with it, where it is not in the bundle.
  /// - Throws: As `ModelSource.pair`.
  public init(path: String, draft draftPath: String? = nil, options: SourceOptions = SourceOptions()) throws(GriffinError) {
    let pair = try ModelSource.pair(path: path, draft: draftPath, options: options)
    (target, draft, warnings, textFiles) = (pair.target, pair.draft, pair.warnings, pair.textFiles)
    (self.path, self.draftPath, self.options) = (path, draftPath, options)
    let inputs = try AllocationSource.sources(path, draftPath, ConversionSources.Selections(), options).inputs(metadata: [])
    identity = [inputs.target, inputs.draft].compactMap(\.self).flatMap { component in
      component.weightFiles.map { "\(component.component.rawValue)/\($0.name) \($0.byteCount)" }
        + ["\(component.component.rawValue) \(component.modelName) \(component.parameterCount)"]
    }
  }

  private static func sources(
    _ path: String, _ draftPath: String?, _ selections: ConversionSources.Selections, _ options: SourceOptions
  ) throws(GriffinError) -> ConversionSources {
    if draftPath == nil, let bundle = try ModelSource.bundle(path: path, options: options) {
      return try ConversionSources(bundle: bundle, selections: selections)
    }
    return try ConversionSources(target: path, draft: draftPath, selections: selections, options: options)
  }

  /// - Throws: `usage` where the path is one of the files that are read.
  public func checkOutput(path: String) throws(GriffinError) { try inputs(ConversionSources.Selections()).checkOutput(path: path) }

  /// What a conversion with these types takes in.
  func inputs(_ selections: ConversionSources.Selections) throws(GriffinError) -> ConversionInputs {
    try AllocationSource.sources(path, draftPath, selections, options).inputs(metadata: [])
  }
}
