import ByteStorage
import LinearAlgebra
import Quantization
import Tensors

extension Fuzzer {
  static let blocks = Fuzzer(
    name: "blocks", description: "stored blocks of every type: every instruction set decodes them to the same bits",
    maximumBytes: 2048,
    read: { input in
      guard let first = input.first, Int(first) < StorageFormat.all.count else {
        throw GriffinError(.malformed, offset: 0, "expected the number of a type")
      }
      let format = StorageFormat.all[Int(first)]
      let (count, rest) = (input.count - 1).quotientAndRemainder(dividingBy: format.type.bytesPerBlock)
      guard rest == 0 else { throw GriffinError(.malformed, offset: input.count, "expected whole blocks of \(format.type)") }
      // A copy of exactly these bytes, so that the address sanitizer sees where they end.
      let bytes = Array(input.dropFirst())
      var expected = [Float](repeating: 0, count: count * format.type.elementsPerBlock)
      var span = expected.mutableSpan
      format.decoder.decode(bytes.rawBytes, into: &span)
      for set in InstructionSet.available {
        var values = [Float](repeating: 0, count: expected.count)
        var span = values.mutableSpan
        format.decoder.decode(bytes.rawBytes, into: &span, using: set)
        for (index, (value, other)) in zip(expected, values).enumerated() {
          // What is no number may differ in how it is none.
          let isEqual = value.bitPattern == other.bitPattern || value.isNaN && other.isNaN
          precondition(isEqual, "\(format.type) by \(set): element \(index)")
        }
      }
    },
    seeds: {
      StorageFormat.all.enumerated().map { index, format in
        let bytes = (0..<2 * format.type.bytesPerBlock).map { UInt8(truncatingIfNeeded: 37 * $0 + 11) }
        return Seed(format.type.rawValue, [UInt8(index)] + bytes)
      }
    })
}
