internal import ByteStorage
internal import Tensors

/// The tensors of a model under their plain names, some of them replaced or taken away: what an experiment decodes. Nothing is written,
/// and what stays is borrowed from where it is.
struct OverlaySource: TensorSource {
  /// Where a tensor's bytes are.
  enum Origin: Sendable {
    case stored(any TensorSource, index: Int)
    case made([UInt8])
  }

  private(set) var tensors: [TensorDescriptor] = []
  private var origins: [Origin] = []

  init() {}

  /// Adds a tensor as it is stored elsewhere, under another name.
  mutating func add(_ name: String, from source: any TensorSource, index: Int) throws(TensorError) {
    let found = source.tensors[index]
    tensors.append(try TensorDescriptor(name: name, type: found.type, shape: found.shape))
    origins.append(.stored(source, index: index))
  }

  /// Adds a tensor of floats.
  mutating func add(_ name: String, _ values: [Float], shape: Shape) throws(TensorError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values { bytes.append(littleEndian: value.bitPattern) }
    tensors.append(try TensorDescriptor(name: name, type: .f32, shape: shape))
    origins.append(.made(bytes))
  }

  /// Adds a tensor of 64-bit integers.
  mutating func add(_ name: String, integers: [Int]) throws(TensorError) {
    var bytes: [UInt8] = []
    for value in integers { bytes.append(littleEndian: Int64(value)) }
    tensors.append(try TensorDescriptor(name: name, type: .i64, shape: Shape([integers.count])))
    origins.append(.made(bytes))
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    switch origins[index] {
    case .stored(let source, let place): return try source.withBytes(of: place, body)
    case .made(let bytes): return try body(bytes.rawBytes)
    }
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    switch origins[index] {
    case .stored(let source, let place): try source.read(place, at: offset, into: &buffer)
    case .made(let bytes): buffer.copy(bytes.rawBytes.extracting(offset..<offset + buffer.byteCount), to: 0)
    }
  }
}
