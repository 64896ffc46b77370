public import ByteStorage
public import Checkpoints
internal import Conversion
internal import Quantization
internal import Tensors

/// What two bundles or checkpoints differ in: tensors by name, shape, type and bytes, hyper-parameters, files, template, remarks.
public struct ModelDifferences: Sendable {
  /// In the order of the first one's tensors, then of the second's, then everything else by name.
  public let differences: [Difference]
  /// Tensors that both have.
  public let sharedCount: Int

  /// The difference whose values are furthest apart, by the cosine of their angle.
  public var worst: Difference? {
    differences.filter { $0.error != nil }.min { ($0.error?.cosine ?? 1, $0.name) < ($1.error?.cosine ?? 1, $1.name) }
  }

  /// Elements that a thread reads at a time of one side.
  private static let chunkElements = 1 << 18

  /// - Parameters:
  ///   - left: A bundle or a SRC.
  ///   - right: Another.
  ///   - measuresValues: Whether tensors that differ are decoded, to say how far apart they are.
  ///   - progress: Told of bytes done and in all.
  /// - Throws: What opening, recognising and reading throw; `interrupted`.
  public init(
    _ left: String, _ right: String, measuresValues: Bool, options: SourceOptions = SourceOptions(), threads: Int,
    cancellation: Cancellation = Cancellation(), progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) {
    let (a, b) = (try DiffSide(path: left, options: options), try DiffSide(path: right, options: options))
    let theirs = Dictionary(b.tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    let mine = Set(a.tensors.map(\.name))
    let pairs = a.tensors.compactMap { name, tensor in theirs[name].map { (name: name, a: tensor, b: $0) } }
    let meter = ProgressMeter(total: pairs.reduce(0) { $0 + $1.a.descriptor.byteCount }, report: progress)
    let found = Locked([Int: Difference]())
    try Workers.run(threads, jobs: pairs.count, makeState: { 0 }) { job, _ throws(GriffinError) in
      let pair = pairs[job]
      let difference = try ModelDifferences.compare(pair.name, pair.a.stored, pair.b.stored, measuresValues, cancellation)
      meter.add(pair.a.descriptor.byteCount)
      if let difference { found.withLock { $0[job] = difference } }
    }
    let compared = found.withLock(\.self)
    var differences: [Difference] = []
    var job = 0
    for (name, tensor) in a.tensors {
      guard theirs[name] != nil else {
        differences.append(Difference(.missing, name, "\(tensor.descriptor.type) \(tensor.descriptor.shape)", nil))
        continue
      }
      if let difference = compared[job] { differences.append(difference) }
      job += 1
    }
    differences += b.tensors.filter { !mine.contains($0.name) }.map {
      Difference(.missing, $0.name, nil, "\($0.tensor.descriptor.type) \($0.tensor.descriptor.shape)")
    }
    differences += ModelDifferences.named(.configuration, a.settings.mapValues { $0.encoded() }, b.settings.mapValues { $0.encoded() })
    differences += ModelDifferences.named(.file, a.files.mapValues(\.hexadecimal), b.files.mapValues(\.hexadecimal))
    if a.template != b.template {
      func summary(_ text: String?) -> String? { text.map { "\($0.utf8.count) bytes" } }
      differences.append(Difference(.template, "chat template", summary(a.template), summary(b.template)))
    }
    differences += ModelDifferences.named(.metadata, a.remarks, b.remarks)
    (self.differences, sharedCount) = (differences, pairs.count)
  }

  private static func named(_ kind: Difference.Kind, _ left: [String: String], _ right: [String: String]) -> [Difference] {
    Set(left.keys).union(right.keys).sorted().compactMap { name in
      left[name] == right[name] ? nil : Difference(kind, name, left[name], right[name])
    }
  }

  private static func compare(
    _ name: String, _ a: StoredTensor, _ b: StoredTensor, _ measuresValues: Bool, _ cancellation: Cancellation
  ) throws(GriffinError) -> Difference? {
    let (left, right) = (a.descriptor, b.descriptor)
    guard left.shape == right.shape else { return Difference(.shape, name, "\(left.shape)", "\(right.shape)") }
    if left.type == right.type {
      let (mine, theirs) = (try digest(a, cancellation), try digest(b, cancellation))
      guard mine != theirs else { return nil }
      return Difference(
        .values, name, String(mine.hexadecimal.prefix(16)), String(theirs.hexadecimal.prefix(16)),
        error: measuresValues ? try error(a, b, cancellation) : nil)
    }
    return Difference(.type, name, left.type.rawValue, right.type.rawValue, error: measuresValues ? try error(a, b, cancellation) : nil)
  }

  /// The digest that the source states, else that of the bytes.
  private static func digest(_ tensor: StoredTensor, _ cancellation: Cancellation) throws(GriffinError) -> SHA256Digest {
    if let digest = tensor.digest { return digest }
    var buffer = ByteBuffer(byteCount: min(1 << 20, tensor.descriptor.byteCount))
    return try tensor.contentDigest(through: &buffer, cancellation: cancellation)
  }

  /// How far the values are apart; nil of types that are not decoded.
  static func error(_ a: StoredTensor, _ b: StoredTensor, _ cancellation: Cancellation) throws(GriffinError) -> Difference.Error? {
    guard let mine = StoredRows(a), let theirs = StoredRows(b) else { return nil }
    let rowsAtATime = max(1, chunkElements / max(a.descriptor.shape.rowLength, 1))
    var measure = ErrorMeasure()
    for row in stride(from: 0, to: a.descriptor.shape.rowCount, by: rowsAtATime) {
      try cancellation.check()
      let rows = row..<min(row + rowsAtATime, a.descriptor.shape.rowCount)
      let (left, right) = (try mine.values(rows), try theirs.values(rows))
      measure.add(left.span, decoded: right.span)
    }
    return Difference.Error(rmse: measure.rmse, maximum: measure.maximum, cosine: measure.cosine)
  }
}
