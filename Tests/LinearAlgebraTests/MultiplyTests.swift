import LinearAlgebra
import Tensors
import Testing

/// Every way to compute with the sets and thread counts of this machine.
let allComputes: [Compute] = InstructionSet.available.flatMap { set in
  [1, 2, 3].map { Compute(threads: $0, instructionSet: set) }
}

@Suite struct MultiplyTests {
  static let types: [ElementType] = [.f32, .f16, .bf16, .f64]

  /// The definition, written down independently of the library.
  private func definition(_ matrix: StoredMatrix, row: Int, _ x: [Float]) -> Float {
    var lanes = [Float](repeating: 0, count: 16)
    for k in 0..<(x.count + 15) / 16 * 16 {
      let weight = k < x.count ? matrix.values[row * x.count + k] : 0
      lanes[k % 16] = lanes[k % 16].addingProduct(weight, k < x.count ? x[k] : 0)
    }
    for width in [8, 4, 2, 1] {
      for lane in 0..<width { lanes[lane] += lanes[lane + width] }
    }
    return lanes[0]
  }

  private func expected(_ matrix: StoredMatrix, _ x: borrowing Activations) -> [UInt32] {
    let columns = x.columns
    return x.values.chunked(columns).flatMap { row in
      (0..<matrix.weights.rows).map { index in
        let value = definition(matrix, row: index, row)
        return value.isNaN ? 0x7FC0_0000 : value.bitPattern
      }
    }
  }

  @Test(arguments: types, [[5, 1], [7, 15], [3, 16], [13, 33], [9, 528], [30, 1031], [35, 3089]])
  func bitsAreThoseOfTheDefinition(type: ElementType, shape: [Int]) throws {
    let matrix = try StoredMatrix(type, rows: shape[0], columns: shape[1], seed: 1)
    var numbers = Numbers(seed: 2)
    let x = numbers.activations(61, shape[1])
    let wanted = expected(matrix, x)
    for compute in allComputes {
      for tokens in Array(1...9) + [12, 13, 60, 61] {
        var y = Activations(columns: shape[0])
        try compute.multiply(x.rows(0..<tokens), by: matrix.weights, into: &y)
        #expect(y.bits == Array(wanted[..<(tokens * shape[0])]), "\(compute.instructionSet), \(tokens) tokens")
      }
    }
  }

  @Test(arguments: types) func bitsStayWhenThreadsShareTheWork(type: ElementType) throws {
    let matrix = try StoredMatrix(type, rows: 803, columns: 530, seed: 3)
    var numbers = Numbers(seed: 4)
    let x = numbers.activations(130, 530)
    var wanted = Activations(columns: 803)
    try Compute(threads: 1).multiply(x, by: matrix.weights, into: &wanted)
    for compute in allComputes where compute.instructionSet != .plain {
      for tokens in [1, 2, 60, 130] {
        var y = Activations(columns: 803)
        try compute.multiply(x.rows(0..<tokens), by: matrix.weights, into: &y)
        #expect(y.bits == Array(wanted.bits[..<(tokens * 803)]), "\(compute.instructionSet), \(tokens) tokens")
      }
    }
  }

