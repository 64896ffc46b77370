internal import ByteStorage
package import Tensors

/// The tensors of a model under their plain names, some of them replaced or taken away: what an experiment decodes, or what training made.
/// What stays is borrowed from where it is.
package struct OverlaySource: TensorSource {
  /// Where a tensor's bytes are.
  private enum Origin: Sendable {
    case stored(any TensorSource, index: Int)
    case made([UInt8])
  }

  package private(set) var tensors: [TensorDescriptor] = []
  private var origins: [Origin] = []

  package init() {}

  /// Adds a tensor as it is stored elsewhere, under another name.
  package mutating func add(_ name: String, from source: any TensorSource, index: Int) throws(TensorError) {
    let found = source.tensors[index]
    tensors.append(try TensorDescriptor(name: name, type: found.type, shape: found.shape))
    origins.append(.stored(source, index: index))
  }

  /// Adds a tensor by its stored bytes.
  package mutating func add(_ name: String, _ type: ElementType, _ shape: Shape, bytes: [UInt8]) throws(TensorError) {
    let descriptor = try TensorDescriptor(name: name, type: type, shape: shape)
    precondition(bytes.count == descriptor.byteCount, "\(bytes.count) bytes are no \(descriptor)")
    tensors.append(descriptor)
    origins.append(.made(bytes))
  }

  /// Adds a tensor of floats.
  package mutating func add(_ name: String, _ values: [Float], shape: Shape) throws(TensorError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values { bytes.append(littleEndian: value.bitPattern) }
    try add(name, .f32, shape, bytes: bytes)
  }

  /// Adds a tensor of 64-bit integers.
  package mutating func add(_ name: String, integers: [Int]) throws(TensorError) {
    var bytes: [UInt8] = []
    for value in integers { bytes.append(littleEndian: Int64(value)) }
    try add(name, .i64, Shape([integers.count]), bytes: bytes)
  }

  package func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    switch origins[index] {
    case .stored(let source, let place): return try source.withBytes(of: place, body)
    case .made(let bytes): return try body(bytes.rawBytes)
    }
  }

  package func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    switch origins[index] {
    case .stored(let source, let place): try source.read(place, at: offset, into: &buffer)
    case .made(let bytes): buffer.copy(bytes.rawBytes.extracting(offset..<offset + buffer.byteCount), to: 0)
    }
  }
}
