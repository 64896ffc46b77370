internal import ByteStorage
internal import Tensors

/// A tensor as PyTorch describes it: sizes and strides over a storage, checked against it.
struct TensorView {
  let descriptor: TensorDescriptor
  /// The number of the storage.
  let storage: Int
  /// Where element `[0, 0, …]` is, in bytes from the start of the storage.
  let byteOffset: Int
  /// Bytes from one element to the next, outermost dimension first.
  private let byteStrides: [Int]
  /// Whether the elements lie one after another in row-major order.
  let isContiguous: Bool

  /// - Throws: `malformed` where the view exceeds its storage, `unsafe` where it repeats elements.
  init(_ tensor: PickleDocument.Tensor, name: String, storage: PickleDocument.Storage, file: String) throws(GriffinError) {
    func error(_ kind: GriffinError.Kind, _ message: String) -> GriffinError {
      GriffinError(kind, file: file, tensor: name, message)
    }
    do {
      descriptor = try TensorDescriptor(name: name, type: storage.type, shape: Shape(tensor.sizes))
    } catch let problem {
      throw error(.malformed, "\(problem)")
    }
    guard tensor.offset >= 0, tensor.strides.allSatisfy({ $0 >= 0 }) else {
      throw error(.malformed, "the storage offset or a stride is below 0")
    }
    var end: Int? = tensor.offset
    if descriptor.shape.elementCount > 0 {
      for (size, stride) in zip(tensor.sizes, tensor.strides) {
        end = (size - 1).multiplied(by: stride).flatMap { end?.adding($0) }
      }
      end = end?.adding(1)
    }
    guard let end, end <= storage.elementCount else {
      throw error(
        .malformed,
        "the view \(descriptor.shape) with strides \(tensor.strides) from element \(tensor.offset) exceeds its storage of \(storage.elementCount) elements")
    }
    guard descriptor.shape.elementCount <= storage.elementCount else {
      throw error(
        .unsafe, "the view repeats elements: it describes \(descriptor.shape.elementCount) of a storage of \(storage.elementCount)")
    }
    self.storage = tensor.storage
    // Both products are below the storage's bytes, or belong to dimensions of one element.
    let elementBytes = storage.type.bytesPerBlock
    byteOffset = tensor.offset * elementBytes
    byteStrides = zip(tensor.sizes, tensor.strides).map { size, stride in size > 1 ? stride * elementBytes : 0 }
    isContiguous = TensorView.isContiguous(tensor, elementCount: descriptor.shape.elementCount)
  }

  private static func isContiguous(_ tensor: PickleDocument.Tensor, elementCount: Int) -> Bool {
    // Beside a 0 the other sizes may be too large to multiply.
    if elementCount == 0 { return true }
    var expected = 1
    for (size, stride) in zip(tensor.sizes, tensor.strides).reversed() {
      if size > 1 && stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// Copies bytes `[offset, offset + buffer.byteCount)` of the row-major form out of the storage.
  ///
  /// The caller has checked that the range is one of the tensor's.
  func gather(from storage: RawSpan, at offset: Int, into buffer: inout MutableRawSpan) {
    let elementBytes = descriptor.type.bytesPerBlock
    let dimensions = descriptor.shape.dimensions
    let rowLength = descriptor.shape.rowLength
    let step = byteStrides.last ?? 0
    var done = 0
    while done < buffer.byteCount {
      let (element, skipped) = (offset + done).quotientAndRemainder(dividingBy: elementBytes)
      let (row, column) = element.quotientAndRemainder(dividingBy: rowLength)
      var start = byteOffset + column * step
      var rest = row
      for (dimension, stride) in zip(dimensions.dropLast(), byteStrides.dropLast()).reversed() {
        start += rest % dimension * stride
        rest /= dimension
      }
      let wanted = min((rowLength - column) * elementBytes - skipped, buffer.byteCount - done)
      if step == elementBytes || rowLength - column == 1 {
        buffer.copy(storage.extracting(start + skipped..<start + skipped + wanted), to: done)
      } else {
        TensorView.gatherRow(storage, start, step, elementBytes, skipped, wanted, &buffer, done)
      }
      done += wanted
    }
  }

  /// Copies `wanted` bytes of elements that are `step` bytes apart, less the first `skipped` bytes.
  private static func gatherRow(
    _ storage: RawSpan, _ start: Int, _ step: Int, _ elementBytes: Int, _ skipped: Int, _ wanted: Int,
    _ buffer: inout MutableRawSpan, _ target: Int
  ) {
    if skipped == 0 && wanted % elementBytes == 0 {
      switch elementBytes {
      case 2: return gatherElements(UInt16.self, storage, start, step, wanted / 2, &buffer, target)
      case 4: return gatherElements(UInt32.self, storage, start, step, wanted / 4, &buffer, target)
      default: break
      }
    }
    for index in 0..<wanted {
      let (element, byte) = (skipped + index).quotientAndRemainder(dividingBy: elementBytes)
      buffer.storeLittleEndian(storage[start + element * step + byte], at: target + index)
    }
  }

  private static func gatherElements<Element: FixedWidthInteger & BitwiseCopyable>(
    _ type: Element.Type, _ storage: RawSpan, _ start: Int, _ step: Int, _ count: Int, _ buffer: inout MutableRawSpan, _ target: Int
  ) {
    for index in 0..<count {
      guard let element = storage.littleEndian(type, at: start + index * step) else { preconditionFailure("the view was checked") }
      buffer.storeLittleEndian(element, at: target + index * MemoryLayout<Element>.size)
    }
  }
}
