import ByteStorage
import Tensors
import Testing

/// Tensors in memory that take what a file takes: reading can fail or be watched.
struct MemorySource: TensorSource {
  private(set) var tensors: [TensorDescriptor] = []
  private var payloads: [[UInt8]] = []
  /// Called before every read.
  var onRead: @Sendable (_ tensor: String, _ offset: Int) throws -> Void = { _, _ in }

  mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8]) throws {
    let descriptor = try TensorDescriptor(name: name, type: type, shape: Shape(shape))
    try #require(descriptor.byteCount == bytes.count)
    tensors.append(descriptor)
    payloads.append(bytes)
  }

  func bytes(_ name: String) -> [UInt8] { tensors.firstIndex { $0.name == name }.map { payloads[$0] } ?? [] }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let payload = payloads[index]
    return try body(payload.rawBytes)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try onRead(tensors[index].name, offset)
    for byte in 0..<buffer.byteCount {
      buffer.storeBytes(of: payloads[index][offset + byte], toByteOffset: byte, as: UInt8.self)
    }
  }
}

/// Elements as little-endian bytes.
func littleEndian<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
  values.flatMap { value in (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) } }
}
