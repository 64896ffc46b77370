import Foundation
import LinearAlgebra
import Testing

@Suite struct ElementwiseTests {
  private func ulps(_ value: Float, _ wanted: Double) -> Double {
    abs(Double(value) - wanted) / Double(Float(wanted).ulp)
  }

  /// Where -x is large, silu is x * exp(x), so its error is that of the exponential.
  @Test func siluIsAccurateAndTheSameEverywhere() {
    var numbers = Numbers(seed: 1)
    var inputs = (0..<200_000).map { _ in numbers.float(in: -110...110) }
    inputs += (0..<20_000).map { _ in numbers.float(in: -1e-3...1e-3) }
    inputs += stride(from: Float(-104.5), through: 89.5, by: 0.0625)
    var results: Set<[UInt32]> = []
    for compute in allComputes {
      var x = Activations([inputs])
      compute.silu(&x)
      results.insert(x.bits)
    }
    #expect(results.count == 1)
    var x = Activations([inputs])
    Compute(threads: 1).silu(&x)
    let row = x.row(0)
    var worst = 0.0
    for (index, input) in inputs.enumerated() {
      let wanted = Double(input) / (1 + exp(-Double(input)))
      worst = max(worst, abs(wanted) < 1e-36 ? 0 : ulps(row[index], wanted))
    }
    #expect(worst < 2.6)
  }

  @Test func siluOfUnusualValues() {
    for compute in allComputes {
      var x = Activations([[.infinity, -.infinity, .nan, 0, -0.0, 1e30, -1e30, -103.9]])
      compute.silu(&x)
      let row = x.row(0)
      #expect(row[0] == .infinity && row[1].isNaN && row[2].isNaN && row[3] == 0 && row[4] == 0)
      #expect(row[5] == 1e30 && row[6] == 0 && row[7] == 0)
    }
  }

  @Test func siluMultiplyIsTheProduct() {
    var numbers = Numbers(seed: 2)
    let gate = numbers.activations(3, 37)
    let up = numbers.activations(3, 37)
    for compute in allComputes {
      var alone = gate.rows(0..<3)
      var both = gate.rows(0..<3)
      compute.silu(&alone)
      compute.siluMultiply(gate: &both, up: up)
      #expect(both.values == zip(alone.values, up.values).map { $0 * $1 })
    }
  }

  @Test func manyTokensAreSharedAmongThreads() {
    var numbers = Numbers(seed: 3)
    let gate = numbers.activations(40, 3000)
    let up = numbers.activations(40, 3000)
    var results: Set<[UInt32]> = []
    for threads in 1...3 {
      var y = gate.rows(0..<40)
      Compute(threads: threads).siluMultiply(gate: &y, up: up)
      results.insert(y.bits)
    }
    #expect(results.count == 1)
  }

  @Test func rmsNormAgreesWithDoublePrecision() {
    var numbers = Numbers(seed: 4)
    let x = numbers.activations(4, 165)
    let weight = (0..<165).map { _ in numbers.float(in: 0.5...1.5) }
    var results: Set<[UInt32]> = []
    for compute in allComputes {
      var y = Activations(columns: 165)
      compute.rmsNorm(x, weight: weight, epsilon: 1e-5, into: &y)
      results.insert(y.bits)
      for token in 0..<4 {
        let (input, output) = (x.row(token), y.row(token))
        let squares = (0..<165).reduce(0.0) { $0 + Double(input[$1]) * Double(input[$1]) }
        let factor = 1 / (squares / 165 + 1e-5).squareRoot()
        #expect((0..<165).allSatisfy { abs(Double(output[$0]) - Double(input[$0]) * factor * Double(weight[$0])) < 1e-6 })
      }
    }
    #expect(results.count == 1)
  }

  @Test func rmsNormOfGroupsNormalisesEachHead() {
    var numbers = Numbers(seed: 5)
    let x = numbers.activations(2, 60)
    let weight = (0..<20).map { _ in numbers.float() }
    let compute = Compute(threads: 1)
    var whole = Activations(columns: 60)
    var part = Activations(columns: 20)
    var head = Activations(columns: 20)
    compute.rmsNorm(x, weight: weight, epsilon: 1e-6, into: &whole)
    for group in 0..<3 {
      compute.copyColumns(group * 20..<group * 20 + 20, of: x, into: &head)
      compute.rmsNorm(head, weight: weight, epsilon: 1e-6, into: &part)
      compute.copyColumns(group * 20..<group * 20 + 20, of: whole, into: &head)
      #expect(head.bits == part.bits)
    }
  }

  @Test func columnsAreJoinedCopiedAndAdded() {
    let compute = Compute(threads: 1)
    let a = Activations([[1, 2], [3, 4]])
    let b = Activations([[5, 6, 7], [8, 9, 10]])
    var joined = Activations(columns: 5)
    compute.concatenate(a, b, into: &joined)
    #expect(joined.values == [1, 2, 5, 6, 7, 3, 4, 8, 9, 10])
    var slice = Activations(columns: 2)
    compute.copyColumns(1..<3, of: joined, into: &slice)
    #expect(slice.values == [2, 5, 4, 8])
    compute.add(a, into: &joined, at: 3)
    #expect(joined.values == [1, 2, 5, 7, 9, 3, 4, 8, 12, 14])
    compute.add(a, into: &slice)
    #expect(slice.values == [3, 7, 7, 12])
    var rows = Activations(columns: 2)
    compute.copyRows([1, 0, 1], of: a, into: &rows)
    #expect(rows.values == [3, 4, 1, 2, 3, 4])
  }

  @Test func ropeTurnsHalvesAgainstEachOther() {
    let frequencies: [Float] = [1, 0.1, 0.01]
    let table = RotaryTable(inverseFrequencies: frequencies, attentionFactor: 1.25)
    var numbers = Numbers(seed: 6)
    let x = numbers.activations(3, 16)
    let positions = [0, 7, 4095]
    var y = x.rows(0..<3)
    Compute(threads: 1).rope(&y, heads: 2, headDimension: 8, positions: positions, table: table)
    for (token, position) in positions.enumerated() {
      let (input, output) = (x.row(token), y.row(token))
      for head in 0..<2 {
        for pair in 0..<3 {
          let angle = Double(Float(position) * frequencies[pair])
          let (a, b) = (Double(input[head * 8 + pair]), Double(input[head * 8 + pair + 3]))
          #expect(abs(Double(output[head * 8 + pair]) - 1.25 * (a * cos(angle) - b * sin(angle))) < 1e-6)
          #expect(abs(Double(output[head * 8 + pair + 3]) - 1.25 * (b * cos(angle) + a * sin(angle))) < 1e-6)
        }
        #expect(output[head * 8 + 6] == input[head * 8 + 6] && output[head * 8 + 7] == input[head * 8 + 7])
      }
    }
  }

  @Test func rotaryTableGivesTheSameBitsHoweverItGrew() {
    let frequencies: [Float] = [1, 0.25, 0.003]
    var numbers = Numbers(seed: 7)
    let x = numbers.activations(1, 6)
    let compute = Compute(threads: 1)
    let grown = RotaryTable(inverseFrequencies: frequencies)
    for position in [0, 3, 900] {
      let fresh = RotaryTable(inverseFrequencies: frequencies)
      var a = x.rows(0..<1)
      var b = x.rows(0..<1)
      compute.rope(&a, heads: 1, headDimension: 6, positions: [position], table: grown)
      compute.rope(&b, heads: 1, headDimension: 6, positions: [position], table: fresh)
      #expect(a.bits == b.bits)
    }
  }
}
