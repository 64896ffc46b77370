internal import Models
internal import Statistics

/// A way in which a tensor's values come to stand in wrong places, and how it is undone.
struct Rearrangement: Sendable {
  /// What undoing needs to know of the model.
  struct Shape: Sendable {
    let rows, columns: Int
    let configuration: TransformerConfiguration
  }

  /// The second part of a finding's kind.
  let kind: String
  /// What happened to a tensor, after its name.
  let words: String
  let remedy: String
  let applies: @Sendable (TensorRole, Shape) -> Bool
  /// Puts the values back.
  let undo: @Sendable (TensorRole, Matrix, TransformerConfiguration) -> Matrix

  init(
    _ kind: String, _ words: String, remedy: String, applies: @escaping @Sendable (TensorRole, Shape) -> Bool,
    undo: @escaping @Sendable (TensorRole, Matrix, TransformerConfiguration) -> Matrix
  ) {
    (self.kind, self.words, self.remedy, self.applies, self.undo) = (kind, words, remedy, applies, undo)
  }
}

extension Rearrangement {
  /// Every one that is known. A new one is a line here.
  static let all: [Rearrangement] = [
    Rearrangement(
      "transposed", "is transposed", remedy: "store it [out, in], as torch.nn.Linear does",
      applies: { $0.isMatrix && $1.rows == $1.columns && $1.rows > 1 },
      undo: { _, matrix, _ in Matrix(rows: matrix.columns, columns: matrix.rows) { matrix[$1, $0] } }),
    // The bytes of a [in, out] matrix under the shape of its transpose.
    Rearrangement(
      "transposed", "holds the bytes of its transpose", remedy: "store it [out, in], as torch.nn.Linear does",
      applies: { $0.isMatrix && $1.rows != $1.columns && $1.rows > 1 },
      undo: { _, matrix, _ in
        let (rows, columns) = (matrix.rows, matrix.columns)
        return Matrix(rows: rows, columns: columns) { matrix.values[$1 * rows + $0] }
      }),
    Rearrangement(
      "halves_swapped", "has its two column halves swapped (embedding and feature)", remedy: "put the columns of the embedding first",
      applies: { $0.readsHalves($1.configuration) && $1.columns % 2 == 0 },
      undo: { _, matrix, _ in matrix.columns { ($0 + matrix.columns / 2) % matrix.columns } }),
    Rearrangement(
      "halves_swapped", "has its two row halves swapped (prediction and feature)", remedy: "put the rows that predict first",
      applies: { role, shape in role == .layer(0, .down) && shape.rows == 2 * shape.configuration.hiddenSize },
      undo: { _, matrix, _ in matrix.rows { ($0 + matrix.rows / 2) % matrix.rows } }),
    thirds([2, 1, 0]), thirds([1, 2, 0]), thirds([2, 0, 1]), thirds([1, 0, 2]), thirds([0, 2, 1]),
    Rearrangement(
      "row_order", "has the row order of GGUF, two by two, where the halves of a head belong one after the other",
      remedy: "undo the row order of llama.cpp's converter on q and k",
      applies: { role, shape in role.isRotated },
      undo: { role, matrix, configuration in
        matrix.outputs { place in headPlace(place, configuration) { half, dimension in 2 * (half % (dimension / 2)) + half / (dimension / 2) } }
      }),
    Rearrangement(
      "row_order", "had llama.cpp's row order undone though it never had it", remedy: "take the rows of q and k as the checkpoint has them",
      applies: { role, shape in role.isRotated },
      undo: { role, matrix, configuration in
        matrix.outputs { place in headPlace(place, configuration) { half, dimension in half % 2 * (dimension / 2) + half / 2 } }
      }),
    rotation(by: -1), rotation(by: 1),
    shift(by: 1), shift(by: -1),
    Rearrangement(
      "offset", "lacks the one that is added to norms kept around zero", remedy: "add 1 to the norm's weights",
      applies: { role, _ in role.isNorm }, undo: { _, matrix, _ in matrix.map { $0 + 1 } }),
    Rearrangement(
      "offset", "has a one added, as if norms were kept around zero", remedy: "subtract 1 from the norm's weights",
      applies: { role, _ in role.isNorm }, undo: { _, matrix, _ in matrix.map { $0 - 1 } }),
    Rearrangement(
      "sign", "has the other sign", remedy: "negate it", applies: { role, _ in role.isMatrix || role.isBias }, undo: { _, matrix, _ in matrix.map { -$0 } }),
  ]

  /// The three states of an EAGLE-3 fusion in another order.
  private static func thirds(_ order: [Int]) -> Rearrangement {
    Rearrangement(
      "order", "has the columns of the three states in another order than lowest layer first",
      remedy: "order the columns by layer, the lowest first",
      applies: { role, shape in role == .fusion(.projection) && shape.configuration.eagle3?.tapCount == 3 && shape.columns % 3 == 0 },
      undo: { _, matrix, _ in
        let width = matrix.columns / 3
        return matrix.columns { order[$0 / width] * width + $0 % width }
      })
  }

  /// Queries or keys turned as if their tokens stood elsewhere: positions off by one.
  private static func rotation(by steps: Float) -> Rearrangement {
    Rearrangement(
      "position_offset", "is turned by one position: queries and keys do not count positions from the same place",
      remedy: "check the position ids that the draft was trained and converted with",
      applies: { role, _ in role.isRotated },
      undo: { _, matrix, configuration in
        let (dimension, frequencies) = (configuration.headDimension, configuration.rotary.inverseFrequencies(headDimension: configuration.headDimension))
        let (columns, isVector) = (matrix.columns, matrix.rows == 1)
        func value(_ place: Int, _ column: Int) -> Float { isVector ? matrix.values[place] : matrix[place, column] }
        return Matrix(rows: matrix.rows, columns: columns) { row, column in
          let place = isVector ? column : row
          let (start, within) = (place / dimension * dimension, place % dimension)
          let pair = within % (dimension / 2)
          let angle = Double(frequencies[pair] * steps)
          let (first, second) = (value(start + pair, column), value(start + pair + dimension / 2, column))
          let (c, s) = (Float(SpecialFunctions.cosine(angle)), Float(SpecialFunctions.sine(angle)))
          return within < dimension / 2 ? first * c - second * s : second * c + first * s
        }
      })
  }

  /// Rows of a table of tokens, shifted.
  private static func shift(by rows: Int) -> Rearrangement {
    Rearrangement(
      "shifted", "has its rows shifted by one: each token has its neighbour's", remedy: "check the ids that the rows were saved under",
      applies: { role, _ in role == .tokenEmbedding || role == .outputHead },
      undo: { _, matrix, _ in matrix.rows { ($0 + rows + matrix.rows) % matrix.rows } })
  }

  /// The place among all heads' elements that a place within its head leads to.
  private static func headPlace(_ place: Int, _ configuration: TransformerConfiguration, _ within: (_ place: Int, _ dimension: Int) -> Int) -> Int {
    let dimension = configuration.headDimension
    return place / dimension * dimension + within(place % dimension, dimension)
  }
}

extension Matrix {
  /// Outputs in another order: rows of a matrix, elements of a vector.
  fileprivate func outputs(_ order: (Int) -> Int) -> Matrix { rows == 1 ? columns(order) : rows(order) }
}
