import LinearAlgebra
import Tensors
import Testing

/// Tensors in memory, each at an odd address: stored bytes need no alignment.
struct MemorySource: TensorSource {
  private(set) var tensors: [TensorDescriptor] = []
  private var payloads: [[UInt8]] = []

  mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8]) throws {
    tensors.append(try TensorDescriptor(name: name, type: type, shape: Shape(shape)))
    payloads.append([0] + bytes)
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let payload = payloads[index]
    // Sound: the array lives until the call returns.
    let bytes = unsafe payload.span.bytes
    return try body(bytes.extracting(droppingFirst: 1))
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    for byte in 0..<buffer.byteCount {
      buffer.storeBytes(of: payloads[index][1 + offset + byte], toByteOffset: byte, as: UInt8.self)
    }
  }
}

/// A repeatable stream of numbers (SplitMix64).
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func float(in range: ClosedRange<Float> = -1...1) -> Float { .random(in: range, using: &self) }

  mutating func activations(_ tokens: Int, _ columns: Int) -> Activations {
    var matrix = Activations(tokens: tokens, columns: columns)
    for token in 0..<tokens {
      var row = matrix.mutableRow(token)
      for index in row.indices { row[index] = float() }
    }
    return matrix
  }
}

/// A stored matrix and the floats that its bytes mean.
struct StoredMatrix {
  let weights: WeightMatrix
  let values: [Float]

  /// Random values of a type; `special` puts unusual ones among them.
  init(_ type: ElementType, rows: Int, columns: Int, seed: UInt64, special: [Float] = []) throws {
    var numbers = Numbers(seed: seed)
    var bytes: [UInt8] = []
    var values: [Float] = []
    for index in 0..<rows * columns {
      let wanted = index % 7 == 3 && !special.isEmpty ? special[index / 7 % special.count] : numbers.float()
      let value = type.rounded(wanted)
      values.append(value)
      bytes += type.littleEndianBytes(of: value)
    }
    var source = MemorySource()
    try source.add("matrix", type, [rows, columns], bytes)
    let decoder = try #require(RowDecoder.float(type))
    weights = WeightMatrix(source: source, index: 0, decoder: decoder)
    self.values = values
  }
}

extension ElementType {
  /// The nearest value below (in magnitude) that the type can hold.
  func rounded(_ value: Float) -> Float {
    switch self {
    case .f16: Float(Float16(value))
    case .bf16: Float(bitPattern: value.bitPattern & 0xFFFF_0000)
    default: value
    }
  }

  func littleEndianBytes(of value: Float) -> [UInt8] {
    func bytes<Bits: FixedWidthInteger>(_ bits: Bits) -> [UInt8] {
      (0..<Bits.bitWidth / 8).map { UInt8(truncatingIfNeeded: bits >> Bits($0 * 8)) }
    }
    return switch self {
    case .f64: bytes(Double(value).bitPattern)
    case .f16: bytes(Float16(value).bitPattern)
    case .bf16: bytes(UInt16(value.bitPattern >> 16))
    default: bytes(value.bitPattern)
    }
  }
}

extension Activations {
  /// The bits of every value, row by row; all NaNs count as one.
  var bits: [UInt32] {
    var bits: [UInt32] = []
    for token in 0..<tokens {
      let row = row(token)
      for index in row.indices { bits.append(row[index].isNaN ? 0x7FC0_0000 : row[index].bitPattern) }
    }
    return bits
  }

  /// Every value, row by row.
  var values: [Float] {
    var values: [Float] = []
    for token in 0..<tokens {
      let row = row(token)
      for index in row.indices { values.append(row[index]) }
    }
    return values
  }

  init(_ rows: [[Float]]) {
    self.init(tokens: rows.count, columns: rows[0].count)
    for (token, values) in rows.enumerated() {
      var row = mutableRow(token)
      for index in row.indices { row[index] = values[index] }
    }
  }

  /// A matrix of some of the rows.
  func rows(_ range: Range<Int>) -> Activations {
    var part = Activations(tokens: range.count, columns: columns)
    for token in range { part.copyRow(token, of: self, to: token - range.lowerBound) }
    return part
  }
}