  @Test(arguments: types) func specialValuesFollowTheDefinition(type: ElementType) throws {
    let special: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 0x1p-24, 0x1p-14, -0x1.8p-20, 65504, -65504]
    for special in [special, Array(special.filter(\.isFinite))] {
      let matrix = try StoredMatrix(type, rows: 11, columns: 45, seed: 5, special: special)
      var numbers = Numbers(seed: 6)
      var x = numbers.activations(7, 45)
      var row = x.mutableRow(3)
      row[44] = .infinity
      row[0] = -0.0
      let wanted = expected(matrix, x)
      for compute in allComputes {
        for tokens in [1, 7] {
          var y = Activations(columns: 11)
          try compute.multiply(x.rows(0..<tokens), by: matrix.weights, into: &y)
          #expect(y.bits == Array(wanted[..<(tokens * 11)]), "\(compute.instructionSet)")
        }
      }
    }
  }

  @Test(arguments: types) func errorsAreThoseOfSinglePrecision(type: ElementType) throws {
    let matrix = try StoredMatrix(type, rows: 40, columns: 2000, seed: 7)
    var numbers = Numbers(seed: 8)
    let x = numbers.activations(3, 2000)
    var y = Activations(columns: 40)
    try Compute(threads: 2).multiply(x, by: matrix.weights, into: &y)
    let (inputs, outputs) = (x.values, y.values)
    for token in 0..<3 {
      for row in 0..<40 {
        var sum = 0.0
        for k in 0..<2000 { sum += Double(matrix.values[row * 2000 + k]) * Double(inputs[token * 2000 + k]) }
        #expect(abs(Double(outputs[token * 40 + row]) - sum) < 2e-5)
      }
    }
  }

  @Test func biasIsAddedToEachToken() throws {
    let matrix = try StoredMatrix(.f32, rows: 5, columns: 20, seed: 9)
    var numbers = Numbers(seed: 10)
    let x = numbers.activations(3, 20)
    let compute = Compute(threads: 1)
    let bias: [Float] = [1, -2, 3, 0.5, 1e9]
    var plain = Activations(columns: 5)
    var biased = Activations(columns: 5)
    try compute.multiply(x, by: matrix.weights, into: &plain)
    try compute.multiply(x, by: matrix.weights, bias: bias, into: &biased)
    #expect(biased.values == plain.values.enumerated().map { $1 + bias[$0 % 5] })
  }

  @Test func noTokensGiveNoRows() throws {
    let matrix = try StoredMatrix(.f32, rows: 5, columns: 20, seed: 9)
    var y = Activations(tokens: 4, columns: 5)
    try Compute(threads: 2).multiply(Activations(columns: 20), by: matrix.weights, into: &y)
    #expect(y.tokens == 0)
  }

  @Test func bufferServesPassesOfAnyWidth() throws {
    // Padding must stay zero and old rows must not show.
    let matrix = try StoredMatrix(.f16, rows: 21, columns: 19, seed: 11)
    let back = try StoredMatrix(.f16, rows: 19, columns: 21, seed: 12)
    var numbers = Numbers(seed: 13)
    let x = numbers.activations(9, 19)
    let compute = Compute(threads: 1)
    var middle = Activations(columns: 21, capacity: 9)
    var y = Activations(columns: 19, capacity: 9)
    var results: [[UInt32]] = []
    for tokens in [9, 1, 4, 9] {
      try compute.multiply(x.rows(0..<tokens), by: matrix.weights, into: &middle)
      try compute.multiply(middle, by: back.weights, into: &y)
      results.append(Array(y.bits.prefix(19)))
    }
    #expect(Set(results).count == 1)
    #expect(middle.capacity == 9)
  }

  @Test(arguments: types, [1, 2, 40, 200]) func prefillAgreesWithinRounding(type: ElementType, tokens: Int) throws {
    let matrix = try StoredMatrix(type, rows: 300, columns: 517, seed: 14)
    var numbers = Numbers(seed: 15)
    let x = numbers.activations(tokens, 517)
    var exact = Activations(columns: 300)
    try Compute(threads: 2).multiply(x, by: matrix.weights, into: &exact)
    var bits: Set<[UInt32]> = []
    for compute in allComputes {
      var y = Activations(columns: 300)
      try compute.multiplyPrefill(x, by: matrix.weights, into: &y)
      bits.insert(y.bits)
      #expect(zip(y.values, exact.values).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(bits.count == 1, "threads and instruction sets do not change OpenBLAS's result")
  }

  @Test func gatherDecodesRows() throws {
    for type in Self.types {
      let matrix = try StoredMatrix(type, rows: 6, columns: 37, seed: 16)
      var y = Activations(columns: 37)
      try Compute(threads: 1).gather([5, 0, 5], of: matrix.weights, into: &y)
      let rows = matrix.values.chunked(37)
      #expect(y.values == rows[5] + rows[0] + rows[5])
      #expect(try matrix.weights.decoded() == matrix.values)
    }
  }
}

extension Array {
  func chunked(_ count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
