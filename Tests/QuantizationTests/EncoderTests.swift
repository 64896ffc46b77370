import ByteStorage
import LinearAlgebra
import Quantization
import Tensors
import TestSupport
import Testing

/// Encoders against bytes that the gguf package made (`scripts/make-encoder-vectors.py`).
struct EncoderTests {
  private static let columns = 256

  private static func values() throws -> [Float] {
    let bytes = try Fixtures.bytes("encoders/values.f32")
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
    }
  }

  @Test(arguments: [ElementType.f16, .bf16, .q8_0], InstructionSet.available)
  func bytesAreThoseOfTheGGUFPackage(type: ElementType, set: InstructionSet) throws {
    let values = try EncoderTests.values()
    let encoder = try #require(StorageFormat.of(type)?.encoder)
    let expected = try Fixtures.bytes("encoders/\(type).bin")
    #expect(encoder.bytes(of: values, columns: EncoderTests.columns, using: set) == expected)
  }

  /// Every 16-bit pattern that is a number is what it encodes to, and so is everything between and beyond.
  @Test(arguments: InstructionSet.available) func halvesRoundToTheNearestEven(set: InstructionSet) throws {
    let format = try #require(StorageFormat.of(.f16))
    var values: [Float] = []
    for bits in UInt16(0)..<0x7C00 {
      let (value, next) = (Float(halfBits: bits), Float(halfBits: bits + 1))
      values += [value, -value]
      if next.isFinite { values += [(value + next) / 2, ((value + next) / 2).nextUp, ((value + next) / 2).nextDown] }
    }
    values += [65519.996, 1e-30, -1e-30, .leastNonzeroMagnitude]
    let encoded = try #require(format.encoder).bytes(of: values, columns: values.count, using: set)
    for (index, value) in values.enumerated() {
      let bits = UInt16(encoded[2 * index]) | UInt16(encoded[2 * index + 1]) << 8
      #expect(bits == Float16(value).bitPattern, "\(value)")
    }
  }

  /// Rows that no vector covers: tiny scales whose reciprocal overflows, one denormal, signed zeros.
  @Test func kernelsGiveTheBytesOfTheDefinition() throws {
    var numbers = SeededNumbers(seed: 7)
    var values: [Float] = []
    for scale: Float in [0x1p-146, 0x1p-133, 2e-38, 1e-30, 1e-8, 1, 1e6] {
      values += (0..<64).map { _ in Float.random(in: -0.5..<0.5, using: &numbers) * scale }
    }
    values += [Float](repeating: -0.0, count: 32) + [Float](repeating: 0, count: 31) + [.leastNonzeroMagnitude]
    let encoder = try #require(StorageFormat.of(.q8_0)?.encoder)
    let definition = encoder.bytes(of: values, columns: 64, using: .plain)
    for set in InstructionSet.available { #expect(encoder.bytes(of: values, columns: 64, using: set) == definition, "\(set)") }
  }

  /// What was encoded is within half a step, and the largest value of a block comes back almost as it was.
  @Test func decodingUndoesEncoding() throws {
    let values = try EncoderTests.values()
    let format = try #require(StorageFormat.of(.q8_0))
    let bytes = try #require(format.encoder).bytes(of: values, columns: EncoderTests.columns, using: .best)
    for set in InstructionSet.available {
      let decoded = format.decoder.values(of: bytes, count: values.count, using: set)
      for block in 0..<values.count / 32 {
        let range = block * 32..<(block + 1) * 32
        let largest = values[range].reduce(0) { max($0, abs($1)) }
        // Half a step of rounding, and the rounding of the scale to a half (2^-11, or 2^-25 where it is subnormal).
        let bound = largest / 127 / 2 + largest * 0x1p-11 + 127 * 0x1p-25
        for index in range { #expect(abs(decoded[index] - values[index]) <= bound * 1.001) }
      }
    }
  }
}

extension RowEncoder {
  /// The stored bytes of rows.
  func bytes(of values: [Float], columns: Int, importance: [Float]? = nil, using set: InstructionSet) -> [UInt8] {
    var buffer = ByteBuffer(byteCount: values.count / type.elementsPerBlock * type.bytesPerBlock)
    var bytes = buffer.mutableBytes
    encode(values.span, columns: columns, importance: importance, into: &bytes, using: set)
    return buffer.bytes.copied
  }
}

extension RowDecoder {
  /// The values of stored bytes.
  func values(of bytes: [UInt8], count: Int, using set: InstructionSet) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var span = values.mutableSpan
    decode(bytes.rawBytes, into: &span, using: set)
    return values
  }
}
