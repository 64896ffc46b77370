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

  /// As a share of the values' size: the sine of the angle between before and after.
  public var relative: Double { max(0, (1 - error.cosine) * (1 + error.cosine)).squareRoot() }

  var document: JSONValue {
    .object([
      "name": .string(name), "type": .string(type), "source_type": .string(sourceType), "rmse": .number(error.rmse),
      "max": .number(error.maximum), "cosine": .number(error.cosine), "relative": .number(relative),
    ])
  }

  /// Of every tensor that a model stores as another type than its source does.
  /// - Throws: What reading throws; `interrupted`.
  static func all(
    _ packed: BoundTensors, _ other: BoundTensors, prefix: String, threads: Int, cancellation: Cancellation
  ) throws(GriffinError) -> [StorageError] {
    let pairs = packed.bindings.compactMap { binding -> (name: String, mine: StoredTensor, theirs: StoredTensor)? in
      guard let index = other[binding.role] else { return nil }
      let mine = StoredTensor(source: packed.source, index: binding.index)
      let theirs = StoredTensor(source: other.source, index: index)
      guard mine.descriptor.type != theirs.descriptor.type, mine.descriptor.shape == theirs.descriptor.shape else { return nil }
      return (prefix + binding.name, mine, theirs)
    }
    let found = Guarded([Int: Difference.Error]())
    try Workers.run(threads, jobs: pairs.count, makeState: { 0 }) { job, _ throws(GriffinError) in
      guard let error = try ModelDifferences.error(pairs[job].theirs, pairs[job].mine, cancellation) else { return }
      found.withLock { $0[job] = error }
    }
    let errors = found.withLock(\.self)
    return pairs.enumerated().compactMap { index, pair in
      errors[index].map {
        StorageError(
          name: pair.name, type: pair.mine.descriptor.type.rawValue, sourceType: pair.theirs.descriptor.type.rawValue, error: $0)
      }
    }
  }
}
