internal import ByteStorage
internal import Conversion
internal import Models
internal import Tensors

/// A tensor's values, row by row; a vector is one row.
package struct Matrix: Sendable {
  package let rows: Int
  package let columns: Int
  package let values: [Float]

  package init(rows: Int, columns: Int, values: [Float]) { (self.rows, self.columns, self.values) = (rows, columns, values) }

  package init(rows: Int, columns: Int, _ element: (_ row: Int, _ column: Int) -> Float) {
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { values.append(element(row, column)) }
    }
    self.init(rows: rows, columns: columns, values: values)
  }

  package subscript(row: Int, column: Int) -> Float { values[row * columns + column] }

  /// Its rows in another order.
  package func rows(_ order: (Int) -> Int) -> Matrix { Matrix(rows: rows, columns: columns) { self[order($0), $1] } }

  /// Its columns in another order.
  package func columns(_ order: (Int) -> Int) -> Matrix { Matrix(rows: rows, columns: columns) { self[$0, order($1)] } }

  package func map(_ body: (Float) -> Float) -> Matrix { Matrix(rows: rows, columns: columns, values: values.map(body)) }

  /// Some columns alone.
  func part(_ range: Range<Int>) -> Matrix { Matrix(rows: rows, columns: range.count) { self[$0, range.lowerBound + $1] } }

  var squares: Double { values.reduce(0) { $0 + Double($1) * Double($1) } }

  /// `sum a b`.
  func product(_ other: Matrix) -> Double {
    var sum = 0.0
    for index in values.indices { sum += Double(values[index]) * Double(other.values[index]) }
    return sum
  }

  /// How far this is from another, relative to that one: 0 where they are equal, about 1.4 where they have nothing in common.
  package func distance(to other: Matrix) -> Double {
    var sum = 0.0
    for index in values.indices {
      let difference = Double(values[index]) - Double(other.values[index])
      sum += difference * difference
    }
    let scale = other.squares
    return scale > 0 ? (sum / scale).squareRoot() : sum > 0 ? .infinity : 0
  }

  /// The cosine of the angle between the two.
  func cosine(_ other: Matrix) -> Double {
    let scale = (squares * other.squares).squareRoot()
    return scale > 0 ? product(other) / scale : 0
  }
}

extension BoundTensors {
  /// Elements beyond which a tensor is not taken into memory for a closer look.
  static let closeLookElements = 1 << 26

  /// The values of the tensor with a role; nil where there is none, it is not of floats, or too large.
  func values(_ role: TensorRole) throws -> Matrix? {
    guard let index = self[role] else { return nil }
    let shape = source.tensors[index].shape
    guard shape.elementCount <= BoundTensors.closeLookElements, let rows = StoredRows(StoredTensor(source: source, index: index))
    else { return nil }
    return Matrix(rows: shape.rowCount, columns: shape.rowLength, values: try rows.values(0..<shape.rowCount))
  }

  /// Whether a tensor's bytes are another's.
  func hasSameBytes(_ index: Int, as other: BoundTensors, _ place: Int) throws -> Bool {
    let (mine, theirs) = (source.tensors[index], other.source.tensors[place])
    guard mine.type == theirs.type, mine.shape == theirs.shape else { return false }
    return try source.withBytes(of: index) { bytes in
      try other.source.withBytes(of: place) { bytes.equals($0) }
    }
  }

  /// The plain name of the tensor with a role.
  func name(_ role: TensorRole) -> String? { bindings.first { $0.role == role }?.name }
}
