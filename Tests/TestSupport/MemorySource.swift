internal import ByteStorage
public import Tensors

/// Tensors whose bytes are in memory, for models that no file holds. As with a file, reading can fail or be watched.
public struct MemorySource: TensorSource {
  public private(set) var tensors: [TensorDescriptor] = []
  private var payloads: [[UInt8]] = []
  /// Called before every `read`.
  public var onRead: @Sendable (_ tensor: String, _ offset: Int) throws -> Void = { _, _ in }

  public init() {}

  /// The stored bytes of a tensor; none where there is none of that name.
  public func bytes(_ name: String) -> [UInt8] { tensors.firstIndex { $0.name == name }.map { payloads[$0] } ?? [] }

  /// Adds a tensor by its stored bytes; none at all for one that is only looked at, never read.
  public mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], bytes: [UInt8] = []) throws {
    tensors.append(try TensorDescriptor(name: name, type: type, shape: Shape(shape)))
    payloads.append(bytes)
  }

  /// Adds a tensor by its values, rounded to the nearest of `type`.
  public mutating func add(_ name: String, _ type: ElementType, _ shape: [Int], values: [Float]) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * type.bytesPerBlock)
    for value in values { type.append(value, to: &bytes) }
    try add(name, type, shape, bytes: bytes)
  }

  /// Takes a tensor away; nothing happens where there is none of that name.
  public mutating func remove(_ name: String) {
    guard let index = tensors.firstIndex(where: { $0.name == name }) else { return }
    tensors.remove(at: index)
    payloads.remove(at: index)
  }

  /// Replaces the first bytes of a tensor.
  public mutating func overwrite(_ index: Int, with bytes: [UInt8]) {
    payloads[index].replaceSubrange(0..<bytes.count, with: bytes)
  }

  public func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let payload = payloads[index]
    return try body(payload.rawBytes)
  }

  public func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try onRead(tensors[index].name, offset)
    for byte in 0..<buffer.byteCount {
      buffer.storeBytes(of: payloads[index][offset + byte], toByteOffset: byte, as: UInt8.self)
    }
  }
}

extension ElementType {
  /// Appends a value in this type, little-endian, rounded to nearest with ties to even.
  /// - Precondition: A plain float type of 16, 32 or 64 bits.
  public func append(_ value: Float, to bytes: inout [UInt8]) {
    switch self {
    case .f64: ElementType.append(Double(value).bitPattern, to: &bytes)
    case .f32: ElementType.append(value.bitPattern, to: &bytes)
    case .f16: ElementType.append(Float16(value).bitPattern, to: &bytes)
    case .bf16:
      let bits = value.bitPattern
      let rounded = value.isNaN ? bits | 0x40_0000 : bits + 0x7FFF + (bits >> 16 & 1)
      ElementType.append(UInt16(rounded >> 16), to: &bytes)
    default: preconditionFailure("tests store no values as \(self)")
    }
  }

  private static func append(_ bits: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for byte in 0..<bits.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
  }
}
