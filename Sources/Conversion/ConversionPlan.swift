public import Bundles
public import ByteStorage
internal import Models
public import Tensors

/// What a conversion will write and where, decided before a byte is written.
public struct ConversionPlan: Sendable {
  /// A tensor of the bundle: where from, as what, where to.
  public struct Tensor: Sendable, Hashable {
    /// The name in the bundle, with the component's prefix.
    public let name: String
    public let sourceType: ElementType
    public let type: ElementType
    public let shape: Shape
    /// Bytes in the bundle.
    public let byteCount: Int
    /// The tensor whose payload it shares, if it brings none of its own.
    public let sharedWith: String?
  }

  public let inputs: ConversionInputs
  public let sharing: Sharing
  /// Every tensor, in the manifest's order.
  public let tensors: [Tensor]
  /// Offsets and sizes.
  public let bundle: BundlePlan

  let attachments: [PackedAttachment]
  var jobs: [ConversionJob]
  /// Whether what is encoded is decoded again, to say how far it moved.
  let measuresErrors: Bool

  /// Plans a conversion. Reads the attachments and no weights.
  /// - Parameters:
  ///   - sharing: What the inputs have in common.
  ///   - measuresErrors: Whether what is encoded is to be decoded again, to say how far it moved.
  /// - Throws: `unsupported` where a tensor cannot become what it is planned to be, or where the bundle would
  ///   exceed what its format allows; what reading the attachments throws.
  public init(_ inputs: ConversionInputs, sharing: Sharing, measuresErrors: Bool = false) throws(GriffinError) {
    var attachments: [PackedAttachment] = []
    var builder = ManifestBuilder(measuresErrors: measuresErrors)
    for component in inputs.components {
      // By name, so that a folder and an archive of it give the same bundle.
      for attachment in component.attachments.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
        attachments.append(try PackedAttachment(attachment, of: component.component))
      }
    }
    for attachment in attachments { builder.add(attachment) }
    for component in inputs.components { try builder.add(component, sharing: sharing) }

    self.inputs = inputs
    self.sharing = sharing
    self.measuresErrors = measuresErrors
    self.tensors = builder.planned
    self.attachments = attachments
    self.bundle = try BundlePlan(builder.manifest(inputs, sharing: sharing))
    self.jobs = ConversionJob.ordered(builder.payloadJobs, provenance: builder.hashJobs)
  }

  /// Bytes that reading and hashing will go through: payloads, and weight files for their digests.
  var workByteCount: Int { jobs.reduce(0) { $0 + $1.byteCount } }

  /// Bytes that progress speaks of: of the source, each once, though a weight file's bytes are read for its digest as well as for
  /// its tensors.
  var progressByteCount: Int {
    let hashed = jobs.reduce(0) { if case .provenance(_, let file) = $1 { $0 + file.byteCount } else { $0 } }
    return max(hashed, workByteCount - hashed)
  }

  /// Passes on how much of the work is done as bytes of the source.
  func report(to progress: ConversionRun.Progress?) -> ProgressMeter.Report? {
    guard let progress else { return nil }
    let bytes = progressByteCount
    return { done, total in
      progress(.converting, done >= total ? bytes : Int(Double(done) / Double(total) * Double(bytes)), bytes)
    }
  }
}
