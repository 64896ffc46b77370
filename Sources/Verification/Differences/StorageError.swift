internal import ByteStorage
internal import Conversion
internal import Models
internal import Tensors

/// How far the values of a tensor are from those of its source.
public struct StorageError: Sendable, Hashable {
  /// The name in a bundle.
  public let name: String
  public let type: String
  public let sourceType: String
  public let error: Difference.Error
  /// Of a draft's `fc`, which reads `[embedding ; feature]` or several states side by side: how far the columns of each moved, as a share
  /// of their own size. The parts may differ in scale by a factor of tens, so that an error of the whole says nothing of the smaller one.
  public let parts: [Double]?

  /// As a share of the values' size: the sine of the angle between before and after.
  public var relative: Double { max(0, (1 - error.cosine) * (1 + error.cosine)).squareRoot() }

  var document: JSONValue {
    var object: JSONObject = [
      "name": .string(name), "type": .string(type), "source_type": .string(sourceType), "rmse": .number(error.rmse),
      "max": .number(error.maximum), "cosine": .number(error.cosine), "relative": .number(relative),
    ]
    if let parts { object["relative_parts"] = .array(parts.map { .number($0) }) }
    return .object(object)
  }

  /// Of every tensor that a model stores as another type than its source does.
  /// - Throws: What reading throws; `interrupted`.
  static func all(
    _ packed: BoundTensors, _ other: BoundTensors, prefix: String, threads: Int, cancellation: Cancellation
  ) throws(GriffinError) -> [StorageError] {
    let pairs = packed.bindings.compactMap { binding -> (name: String, role: TensorRole, mine: StoredTensor, theirs: StoredTensor)? in
      guard let index = other[binding.role] else { return nil }
      let mine = StoredTensor(source: packed.source, index: binding.index)
      let theirs = StoredTensor(source: other.source, index: index)
      guard mine.descriptor.type != theirs.descriptor.type, mine.descriptor.shape == theirs.descriptor.shape else { return nil }
      return (prefix + binding.name, binding.role, mine, theirs)
    }
    let found = Locked([Int: (error: Difference.Error, parts: [Double]?)]())
    try Workers.run(threads, jobs: pairs.count, makeState: { 0 }) { job, _ throws(GriffinError) in
      let pair = pairs[job]
      guard let error = try ModelDifferences.error(pair.theirs, pair.mine, cancellation) else { return }
      let parts = pair.role == .fusion(.projection) ? try parts(pair.theirs, pair.mine, cancellation) : nil
      found.withLock { $0[job] = (error, parts) }
    }
    let errors = found.withLock(\.self)
    return pairs.enumerated().compactMap { index, pair in
      errors[index].map {
        StorageError(
          name: pair.name, type: pair.mine.descriptor.type.rawValue, sourceType: pair.theirs.descriptor.type.rawValue, error: $0.error,
          parts: $0.parts)
      }
    }
  }

  /// Rows that are read at a time.
  private static let rowsAtATime = 64

  /// How far the columns of each input are from the source's, as a share of their size; an input is as wide as the output.
  private static func parts(_ source: StoredTensor, _ packed: StoredTensor, _ cancellation: Cancellation) throws(GriffinError) -> [Double]? {
    guard let theirs = StoredRows(source), let mine = StoredRows(packed) else { return nil }
    let (rows, columns) = (source.descriptor.shape.rowCount, source.descriptor.shape.rowLength)
    guard rows > 0, columns % rows == 0 else { return nil }
    var differences = [Double](repeating: 0, count: columns / rows)
    var wholes = differences
    for row in stride(from: 0, to: rows, by: rowsAtATime) {
      try cancellation.check()
      let range = row..<min(row + rowsAtATime, rows)
      let (before, after) = (try theirs.values(range), try mine.values(range))
      for index in before.indices {
        let part = index % columns / rows
        let (value, step) = (Double(before[index]), Double(after[index]) - Double(before[index]))
        differences[part] += step * step
        wholes[part] += value * value
      }
    }
    return zip(differences, wholes).map { $1 > 0 ? ($0 / $1).squareRoot() : 0 }
  }
}
