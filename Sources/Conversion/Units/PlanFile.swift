public import Bundles
public import ByteStorage
public import Checkpoints
internal import Quantization
internal import Tensors

/// A conversion as a file that any number of machines carry out: what it reads, what it writes, and in which units.
///
/// - Source: `formats/plan.md`.
public struct PlanFile: Sendable {
  private static let format = "griffin-plan"
  private static let version = 1
  private static let limits = JSONLimits(bytes: 1 << 30, depth: 32, values: 1 << 26, stringBytes: 1 << 20)

  /// Where the halves are from.
  public struct Sources: Sendable, Hashable {
    public var target: String?
    public var draft: String?
    public var draftKind: String?
    /// The bundle that is quantized, where that is what is done.
    public var bundle: String?
    /// The importance matrix, and the SHA-256 of its file.
    public var importance: String?
    public var importanceDigest: SHA256Digest?

    public init(target: String? = nil, draft: String? = nil, draftKind: String? = nil, bundle: String? = nil, importance: String? = nil) {
      (self.target, self.draft, self.draftKind) = (target, draft, draftKind)
      (self.bundle, self.importance) = (bundle, importance)
    }
  }

  /// A file that is read, as it was when the plan was made.
  struct Input: Sendable, Hashable {
    let name: String
    let byteCount: Int
    /// Nanoseconds since 1970.
    let modified: Int
    /// SHA-256 of some of its bytes.
    let sample: SHA256Digest
  }

  public let sources: Sources
  let inputs: [Input]
  let tiesOutputHead: Bool
  /// With final offsets; digests are placeholders.
  public let manifest: Manifest
  public let units: [WorkUnit]
  /// SHA-256 of the canonical form: what the plan is known by.
  public let id: SHA256Digest
  private let path: String?

  /// - Parameters:
  ///   - plan: The conversion.
  ///   - sources: Where its halves are from.
  ///   - unitByteCount: Bytes of the source in a unit, about.
  /// - Throws: `unsupported` where the plan cannot be carried out by many; what reading the sources throws.
  public init(_ plan: ConversionPlan, sources: Sources, unitByteCount: Int = WorkUnit.usualByteCount) throws(GriffinError) {
    guard !plan.measuresErrors else {
      throw GriffinError(.usage, "--stats needs every value of a tensor in one place; a plan is for many", hints: ["leave --stats out"])
    }
    // A bundle stands for itself; what was unpacked from an archive lies in a scratch folder.
    if let archive = plan.inputs.components.first(where: { $0.archive != nil && !($0.source is ModelBundle) })?.archive {
      throw GriffinError(
        .unsupported, file: archive.path, "every worker would unpack this archive for itself", hints: ["unpack it where all workers see it, and plan from there"])
    }
    var inputs: [Input] = []
    for input in ConversionIdentity(plan).inputs { inputs.append(try Input(input.name, input.file)) }
    self.init(
      sources, inputs: inputs, tiesOutputHead: plan.sharing.tiesOutputHead, manifest: plan.bundle.manifest,
      units: plan.units(byteCount: unitByteCount), path: nil)
  }

  private init(_ sources: Sources, inputs: [Input], tiesOutputHead: Bool, manifest: Manifest, units: [WorkUnit], path: String?) {
    (self.sources, self.inputs, self.tiesOutputHead) = (sources, inputs, tiesOutputHead)
    (self.manifest, self.units, self.path) = (manifest, units, path)
    let text = PlanFile.document(sources, inputs, tiesOutputHead, manifest, units).encoded()
    id = SHA256Digest(of: text.rawBytes)
  }

