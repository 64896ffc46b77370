import LinearAlgebra
import Quantization
import TestSupport
import Testing

struct ErrorMeasureTests {
  @Test(arguments: InstructionSet.available) func smallCasesByHand(set: InstructionSet) {
    var measure = ErrorMeasure()
    measure.add([3, 4].span, decoded: [0, 4].span, using: set)
    #expect(measure.count == 2)
    #expect(measure.rmse == 4.5.squareRoot())
    #expect(measure.maximum == 3)
    #expect(measure.cosine == 0.8)
    measure.add([0, 0, 0].span, decoded: [0, -5, 0].span, using: set)
    #expect(measure.rmse == (34.0 / 5).squareRoot())
    #expect(measure.maximum == 5)
  }

  @Test func nothingAndZeros() {
    var measure = ErrorMeasure()
    #expect(measure.rmse == 0 && measure.maximum == 0 && measure.cosine == 1)
    measure.add([0, 0].span, decoded: [0, 0].span)
    #expect(measure.rmse == 0 && measure.cosine == 1)
    measure.add([0, 0].span, decoded: [1, 0].span)
    #expect(measure.cosine == 0)
  }

  /// The same with all instructions, whole or in chunks, and what plain sums give.
  @Test func manyValuesInChunks() {
    var numbers = SeededNumbers(seed: 5)
    let values = (0..<1003).map { _ in Float.random(in: -1..<1, using: &numbers) }
    let decoded = values.map { $0 + Float.random(in: -0.01..<0.01, using: &numbers) }
    var plain = ErrorMeasure()
    plain.add(values.span, decoded: decoded.span, using: .plain)
    for set in InstructionSet.available {
      var measure = ErrorMeasure()
      for start in stride(from: 0, to: values.count, by: 256) {
        let range = start..<min(start + 256, values.count)
        measure.add(values.span.extracting(range), decoded: decoded.span.extracting(range), using: set)
      }
      #expect(measure.rmse == plain.rmse && measure.maximum == plain.maximum && measure.cosine == plain.cosine)
    }
    let squares = zip(values, decoded).reduce(0) { $0 + Double($1.1 - $1.0) * Double($1.1 - $1.0) }
    #expect(abs(plain.rmse - (squares / 1003).squareRoot()) < 1e-8)
  }
}
