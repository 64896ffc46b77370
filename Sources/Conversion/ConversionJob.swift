internal import ByteStorage
internal import Tensors

/// A piece of a conversion that one thread does from beginning to end, because a digest is computed in order.
enum ConversionJob: Sendable {
  /// Reads a tensor, converts it and writes it to a payload.
  case payload(Int, StoredTensor, TensorConversion, name: String)
  /// Hashes a weight file for an entry of the provenance.
  case provenance(Int, InputFile)

  /// Bytes to read.
  var byteCount: Int {
    switch self {
    case .payload(_, let tensor, _, _): tensor.descriptor.byteCount
    case .provenance(_, let file): file.byteCount
    }
  }

  /// Puts jobs in the order in which threads should take them: tensors as they lie in their source, and each file's
  /// hash when its tensors' turn comes, so that what one job reads from disk the other finds in memory.
  ///
  /// - Parameters:
  ///   - payloads: For each component, the jobs of its tensors.
  ///   - provenance: For each component, the jobs of its weight files. A far one is hashed as it comes by, so what is left of it is done after
  ///     its tensors.
  static func ordered(_ payloads: [[ConversionJob]], provenance: [[ConversionJob]]) -> [ConversionJob] {
    var jobs: [ConversionJob] = []
    for (tensors, files) in zip(payloads, provenance) {
      let inSourceOrder = tensors.sorted { $0.sourceIndex < $1.sourceIndex }
      var pending = files[...]
      var (tensorBytes, fileBytes) = (0, 0)
      for tensor in inSourceOrder {
        while let file = pending.first, fileBytes + (file.farFile == nil ? 0 : file.byteCount) <= tensorBytes {
          jobs.append(file)
          fileBytes += file.byteCount
          pending.removeFirst()
        }
        jobs.append(tensor)
        tensorBytes += tensor.byteCount
      }
      jobs += pending
    }
    return jobs
  }

  /// The far file that is hashed.
  var farFile: (any FarFile)? {
    if case .provenance(_, let file) = self { file.far } else { nil }
  }

  /// Bytes of the source in a piece.
  private static let pieceByteCount = 8 << 20

  /// Rows of a large tensor that threads take one after another, so that together they go through its file from one end to the other; nil
  /// for all of them at once, where a digest is held against what is read.
  var pieces: [Range<Int>?] {
    guard case .payload(_, let tensor, _, _) = self, tensor.digest == nil, tensor.descriptor.shape.dimensions.count > 1 else { return [nil] }
    let rows = tensor.descriptor.shape.rowCount
    let count = min(rows, tensor.descriptor.byteCount / ConversionJob.pieceByteCount)
    guard count > 1 else { return [nil] }
    return (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
  }

  private var sourceIndex: Int {
    if case .payload(_, let tensor, _, _) = self { tensor.index } else { 0 }
  }
}
