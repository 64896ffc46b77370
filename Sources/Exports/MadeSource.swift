package import ByteStorage
package import Tensors

/// Small tensors whose bytes are made, and are in no checkpoint: biases of zeros, ids of a vocabulary.
package struct MadeSource: TensorSource {
  package private(set) var tensors: [TensorDescriptor] = []
  private var contents: [[UInt8]] = []

  package init() {}

  /// Adds a tensor.
  /// - Parameter bytes: Its bytes, little-endian and row-major.
  /// - Returns: Its index.
  package mutating func add(_ name: String, type: ElementType, shape: Shape, bytes: [UInt8]) throws(GriffinError) -> Int {
    do throws(TensorError) {
      let descriptor = try TensorDescriptor(name: name, type: type, shape: shape)
      precondition(descriptor.byteCount == bytes.count, "\(name): \(bytes.count) bytes for \(descriptor.byteCount)")
      tensors.append(descriptor)
    } catch {
      throw GriffinError(.unsupported, tensor: name, "cannot be made: \(error)")
    }
    contents.append(bytes)
    return tensors.count - 1
  }

  /// Adds a vector.
  package mutating func add(_ name: String, type: ElementType, count: Int, bytes: [UInt8]) throws(GriffinError) -> Int {
    let shape: Shape
    do throws(TensorError) {
      shape = try Shape([count])
    } catch {
      throw GriffinError(.unsupported, tensor: name, "cannot be made: \(error)")
    }
    return try add(name, type: type, shape: shape, bytes: bytes)
  }

  package func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    let bytes = contents[index]
    return try body(bytes.rawBytes)
  }

  package func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let bytes = contents[index]
    buffer.copy(bytes.rawBytes.extracting(offset..<offset + buffer.byteCount), to: 0)
  }
}
