internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

extension Alignment {
  /// What counts beside the squared error, as a share of the features' mean square: how far the map is kept to doing nothing.
  private static let penalty = 1e-3

  /// A closed form instead of training: the linear map from states of the target at hand to those of another, by ridge regression. In an
  /// EAGLE-3 draft, whose projection reads nothing but the target's states, it is folded into that; others, whose own features come
  /// from the same place, get an adapter for the target's.
  ///
  /// - Throws: `usage` without the target that the draft was made for, `inconsistent` where the targets do not fit; else as `run(in:)`.
  public func ridge(in folder: WorkFolder) throws -> Outcome {
    try options.validate()
    guard let original, let loss = try loss() else { throw GriffinError(.usage, "a map needs the target that the draft was made for") }
    if leavesDraft(after: loss) { return Outcome(draft, loss) }
    let stored = TrainedDraft(original: draft)
    try stored.check()
    let taps = try draft.configuration.eagle3?.tappedLayers(ofTarget: target.configuration.layerCount) ?? []
    let writer = shardWriter()
    let rows = try writer.run(folder, taps: taps)
    guard !rows.joined().isEmpty else { throw GriffinError(.usage, "there is nothing to learn from: no answer has three tokens") }
    let change = try change(towards: original, rows, folder, taps: taps)
    let result = taps.isEmpty ? try stored.model([:], adapter: adapter(adding: change)) : try stored.model([.fusion(.projection): folded(change)])
    return try judged(result, state: TrainingState(), rows: rows, loss)
  }

  /// What the map adds to doing nothing, `[width, width]`.
  private func change(towards original: TargetModel, _ rows: [[Int]], _ folder: WorkFolder, taps: [Int]) throws -> Activations {
    let width = max(taps.count, 1) * target.configuration.hiddenSize
    var squares = Activations(tokens: width, columns: width)
    var products = Activations(tokens: width, columns: width)
    let reader = try TextReader(original, taps: taps, compute: compute)
    for (index, texts) in rows.enumerated() {
      let shard = try shard(folder, index, taps: taps)
      precondition(shard.samples.count == texts.count, "the shard was counted before")
      for (place, sample) in shard.samples.enumerated() {
        let wanted = try reader.read(sample.tokens, start: sample.start, compute: compute, cancellation: cancellation)
        let states = Alignment.matrix(sample.read, columns: width)
        let errors = Alignment.matrix(zip(wanted.read, sample.read).map { $0 - $1 }, columns: width)
        compute.product(states, .transposed, states, adds: true, into: &squares)
        compute.product(errors, .transposed, states, adds: true, into: &products)
        progress(.learning, index * texts.count + place + 1, rows.count * texts.count)
      }
    }
    return try Alignment.solved(squares, products)
  }

  /// The projection with the map before it.
  private func folded(_ change: borrowing Activations) throws -> [Float] {
    let trainable = try TrainableDrafts.make(draft, target: target, compute: compute)
    guard let fusion = trainable.parameters.first(where: { $0.role == .fusion(.projection) }) else { preconditionFailure("a draft fuses") }
    let old = compute.copy(fusion.values)
    compute.product(old, .plain, change, adds: true, into: &fusion.values)
    return trainable.values[.fusion(.projection)] ?? []
  }

  /// The map as an adapter, in the place of the one that there is.
  private func adapter(adding change: borrowing Activations) throws -> [Float] {
    let width = change.columns
    var values: [Float] = []
    for row in 0..<width {
      values += change.values(ofRow: row)
      values[row * width + row] += 1
    }
    return values
  }

  private static func matrix(_ values: [Float], columns: Int) -> Activations {
    var matrix = Activations(tokens: values.count / columns, columns: columns)
    for row in 0..<matrix.tokens {
      var span = matrix.mutableRow(row)
      for column in 0..<columns { span[column] = values[row * columns + column] }
    }
    return matrix
  }

  /// `products (squares + λ)⁻¹`: what the map adds to doing nothing.
  private static func solved(_ squares: borrowing Activations, _ products: borrowing Activations) throws -> Activations {
    let size = squares.columns
    var rows: [[Float]] = []
    for row in 0..<size { rows.append(squares.values(ofRow: row)) }
    let ridge = (0..<size).reduce(0.0) { $0 + Double(rows[$1][$1]) } / Double(size) * penalty
    for row in 0..<size { rows[row][row] += Float(ridge) }
    guard ridge > 0, let system = LinearSystem(rows.flatMap(\.self), size: size) else {
      throw GriffinError(.inconsistent, "the target's states do not tell a map: there are too few of them", hints: ["give more --tokens"])
    }
    var result = Activations(tokens: size, columns: size)
    for row in 0..<size {
      // The system is symmetric, so a row is solved for as a column.
      let (solution, _) = system.solve(products.values(ofRow: row).map { Double($0) }) { vector in
        rows.map { row in zip(row, vector).reduce(0) { $0 + Double($1.0) * $1.1 } }
      }
      var values = result.mutableRow(row)
      for column in 0..<size { values[column] = Float(solution[column]) }
    }
    return result
  }
}

extension TextSample {
  /// What a draft reads of the target: the states that it taps, or the last one.
  fileprivate var read: [Float] { taps.isEmpty ? states : taps }
}
