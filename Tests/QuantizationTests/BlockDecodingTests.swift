import ByteStorage
import LinearAlgebra
import Quantization
import Tensors
import TestSupport
import Testing

/// Block decoders against values that the gguf package decoded (`scripts/make-block-vectors.py`).
struct BlockDecodingTests {
  /// Every block type that is read; `q8_1` and `q8_k` hold activations and occur in no file.
  static let types = ElementType.allCases.filter { $0.category == .block && $0 != .q8_1 && $0 != .q8_k }

  private static func decoder(_ type: ElementType) throws -> RowDecoder { try #require(StorageFormat.of(type)).decoder }

  /// Bit patterns, where every NaN is one.
  private static func patterns(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern } }

  @Test(arguments: types, InstructionSet.available)
  func valuesAreThoseOfTheGGUFPackage(type: ElementType, set: InstructionSet) throws {
    let blocks = try Fixtures.bytes("blocks/\(type).bin")
    let expected = try Fixtures.bytes("blocks/\(type).f32")
    let patterns = stride(from: 0, to: expected.count, by: 4).map { start in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(expected[start + $1]) << (8 * $1) }
    }
    try #require(blocks.count / type.bytesPerBlock * type.elementsPerBlock == patterns.count)
    let values = try BlockDecodingTests.decoder(type).values(of: blocks, count: patterns.count, using: set)
    let found = BlockDecodingTests.patterns(values)
    let firstDifference = found.indices.first { found[$0] != patterns[$0] }
    #expect(firstDifference == nil)
  }

  @Test(arguments: types, InstructionSet.available)
  func aThousandRandomBlocksHaveTheDigestOfTheGGUFPackage(type: ElementType, set: InstructionSet) throws {
    let text = try Fixtures.bytes("blocks/digests.json")
    let entry = try #require(try JSONValue.parse(text.rawBytes, limits: .config)[type.rawValue])
    let count = try #require(entry["blocks"]?.integer)
    var numbers = SeededNumbers(seed: UInt64(try #require(entry["seed"]?.integer)))
    let blocks = numbers.bytes(count * type.bytesPerBlock)
    let values = try BlockDecodingTests.decoder(type).values(of: blocks, count: count * type.elementsPerBlock, using: set)
    var buffer = ByteBuffer(byteCount: 4 * values.count)
    do {
      var bytes = buffer.mutableBytes
      for (index, pattern) in BlockDecodingTests.patterns(values).enumerated() { bytes.storeLittleEndian(pattern, at: 4 * index) }
    }
    #expect(SHA256Digest(of: buffer.bytes).hexadecimal == entry["sha256"]?.string)
  }

  /// Without, decoding takes some twenty times as long, and nothing else says so.
  @Test(arguments: types, InstructionSet.available.filter { $0 != .plain })
  func everyTypeHasKernels(type: ElementType, set: InstructionSet) throws {
    #expect(try BlockDecodingTests.decoder(type).hasKernels(for: set))
  }

  @Test func blocksOfActivationsAreNotDecoded() {
    #expect(StorageFormat.of(.q8_1) == nil && StorageFormat.of(.q8_k) == nil)
  }

  /// A matrix multiplied straight from its blocks gives the bits that plain Swift gives for its decoded values.
  @Test(arguments: types, InstructionSet.available)
  func productsAreThoseOfTheDecodedValues(type: ElementType, set: InstructionSet) throws {
    // Rows that are not done four at a time, and small blocks that do not fill a piece of 256.
    try expectProducts(type, set, rows: 9, columns: type.elementsPerBlock == 256 ? 1280 : 1312, tokens: Array(1...9) + [12, 60])
    // Columns of which two tokens are more than the first-level cache holds, and more rows than have their sums beside it.
    try expectProducts(type, set, rows: 35, columns: type.elementsPerBlock == 256 ? 3328 : 3360, tokens: Array(2...5))
  }

  private func expectProducts(_ type: ElementType, _ set: InstructionSet, rows: Int, columns: Int, tokens: [Int]) throws {
    var numbers = SeededNumbers(seed: 31)
    let decoder = try BlockDecodingTests.decoder(type)
    let vectors = try Fixtures.bytes("blocks/\(type).bin")
    // The random blocks of the vectors come first, and have scales as weights do.
    let count = type.elementsPerBlock == 256 ? 6 : 24
    var blocks: [UInt8] = []
    for _ in 0..<rows * columns / type.elementsPerBlock {
      let start = Int.random(in: 0..<count, using: &numbers) * type.bytesPerBlock
      blocks += vectors[start..<start + type.bytesPerBlock]
    }
    var source = MemorySource()
    try source.add("blocks", type, [rows, columns], bytes: blocks)
    try source.add("values", .f32, [rows, columns], values: decoder.values(of: blocks, count: rows * columns, using: .plain))
    let plain = try #require(StorageFormat.of(.f32)).decoder
    for tokens in tokens {
      let x = (0..<tokens * columns).map { _ in Float.random(in: -1...1, using: &numbers) }
      let decoded = try BlockDecodingTests.product(
        x, tokens: tokens, WeightMatrix(source: source, index: 1, decoder: plain), Compute(threads: 1, instructionSet: .plain))
      for threads in [1, 2] {
        let direct = try BlockDecodingTests.product(
          x, tokens: tokens, WeightMatrix(source: source, index: 0, decoder: decoder),
          Compute(threads: threads, instructionSet: set))
        #expect(BlockDecodingTests.patterns(direct) == BlockDecodingTests.patterns(decoded), "\(tokens) tokens, \(threads) threads")
      }
    }
  }

  /// `[tokens, rows]`.
  private static func product(_ x: [Float], tokens: Int, _ weights: WeightMatrix, _ compute: Compute) throws -> [Float] {
    var input = Activations(tokens: tokens, columns: weights.columns)
    for token in 0..<tokens {
      var row = input.mutableRow(token)
      for index in 0..<weights.columns { row[index] = x[token * weights.columns + index] }
    }
    var output = Activations(columns: weights.rows)
    try compute.multiply(input, by: weights, into: &output)
    var values: [Float] = []
    for token in 0..<tokens {
      let row = output.row(token)
      for index in 0..<weights.rows { values.append(row[index]) }
    }
    return values
  }
}