  /// - Throws: `missing` or `io` where there is no such file, `malformed` with the place, `unsupported` for another version.
  public init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    let document = try JSONValue.parse(file.bytes, limits: PlanFile.limits, file: path)
    func failure(_ message: String) -> GriffinError {
      GriffinError(.malformed, file: path, message, hints: ["griffin convert ... --plan-out FILE writes such a file"])
    }
    guard document["format"]?.string == PlanFile.format else { throw failure("format is not \"\(PlanFile.format)\"") }
    guard document["version"]?.integer == PlanFile.version, document["encoders"]?.integer == ConversionIdentity.encoderVersion else {
      throw GriffinError(
        .unsupported, file: path, "expected version \(PlanFile.version) of \(PlanFile.format) with encoders \(ConversionIdentity.encoderVersion)",
        hints: ["every worker has to be the griffin that made the plan"])
    }
    guard let from = document["sources"]?.object.map(JSONValue.object), let sources = Sources(from) else { throw failure("expected the sources' paths as sources") }
    guard let list = document["files"]?.array, let inputs = PlanFile.all(list, Input.init) else { throw failure("expected files with name, bytes, modified and sample") }
    guard let ties = document["ties_output_head"]?.bool else { throw failure("expected true or false as ties_output_head") }
    guard let text = document["manifest"] else { throw failure("expected the planned manifest as manifest") }
    let manifest = try BundleHead(manifestText: Array(text.encoded().utf8), file: path).manifest
    guard let list = document["units"]?.array, !list.isEmpty, let units = PlanFile.all(list, WorkUnit.init) else {
      throw failure("expected units with bytes and pieces")
    }
    self.init(sources, inputs: inputs, tiesOutputHead: ties, manifest: manifest, units: units, path: path)
    try checkUnits(failure)
  }

  private static func all<Element>(_ values: [JSONValue], _ read: (JSONValue) -> Element?) -> [Element]? {
    let read = values.compactMap(read)
    return read.count == values.count ? read : nil
  }

  /// Every row of every tensor's payload in one unit, and every file's hash that the plan leaves open.
  private func checkUnits(_ failure: (String) -> GriffinError) throws(GriffinError) {
    var whole: Set<Int> = []
    var parts: [Int: [Range<Int>]] = [:]
    let attachments = manifest.attachments.count
    for piece in units.flatMap(\.pieces) {
      switch piece {
      case .payload(let index, let rows):
        guard manifest.payloads.indices.contains(index), index >= attachments, !whole.contains(index) else {
          throw failure("a unit names payload \(index), which is none of a tensor or named before")
        }
        if let rows { parts[index, default: []].append(rows) } else { whole.insert(index) }
      case .hash(let index):
        guard manifest.provenance.indices.contains(index) else { throw failure("a unit names source \(index), of \(manifest.provenance.count)") }
      }
    }
    let rowCounts = rowCounts
    for (index, ranges) in parts {
      let rows = rowCounts[index] ?? 0
      var next = 0
      for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        guard range.lowerBound == next else { break }
        next = range.upperBound
      }
      guard !whole.contains(index), next == rows, ranges.reduce(0, { $0 + $1.count }) == rows else {
        throw failure("the units do not hold every row of payload \(index) once")
      }
    }
    guard whole.count + parts.count == manifest.payloads.count - attachments else { throw failure("some payloads are in no unit") }
  }

  public var document: JSONValue { PlanFile.document(sources, inputs, tiesOutputHead, manifest, units) }

  private static func document(_ sources: Sources, _ inputs: [Input], _ ties: Bool, _ manifest: Manifest, _ units: [WorkUnit]) -> JSONValue {
    .object([
      "encoders": .integer(ConversionIdentity.encoderVersion), "files": .array(inputs.map(\.document)), "format": .string(format),
      "manifest": manifest.document, "sources": sources.document, "ties_output_head": .bool(ties), "units": .array(units.map(\.document)),
      "version": .integer(version),
    ])
  }

  // MARK: Carrying it out

  /// The conversion that the plan is of, from its sources as they are now.
  /// - Throws: `inconsistent` where a source is another than it was, and what opening and recognising throw.
  public func conversion(options: SourceOptions) throws(GriffinError) -> ConversionPlan {
    let types = Dictionary(manifest.tensors.map { ($0.descriptor.name, $0.descriptor.type) }, uniquingKeysWith: { first, _ in first })
    var importance: ImportanceMatrix?
    if let path = sources.importance {
      let file = try ImportanceFile(path: path)
      var buffer = ByteBuffer(byteCount: ConversionPlan.chunkByteCount)
      guard try SHA256Digest(of: file.file, through: &buffer, cancellation: Cancellation()) == sources.importanceDigest else { throw changed(path) }
      importance = try file.matrix
    }
    func selection(_ name: String?) -> TypeSelection {
      TypeSelection(.fixed(name: name ?? Recipe.copy.name, types: types), allowsRequantizing: true, importance: importance)
    }
    let selections = ConversionSources.Selections(target: selection(manifest.recipe.target), draft: selection(manifest.recipe.draft))
    let opened: ConversionSources
    if let bundle = sources.bundle {
      opened = try ConversionSources(bundle: ModelBundle.open(path: bundle), selections: selections)
    } else {
      opened = try ConversionSources(
        target: sources.target, draft: sources.draft, draftKind: sources.draftKind, selections: selections, options: options)
    }
    let sharing = Sharing(embedding: manifest.draft?.embedding, tiesOutputHead: tiesOutputHead)
    let plan = try ConversionPlan(opened.inputs(metadata: manifest.metadata), sharing: sharing)
    let found = ConversionIdentity(plan).inputs
    for input in inputs {
      guard let file = found.first(where: { $0.name == input.name })?.file else { throw changed(input.name) }
      guard try input.isOf(file) else { throw changed(file.path) }
    }
    guard plan.bundle.manifest.document.encoded() == manifest.document.encoded() else { throw changed(path ?? "the plan") }
    return plan
  }

  private func changed(_ file: String) -> GriffinError {
    GriffinError(
      .inconsistent, file: file, "this is not what it was when the plan was made", hints: ["make a new plan, or bring back what was there"])
  }
}

