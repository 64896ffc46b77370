package import Models

/// What became of a tensor on its way from the source.
package struct TensorNature: Sendable, Hashable {
  /// The second part of a finding's kind.
  package let kind: String
  /// What happened to it, after its name.
  let words: String
  let remedy: String
  /// Whether it says what happened, and not only that something did.
  var isSpecific = true
  /// Distance from the source's values, relative to them.
  var distance = 0.0
}

extension TensorNature {
  /// How near to the source's values an undone mistake brings a tensor, at most, relative to how far it was: what is left is rounding.
  private static let undone = 0.35
  /// Matrices that are nearer than this to the source's have been rounded and not rearranged.
  private static let lookedInto = 0.1

  /// Compares a tensor's values with those that the source has in its place, and tries what could have happened to them.
  /// - Parameters:
  ///   - packed: The tensor's values.
  ///   - source: What the source has in its place.
  ///   - isBlockType: Whether it is stored quantized, as `typeName`.
  ///   - isBrief: Whether to leave out what takes long.
  ///   - others: Tensors of the source with other roles and the same shape, by name.
  package static func of(
    _ role: TensorRole, packed: Matrix, source: Matrix, isBlockType: Bool, typeName: String, configuration: TransformerConfiguration,
    isBrief: Bool = false, others: [(name: String, values: Matrix)]
  ) -> TensorNature {
    let distance = packed.distance(to: source)
    func nature(_ kind: String, _ words: String, _ remedy: String, isSpecific: Bool = true) -> TensorNature {
      TensorNature(kind: kind, words: words, remedy: remedy, isSpecific: isSpecific, distance: distance)
    }
    // What is not a number is not equal either.
    guard distance != 0 else { return nature("equal", "is the source's", "") }
    if source.squares > 0, packed.squares == 0 {
      return nature("missing", "is all zeros", "copy it from the source")
    }
    if role.isNorm, packed.values.allSatisfy({ $0 == packed.values[0] }) {
      return nature("missing", "is \(packed.values[0]) throughout, as before any training", "copy it from the source")
    }
    let near = min(undone * distance, 0.3)
    func isNear(_ candidate: Matrix, _ other: Matrix) -> Bool { candidate.distance(to: other) < near }
    let isOff = distance > (role.isMatrix ? lookedInto : 0)
    let shape = Rearrangement.Shape(rows: packed.rows, columns: packed.columns, configuration: configuration)
    // The one that comes nearest: rows of a small table may be near in more than one way.
    var nearest: (rearrangement: Rearrangement, distance: Double)?
    for rearrangement in Rearrangement.all where isOff && !isBrief && rearrangement.applies(role, shape) {
      let left = rearrangement.undo(role, packed, configuration).distance(to: source)
      if left < near, left < nearest?.distance ?? .infinity { nearest = (rearrangement, left) }
    }
    if let (rearrangement, _) = nearest { return nature(rearrangement.kind, rearrangement.words, rearrangement.remedy) }
    if let factor = factor(packed, source), isNear(packed.map { $0 / factor }, source) {
      return nature("scaled", "is \(brief(factor)) times the source's", "divide it by \(brief(factor))")
    }
    if role.isMatrix, isOff, packed.columns % 2 == 0 {
      let half = packed.columns / 2
      for (range, name) in [(0..<half, "first"), (half..<packed.columns, "second")] {
        let (mine, theirs) = (packed.part(range), source.part(range))
        if mine.squares == 0, theirs.squares > 0, isNear(packed, zeroed(range, source)) {
          return nature("half_missing", "has zeros in its \(name) column half", "copy these columns from the source")
        }
        guard let factor = factor(mine, theirs), abs(factor - 1) > 0.02 else { continue }
        let repaired = Matrix(rows: packed.rows, columns: packed.columns) { range.contains($1) ? packed[$0, $1] / factor : packed[$0, $1] }
        if isNear(repaired, source) {
          let meaning = role.readsHalves(configuration) ? name == "first" ? " (the embedding's)" : " (the feature's)" : ""
          return nature(
            "half_scaled", "has its \(name) column half\(meaning) multiplied by \(brief(factor))", "divide these columns by \(brief(factor))")
        }
      }
    }
    if isOff, !isBrief, let rows = rowPermutation(packed, source) {
      return nature("rows_permuted", "has the source's rows in another order (\(rows) of \(packed.rows) stand elsewhere)", "save the rows in the order of the ids")
    }
    if let twin = others.first(where: { isNear(packed, $0.values) }) {
      return nature("exchanged", "holds what the source has as \(twin.name)", "give each tensor its own name's values")
    }
    let cosine = packed.cosine(source)
    let differing = packed.rows > 1 ? (0..<packed.rows).filter { !isEqualRow($0, packed, source) }.count : 0
    if differing > 0, differing * 2 <= packed.rows {
      return nature("rows_differ", "differs in \(differing) of \(packed.rows) rows", "copy it from the source")
    }
    if isBlockType, cosine > 0.5 {
      return nature("quantized", "is quantized too coarsely, as \(typeName): \(percent(distance)) off", "store it in a finer type (q8_0 or copy)", isSpecific: false)
    }
    if role.isMatrix, cosine > 0.5, let count = levels(packed), count <= min(64, packed.columns / 3), count < levels(source) ?? 0 {
      return nature("quantized", "is quantized too coarsely, to \(count) levels a row: \(percent(distance)) off", "store it in a finer type (q8_0 or copy)")
    }
    if isOff, !isBrief, packed.rows * packed.columns > 8, let sorted = sameValues(packed, source), sorted {
      return nature("permuted", "has the source's values in other places", "copy it from the source")
    }
    if abs(cosine) < 0.5 {
      return nature("unrelated", "has nothing in common with the source's (cosine \(brief(cosine)))", "copy it from the source", isSpecific: false)
    }
    return nature("damaged", "is \(percent(distance)) off the source's", "copy it from the source", isSpecific: false)
  }

