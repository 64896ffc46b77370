import ByteStorage
import Checkpoints
import LinearAlgebra
import Models
import Quantization
import Tensors
import TestSupport
import Testing

/// Weights that others packed against values of torch and transformers (`scripts/make-packed-vectors.py`).
struct UnpackingTests {
  static let cases = [
    "f8-block", "f8-block-f32", "f8-tensor", "f8-tensor-e5m2", "f8-row", "f8-powers", "gptq-act-order", "gptq-v2", "gptq-8-bits",
    "gptq-one-group", "awq", "mxfp4", "mxfp4-weights",
  ]

  /// A case's parts, without what is expected of them, and that.
  private static func parts(_ name: String) throws -> (source: MemorySource, expected: [Float]) {
    let file = try SafetensorsBuilder(parsing: Fixtures.bytes("packed/\(name).safetensors"))
    var source = MemorySource()
    for entry in file.entries where entry.name != "expected" {
      let text = Array(entry.shape.utf8)
      let shape = try JSONValue.parse(text.rawBytes, limits: .config).array?.compactMap(\.integer) ?? []
      try source.add(entry.name, #require(ElementType(rawValue: entry.type.lowercased())), shape, bytes: entry.bytes)
    }
    let bytes = file["expected"].bytes
    let expected = stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
    }
    return (source, expected)
  }

  private static func unpacked(_ name: String, _ source: MemorySource) throws -> UnpackedWeights {
    let text = try Fixtures.bytes("packed/statements.json")
    let statements = try JSONValue.parse(text.rawBytes, limits: .config)
    let config = try ConfigDocument(["quantization_config": #require(statements[name])], file: "config.json")
    return try UnpackedWeights(of: source, config)
  }

  /// Bits of the values of some bytes, where every NaN is one.
  private static func patterns(_ bytes: RawSpan, _ type: ElementType) throws -> [UInt32] {
    let decoder = try #require(StorageFormat.of(type)).decoder
    var values = [Float](repeating: 0, count: bytes.byteCount / type.bytesPerBlock * type.elementsPerBlock)
    var span = values.mutableSpan
    decoder.decode(bytes, into: &span, using: .best)
    return patterns(values)
  }

  private static func patterns(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern } }

  @Test(arguments: cases)
  func valuesAreThoseOfTheOracle(name: String) throws {
    let (source, expected) = try UnpackingTests.parts(name)
    let unpacked = try UnpackingTests.unpacked(name, source)
    try #require(unpacked.source.tensors.map(\.name) == [name == "mxfp4" ? "x" : "x.weight"])
    let found = try unpacked.source.withBytes(of: 0) { try UnpackingTests.patterns($0, unpacked.source.tensors[0].type) }
    // A zero has one sign where it is a difference of integers, or ggml's 4-bit float; torch keeps the other.
    let hasOneZero = !name.hasPrefix("f8")
    func plain(_ patterns: [UInt32]) -> [UInt32] { patterns.map { hasOneZero && $0 == 0x8000_0000 ? 0 : $0 } }
    #expect(plain(found) == plain(UnpackingTests.patterns(expected)))
  }

  /// However a weight is cut into reads, its bytes are those of one.
  @Test(arguments: cases)
  func partsAreThoseOfTheWhole(name: String) throws {
    let source = try UnpackingTests.unpacked(name, UnpackingTests.parts(name).source).source
    let whole = try source.withBytes(of: 0) { $0.copied }
    for step in [1, 7, 64, 136, 1000] {
      var joined: [UInt8] = []
      for offset in stride(from: 0, to: whole.count, by: step) {
        var buffer = ByteBuffer(byteCount: min(step, whole.count - offset))
        do {
          var bytes = buffer.mutableBytes
          try source.read(0, at: offset, into: &bytes)
        }
        let bytes = buffer.bytes
        joined += bytes.copied
      }
      #expect(joined == whole, "in steps of \(step)")
    }
  }

  /// A few rows of a large weight cost memory and reads of those rows alone.
  @Test(arguments: ["f8-block", "gptq-act-order", "awq"])
  func aRowIsReadWithoutTheOthers(name: String) throws {
    var (source, _) = try UnpackingTests.parts(name)
    let bytes = Locked(0)
    let lead = name == "f8-block" ? "x.weight" : "x.qweight"
    source.onRead = { tensor, _ in if tensor == lead { bytes.withLock { $0 += 1 } } }
    let unpacked = try UnpackingTests.unpacked(name, source).source
    let row = unpacked.tensors[0].byteCount / unpacked.tensors[0].shape.rowCount
    var buffer = ByteBuffer(byteCount: row)
    do {
      var target = buffer.mutableBytes
      try unpacked.read(0, at: row, into: &target)
    }
    // One run of bytes, or a word of each row of words.
    #expect(bytes.withLock { $0 } == ["f8-block": 1, "gptq-act-order": 4, "awq": 24][name])
  }

  @Test func powersOfTwoAreKeptAsBrainFloats() throws {
    let source = try UnpackingTests.unpacked("f8-powers", UnpackingTests.parts("f8-powers").source).source
    #expect(source.tensors[0].type == .bf16)
  }
}
