internal import Bundles
internal import ByteStorage
internal import Conversion
internal import LinearAlgebra
internal import Models
internal import Quantization
internal import Tensors

extension RuntimeDraft {
  /// What a folded bias may be off by, relative to the bias, once the embedding is rounded to its type. Left out it is off by 1.
  private static let errorLimit = 0.1
  /// Rows of the embedding on which that is measured.
  private static let sampleCount = 16
  private static let rowsAtATime = 64

  /// Puts the bias of an EAGLE draft's fusion into a token embedding of the draft's own, for runtimes whose fusion has none.
  ///
  /// The fusion is `W [e; f] + b`. With `x` such that `W_e x = b`, `W_e` being the columns of the embedding, `W [e + x; f]` is the
  /// same, and the embedding serves nothing else.
  /// - Parameter warnings: Told how near it comes.
  /// - Throws: `unsupported` where there is no such vector, or where rounding the embedding loses too much.
  mutating func foldFusionBias(_ warnings: inout [String]) throws(GriffinError) {
    guard let bias = tensor("fc.bias") else { return }
    let values = try RuntimeDraft.rows(bias).values(0..<1).map(Double.init)
    remove("fc.bias")
    guard values.contains(where: { $0 != 0 }) else { return }
    let own = tensor("embed_tokens.weight")
    let inherited = own == nil ? try targetEmbedding() : nil
    guard let fusion = tensor("fc.weight"), let embedding = own ?? inherited else {
      throw refusal("this draft", "its fusion has a bias (fc.bias), and there is no token embedding to hold it", hints: [RuntimeDraft.hint])
    }
    let size = values.count
    let matrix = try RuntimeDraft.rows(fusion)
    func product(_ vector: [Double]) throws(GriffinError) -> [Double] {
      var result: [Double] = []
      for row in stride(from: 0, to: size, by: RuntimeDraft.rowsAtATime) {
        let rows = row..<min(row + RuntimeDraft.rowsAtATime, size)
        let weights = try matrix.values(rows)
        for index in 0..<rows.count {
          var sum = 0.0
          for column in 0..<size { sum += Double(weights[index * 2 * size + column]) * vector[column] }
          result.append(sum)
        }
      }
      return result
    }
    var square: [Float] = []
    square.reserveCapacity(size * size)
    for row in 0..<size {
      let weights = try matrix.values(row..<row + 1)
      square += weights.prefix(size)
    }
    guard let system = LinearSystem(square, size: size) else {
      throw refusal("this draft", "its fusion has a bias (fc.bias), which no token embedding can hold: the matrix is singular", hints: [RuntimeDraft.hint])
    }
    square = []
    let solved: (solution: [Double], residual: Double)
    do {
      solved = try system.solve(values, multiplying: product)
    } catch let error as GriffinError {
      throw error
    } catch { preconditionFailure("\(error)") }
    let shift = solved.solution.map { Float($0) }
    let error = try roundingError(embedding, shift, values, product)
    let found = "fc.bias is put into the draft's token embedding: residual \(RuntimeDraft.digits(solved.residual)) of the bias, "
      + "\(RuntimeDraft.digits(error)) once the embedding is \(embedding.descriptor.type)"
    guard error <= RuntimeDraft.errorLimit else {
      throw refusal(
        "this draft", "its fusion has a bias (fc.bias), and in a token embedding of \(embedding.descriptor.type) it would be off by "
          + "\(RuntimeDraft.digits(error)) of itself, which is more than \(RuntimeDraft.errorLimit)", hints: [RuntimeDraft.hint])
    }
    warnings.append(found)
    remove("embed_tokens.weight")
    let source = try ShiftedSource(embedding.stored, name: "embed_tokens.weight", by: shift)
    tensors.insert(
      try ExportTensor(
        name: "embed_tokens.weight", type: embedding.descriptor.type, shape: embedding.descriptor.shape,
        of: StoredTensor(source: source, index: 0), payloads: [embedding.stored]), at: 0)
  }

  private static let hint = "--format sglang and --format safetensors keep the bias"

  /// The target's embedding, where the draft brings none.
  private func targetEmbedding() throws(GriffinError) -> ExportTensor? {
    guard let target = request.target, let index = target.tensors[.tokenEmbedding] else { return nil }
    let stored = request.stored(index)
    let type = stored.descriptor.type
    return try ExportTensor(
      name: "embed_tokens.weight", type: type.category == .block ? request.decodedType(of: .draft) : type,
      shape: stored.descriptor.shape, of: stored)
  }

  /// How far the fusion is off, relative to the bias and on average over rows, once the shifted embedding is rounded to its type.
  private func roundingError(
    _ embedding: ExportTensor, _ shift: [Float], _ bias: [Double], _ product: (_ vector: [Double]) throws(GriffinError) -> [Double]
  ) throws(GriffinError) -> Double {
    let rows = try RuntimeDraft.rows(embedding)
    guard let format = StorageFormat.of(embedding.descriptor.type), let encoder = format.encoder else {
      throw GriffinError(.unsupported, tensor: embedding.descriptor.name, "\(embedding.descriptor.type) is not encoded")
    }
    let count = embedding.descriptor.shape.rowCount
    let samples = min(RuntimeDraft.sampleCount, count)
    let scale = bias.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var sum = 0.0
    for sample in 0..<samples {
      let row = sample * count / samples
      let values = try rows.values(row..<row + 1)
      let shifted = zip(values, shift).map { $0 + $1 }
      var bytes = ByteBuffer(byteCount: shifted.count * embedding.descriptor.type.bytesPerBlock)
      do {
        var target = bytes.mutableBytes
        encoder.encode(shifted.span, columns: shifted.count, importance: nil, into: &target)
      }
      var rounded = [Float](repeating: 0, count: shifted.count)
      do {
        var span = rounded.mutableSpan
        let encoded = bytes.bytes
        format.decoder.decode(encoded, into: &span, using: .best)
      }
      let moved = try product(zip(rounded, values).map { Double($0) - Double($1) })
      sum += zip(moved, bias).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() / scale
    }
    return sum / Double(max(samples, 1))
  }

  private static func rows(_ tensor: ExportTensor) throws(GriffinError) -> StoredRows {
    guard let rows = StoredRows(tensor.stored) else {
      throw GriffinError(.unsupported, tensor: tensor.descriptor.name, "\(tensor.stored.descriptor.type) is not decoded")
    }
    return rows
  }

  /// Two digits that matter.
  private static func digits(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return "\(value)" }
    var (mantissa, exponent) = (value, 0)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let rounded = (mantissa * 10).rounded() / 10
    return exponent >= -3 ? "\((value * 10000).rounded() / 10000)" : "\(rounded)e\(exponent)"
  }
}