  /// A matrix without some of its columns.
  private static func zeroed(_ range: Range<Int>, _ matrix: Matrix) -> Matrix {
    Matrix(rows: matrix.rows, columns: matrix.columns) { range.contains($1) ? 0 : matrix[$0, $1] }
  }

  /// The factor that leads from the source's values to those at hand; nil where there is none, or it is one.
  private static func factor(_ packed: Matrix, _ source: Matrix) -> Float? {
    let (scale, product) = (source.squares, packed.product(source))
    guard scale > 0, product != 0 else { return nil }
    let factor = Float(product / scale)
    return factor.isFinite && factor != 0 && abs(factor - 1) > 1e-3 ? factor : nil
  }

  private static func isEqualRow(_ row: Int, _ left: Matrix, _ right: Matrix) -> Bool {
    let range = row * left.columns..<(row + 1) * left.columns
    return left.values[range].elementsEqual(right.values[range])
  }

  /// How many rows stand elsewhere, where all of them are the source's.
  private static func rowPermutation(_ packed: Matrix, _ source: Matrix) -> Int? {
    guard packed.rows > 1 else { return nil }
    func digest(_ matrix: Matrix, _ index: Int) -> Int {
      var hasher = Hasher()
      for column in 0..<matrix.columns { hasher.combine(matrix[index, column]) }
      return hasher.finalize()
    }
    let digests = (0..<source.rows).map { digest(source, $0) }
    var places: [Int: Int] = [:]
    for digest in digests { places[digest, default: 0] += 1 }
    var moved = 0
    for index in 0..<packed.rows {
      let own = digest(packed, index)
      guard let count = places[own], count > 0 else { return nil }
      places[own] = count - 1
      if own != digests[index] { moved += 1 }
    }
    return moved > 0 ? moved : nil
  }

  /// The most distinct values of one of the first rows; nil for rows too short to tell.
  private static func levels(_ matrix: Matrix) -> Int? {
    guard matrix.columns >= 128 else { return nil }
    return (0..<min(matrix.rows, 16)).map { row in Set((0..<matrix.columns).map { matrix[row, $0] }).count }.max()
  }

  /// Whether two tensors hold the same values; nil where there are too many to sort.
  private static func sameValues(_ left: Matrix, _ right: Matrix) -> Bool? {
    guard left.values.count <= 1 << 23 else { return nil }
    return left.values.sorted() == right.values.sorted()
  }

  private static func brief(_ value: Float) -> String { brief(Double(value)) }
  private static func brief(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
  private static func percent(_ value: Double) -> String { value < 1000 ? "\(Int((100 * value).rounded())) %" : "far" }
}
