internal import ByteStorage
internal import Tensors

/// A source whose packed weights are seen as what they are once unpacked; everything else is as it was.
///
/// Nothing is kept: rows are made each time they are read, in memory that goes by what is asked for.
struct UnpackedSource: TensorSource {
  private enum Place: Sendable {
    case stored(Int)
    case unpacked(any UnpackedTensor)
  }

  private let source: any TensorSource
  private let places: [Place]
  let tensors: [TensorDescriptor]

  /// - Parameters:
  ///   - weights: By the place of the tensor that shows each, in whose place it is seen.
  ///   - hidden: Places of tensors that are seen no more.
  init(_ source: any TensorSource, _ weights: [Int: any UnpackedTensor], hiding hidden: Set<Int>) {
    var places: [Place] = []
    for index in source.tensors.indices {
      if let weight = weights[index] {
        places.append(.unpacked(weight))
      } else if !hidden.contains(index) {
        places.append(.stored(index))
      }
    }
    (self.source, self.places) = (source, places)
    tensors = places.map { place in
      switch place {
      case .stored(let index): source.tensors[index]
      case .unpacked(let weight): weight.descriptor
      }
    }
  }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result {
    guard case .unpacked(let weight) = places[index] else {
      if case .stored(let place) = places[index] { return try source.withBytes(of: place, body) }
      preconditionFailure("a tensor is stored or unpacked")
    }
    var buffer = ByteBuffer(byteCount: weight.descriptor.byteCount)
    do {
      var bytes = buffer.mutableBytes
      try weight.unpack(0..<weight.descriptor.shape.rowCount, of: source, into: &bytes)
    }
    return try body(buffer.bytes)
  }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    switch places[index] {
    case .stored(let place): try source.read(place, at: offset, into: &buffer)
    case .unpacked(let weight): try read(weight, at: offset, into: &buffer)
    }
  }

  private func read(_ weight: any UnpackedTensor, at offset: Int, into buffer: inout MutableRawSpan) throws {
    let descriptor = weight.descriptor
    precondition(offset >= 0 && buffer.byteCount <= descriptor.byteCount - offset, "range out of the tensor")
    guard buffer.byteCount > 0 else { return }
    let rowBytes = descriptor.byteCount / descriptor.shape.rowCount
    let end = offset + buffer.byteCount
    let rows = offset / rowBytes..<(end + rowBytes - 1) / rowBytes
    guard rows.lowerBound * rowBytes < offset || rows.upperBound * rowBytes > end else {
      return try weight.unpack(rows, of: source, into: &buffer)
    }
    var whole = ByteBuffer(byteCount: rows.count * rowBytes)
    do {
      var bytes = whole.mutableBytes
      try weight.unpack(rows, of: source, into: &bytes)
    }
    let start = offset - rows.lowerBound * rowBytes
    let bytes = whole.bytes
    buffer.copy(bytes.extracting(start..<start + buffer.byteCount), to: 0)
  }
}
