internal import ByteStorage
internal import Tensors

/// One of the tensors that a packed weight is made of.
struct PackedPart: Sendable {
  /// Its place in the source.
  let index: Int
  let descriptor: TensorDescriptor
  /// The configuration's file, for messages.
  let file: String?

  var type: ElementType { descriptor.type }
  var dimensions: [Int] { descriptor.shape.dimensions }
  /// Rows and columns of a matrix; nil for another rank.
  var matrix: (rows: Int, columns: Int)? { dimensions.count == 2 ? (dimensions[0], dimensions[1]) : nil }

  /// Reads a run of elements into the beginning of a buffer.
  /// - Precondition: A type of whole bytes; the run lies within the tensor.
  func read(_ elements: Range<Int>, of source: any TensorSource, into buffer: inout ByteBuffer) throws {
    var bytes = buffer.mutablePrefix(elements.count * type.bytesPerBlock)
    do {
      try source.read(index, at: elements.lowerBound * type.bytesPerBlock, into: &bytes)
    } catch let error as GriffinError {
      throw error.located(tensor: descriptor.name)
    }
  }

  /// Reads a run of scales.
  /// - Throws: `malformed` for one that is no finite number.
  func scales(_ elements: Range<Int>, of source: any TensorSource) throws -> [Float] {
    var buffer = ByteBuffer(byteCount: elements.count * type.bytesPerBlock)
    try read(elements, of: source, into: &buffer)
    let bytes = buffer.bytes
    var values: [Float] = []
    values.reserveCapacity(elements.count)
    for element in 0..<elements.count {
      let value = type.scale(bytes, element)
      guard value.isFinite else {
        throw failure(.malformed, "scale \(elements.lowerBound + element) is \(value); expected a finite number")
      }
      values.append(value)
    }
    return values
  }

  func failure(_ kind: GriffinError.Kind, _ message: String, hints: [String] = []) -> GriffinError {
    GriffinError(kind, file: file, tensor: descriptor.name.shortened(), message, hints: hints)
  }

  /// - Throws: `unsupported` for a type that is not among `types`.
  func check(_ types: [ElementType]) throws(GriffinError) {
    guard !types.contains(type) else { return }
    throw failure(.unsupported, "its elements are \(type); expected \(types.map(\.rawValue).joined(separator: " or "))")
  }

  /// - Throws: `inconsistent` for another shape than `expected`.
  func check(shape expected: [Int], because reason: String) throws(GriffinError) {
    guard dimensions != expected else { return }
    throw failure(.inconsistent, "it is \(descriptor.shape); expected \(expected), \(reason)")
  }
}

extension ElementType {
  /// The types that scales come in.
  static let scales: [ElementType] = [.f32, .f16, .bf16, .f8_e8m0]

  /// A scale in one of these types.
  fileprivate func scale(_ bytes: RawSpan, _ element: Int) -> Float {
    switch self {
    case .f32: Float(bitPattern: bytes.littleEndian(UInt32.self, at: 4 * element) ?? 0)
    case .f16: Float(halfBits: bytes.littleEndian(UInt16.self, at: 2 * element) ?? 0)
    case .bf16: Float(bitPattern: UInt32(bytes.littleEndian(UInt16.self, at: 2 * element) ?? 0) << 16)
    case .f8_e8m0, .u8: Float(exponentByte: bytes[element])
    default: preconditionFailure("no scales are \(self)")
    }
  }
}

extension Float {
  /// The power of two of an E8M0 byte; 255 is no number.
  init(exponentByte byte: UInt8) {
    self = byte == 255 ? .nan : byte == 0 ? Float(bitPattern: 0x40_0000) : Float(bitPattern: UInt32(byte) << 23)
  }
}
