import ByteStorage
import Exports
import Tensors
import Testing

@Suite struct ArrangedSourceTests {
  /// A matrix of 8 rows with two elements, each row its number twice, and a vector of 8.
  private static func numbers() throws -> MadeSource {
    var source = MadeSource()
    func bytes(_ values: [Float]) -> [UInt8] { values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } } }
    _ = try source.add("matrix", type: .f32, shape: Shape([8, 2]), bytes: bytes((0..<8).flatMap { [Float($0), Float($0)] }))
    _ = try source.add("vector", type: .f32, shape: Shape([8]), bytes: bytes((0..<8).map { Float($0) }))
    return source
  }

  private static func values(_ source: some TensorSource, _ index: Int) throws -> [Float] {
    try source.withBytes(of: index) { bytes in
      (0..<bytes.byteCount / 4).map { Float(bitPattern: bytes.littleEndian(UInt32.self, at: 4 * $0) ?? 0) }
    }
  }

  /// As `permute` of llama.cpp's converter orders them: numpy's reshape(heads, 2, rows / 2).swapaxes(1, 2).
  @Test func halvesOfHeadsInterleave() throws {
    var source = ArrangedSource(try ArrangedSourceTests.numbers())
    let order = ArrangedSource.RowOrder.interleavedHalves(headRows: 4)
    let matrix = try source.add("q", shape: Shape([8, 2]), parts: [.init(0, order)])
    let vector = try source.add("b", shape: Shape([8]), parts: [.init(1, order)])
    let expected: [Float] = [0, 2, 1, 3, 4, 6, 5, 7]
    #expect(try ArrangedSourceTests.values(source, vector) == expected)
    #expect(try ArrangedSourceTests.values(source, matrix) == expected.flatMap { [$0, $0] })
  }

  @Test func partsFollowOneAnother() throws {
    var source = ArrangedSource(try ArrangedSourceTests.numbers())
    let merged = try source.add("experts", shape: Shape([2, 8]), parts: [.init(1), .init(1, .interleavedHalves(headRows: 8))])
    #expect(try ArrangedSourceTests.values(source, merged) == [0, 1, 2, 3, 4, 5, 6, 7, 0, 4, 1, 5, 2, 6, 3, 7])
  }

  /// Any range of the bytes is what the whole has there.
  @Test func rangesAreThoseOfTheWhole() throws {
    var source = ArrangedSource(try ArrangedSourceTests.numbers())
    let index = try source.add(
      "all", shape: Shape([24]), parts: [.init(0, .interleavedHalves(headRows: 4)), .init(1, .interleavedHalves(headRows: 8))])
    let whole = try source.withBytes(of: index) { $0.copied }
    for start in stride(from: 0, to: whole.count, by: 5) {
      for count in [1, 7, 23] where start + count <= whole.count {
        var buffer = ByteBuffer(byteCount: count)
        var bytes = buffer.mutableBytes
        try source.read(index, at: start, into: &bytes)
        #expect(buffer.bytes.copied == Array(whole[start..<start + count]))
      }
    }
  }
}