extension PlanFile.Sources {
  var document: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return .object([
      "bundle": text(bundle), "draft": text(draft), "draft_kind": text(draftKind), "importance": text(importance),
      "importance_sha256": text(importanceDigest?.hexadecimal), "target": text(target),
    ])
  }

  init?(_ value: JSONValue) {
    self.init(
      target: value["target"]?.string, draft: value["draft"]?.string, draftKind: value["draft_kind"]?.string, bundle: value["bundle"]?.string,
      importance: value["importance"]?.string)
    importanceDigest = value["importance_sha256"]?.string.flatMap(SHA256Digest.init(hexadecimal:))
    guard target != nil || draft != nil || bundle != nil, (importance == nil) == (importanceDigest == nil) else { return nil }
  }
}

extension PlanFile.Input {
  /// Pieces of a file that are sampled, and bytes of each.
  private static let (pieces, pieceBytes) = (16, 4096)

  init(_ name: String, _ file: InputFile) throws(GriffinError) {
    self.init(name: name, byteCount: file.byteCount, modified: file.identity?.modified ?? 0, sample: try PlanFile.Input.sample(file))
  }

  init?(_ value: JSONValue) {
    guard let name = value["name"]?.string, let bytes = value["bytes"]?.integer, bytes >= 0, let modified = value["modified"]?.integer,
      let sample = value["sample"]?.string.flatMap(SHA256Digest.init(hexadecimal:))
    else { return nil }
    self.init(name: name, byteCount: bytes, modified: modified, sample: sample)
  }

  var document: JSONValue {
    .object(["bytes": .integer(byteCount), "modified": .integer(modified), "name": .string(name), "sample": .string(sample.hexadecimal)])
  }

  /// Whether a file is the one that was planned with: of another machine it may have another date.
  func isOf(_ file: InputFile) throws(GriffinError) -> Bool {
    guard file.byteCount == byteCount else { return false }
    if file.identity?.modified == modified { return true }
    return try PlanFile.Input.sample(file) == sample
  }

  /// SHA-256 of pieces that lie evenly in a file, its first and its last bytes among them.
  private static func sample(_ file: InputFile) throws(GriffinError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    var buffer = ByteBuffer(byteCount: pieceBytes)
    let last = max(0, file.byteCount - pieceBytes)
    for piece in 0..<pieces {
      let offset = last / (pieces - 1) * piece + (piece == pieces - 1 ? last % (pieces - 1) : 0)
      let count = min(pieceBytes, file.byteCount - offset)
      var target = buffer.mutablePrefix(count)
      try file.read(at: offset, into: &target)
      hasher.update(buffer.bytes.extracting(0..<count))
    }
    return hasher.finalize()
  }
}
