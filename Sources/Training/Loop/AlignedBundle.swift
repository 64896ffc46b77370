public import Bundles
public import ByteStorage
public import Conversion
public import Models
internal import Quantization

/// The bundle that a trained draft goes into: everything else as it was, and a remark that says how the draft was made.
public enum AlignedBundle {
  /// The remark's key (`formats/align.md`, section 4).
  public static let remarkKey = "griffin.align"

  /// - Parameters:
  ///   - bundle: Whose draft was trained; it stays the draft's provenance, which is what it began from.
  ///   - draft: The draft as it is stored now.
  ///   - remark: What was done, as one JSON object.
  public static func inputs(_ bundle: ModelBundle, draft: DraftModel, remark: JSONValue) throws(GriffinError) -> ConversionInputs {
    let sources = try ConversionSources(bundle: bundle, selections: ConversionSources.Selections())
    guard let old = sources.draft else { preconditionFailure("the bundle has a draft") }
    let made = try ConversionComponent(draft, selection: .copy, weightFiles: old.weightFiles, attachments: old.attachments)
    let component = ConversionComponent(
      component: .draft, modelName: made.modelName, config: old.config, parameterCount: made.parameterCount, recipe: old.recipe,
      source: made.source, tensors: made.tensors, weightFiles: made.weightFiles, attachments: made.attachments)
    return try ConversionInputs(
      target: sources.target, draft: component, metadata: remarks(sources.metadata, remark), sharing: sources.sharing)
  }

  /// - Parameter target: A target alone, as it is to be packed.
  public static func inputs(target sources: ConversionSources, draft: DraftModel, remark: JSONValue) throws(GriffinError) -> ConversionInputs {
    let component = try ConversionComponent(draft, selection: .copy, weightFiles: [], attachments: [])
    return try ConversionInputs(target: sources.target, draft: component, metadata: remarks(sources.metadata, remark))
  }

  private static func remarks(_ old: [Manifest.Metadata], _ remark: JSONValue) -> [Manifest.Metadata] {
    old.filter { !$0.key.hasSameBytes(as: remarkKey) } + [Manifest.Metadata(key: remarkKey, value: remark.encoded())]
  }
}
