import LinearAlgebra
import Tensors
import Testing

@Suite struct RowDecoderTests {
  /// A column of every value that 16 bits can mean.
  private func everyValue(_ type: ElementType) throws -> WeightMatrix {
    var source = MemorySource()
    let bytes = (0..<65536).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    try source.add("all", type, [65536, 1], bytes)
    return WeightMatrix(source: source, index: 0, decoder: try #require(RowDecoder.float(type)))
  }

  private func value(_ type: ElementType, _ bits: Int) -> Float {
    type == .f16 ? Float(Float16(bitPattern: UInt16(bits))) : Float(bitPattern: UInt32(bits) << 16)
  }

  @Test(arguments: [ElementType.f16, .bf16]) func everyBitPatternDecodesExactly(type: ElementType) throws {
    let decoded = try everyValue(type).decoded()
    for bits in 0..<65536 {
      let wanted = value(type, bits)
      #expect(decoded[bits].bitPattern == wanted.bitPattern || (decoded[bits].isNaN && wanted.isNaN))
    }
  }

  @Test(arguments: [ElementType.f16, .bf16], [1, 2]) func kernelsDecodeEveryBitPattern(type: ElementType, tokens: Int) throws {
    let weights = try everyValue(type)
    let one = Activations([[Float]](repeating: [1], count: tokens))
    for set in InstructionSet.available {
      var y = Activations(columns: 65536)
      try Compute(threads: 1, instructionSet: set).multiply(one, by: weights, into: &y)
      let row = y.row(tokens - 1)
      // 1 * w + 0 keeps every value but the sign of zero.
      let same = (0..<65536).allSatisfy { row[$0] == value(type, $0) || (row[$0].isNaN && value(type, $0).isNaN) }
      #expect(same, "\(set)")
    }
  }

  @Test func onlyPlainFloatsHaveDecodersHere() {
    let types = ElementType.allCases.filter { RowDecoder.float($0) != nil }
    #expect(types == [.f64, .f32, .f16, .bf16])
  }

  /// A block type that somebody adds later: the plain definition is all it needs.
  @Test func blockTypesComeInThroughTheDefinition() throws {
    let decoder = RowDecoder(.q8_0) { bytes, values in
      for block in 0..<values.count / 32 {
        let scale = Float(halfBits: UInt16(bytes.byte(block * 34)) | UInt16(bytes.byte(block * 34 + 1)) << 8)
        for index in 0..<32 { values[block * 32 + index] = scale * Float(Int8(bitPattern: bytes.byte(block * 34 + 2 + index))) }
      }
    }
    var numbers = Numbers(seed: 1)
    var bytes: [UInt8] = []
    var floats: [UInt8] = []
    for _ in 0..<10 * 20 {
      let scale = Float16(numbers.float())
      bytes += [UInt8(scale.bitPattern & 0xFF), UInt8(scale.bitPattern >> 8)]
      for _ in 0..<32 {
        let quant = Int8.random(in: -127...127, using: &numbers)
        bytes.append(UInt8(bitPattern: quant))
        floats += ElementType.f32.littleEndianBytes(of: Float(scale) * Float(quant))
      }
    }
    var source = MemorySource()
    try source.add("blocks", .q8_0, [10, 640], bytes)
    try source.add("floats", .f32, [10, 640], floats)
    let blocks = WeightMatrix(source: source, index: 0, decoder: decoder)
    let plain = WeightMatrix(source: source, index: 1, decoder: try #require(RowDecoder.float(.f32)))
    let x = numbers.activations(7, 640)
    for compute in allComputes {
      for tokens in [1, 7] {
        var a = Activations(columns: 10)
        var b = Activations(columns: 10)
        try compute.multiply(x.rows(0..<tokens), by: blocks, into: &a)
        try compute.multiply(x.rows(0..<tokens), by: plain, into: &b)
        #expect(a.bits == b.bits)
      }
    }
  }
}

extension RawSpan {
  fileprivate func byte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}
