internal import ByteStorage
internal import Synchronization
internal import Tensors

/// A source one of whose tensors is compared with another one as it is read: what is read of it is read of the other one too.
final class ComparedSource: TensorSource {
  let tensors: [TensorDescriptor]
  private let original: StoredTensor
  private let copy: StoredTensor
  private let differs = Atomic(false)

  private struct Difference: Error {}

  /// - Returns: nil where the two cannot hold the same values.
  init?(_ original: StoredTensor, comparedWith copy: StoredTensor) {
    let (one, other) = (original.descriptor, copy.descriptor)
    guard one.shape == other.shape, one.type == other.type || FloatWidening(one.type) != nil && FloatWidening(other.type) != nil else { return nil }
    (self.original, self.copy, tensors) = (original, copy, original.source.tensors)
  }

  /// Whether a difference was found; reading fails from then on.
  var isDifferent: Bool { differs.load(ordering: .relaxed) }

  func withBytes<Result>(of index: Int, _ body: (RawSpan) throws -> Result) throws -> Result { try original.source.withBytes(of: index, body) }

  func read(_ index: Int, at offset: Int, into buffer: inout MutableRawSpan) throws {
    try original.source.read(index, at: offset, into: &buffer)
    guard index == original.index else { return }
    let (type, otherType) = (original.descriptor.type, copy.descriptor.type)
    // Of one type blocks of any kind compare as bytes; of two, both are plain, and what is read begins and ends with elements.
    let (size, otherSize) = type == otherType ? (1, 1) : (type.bytesPerBlock, otherType.bytesPerBlock)
    var other = ByteBuffer(byteCount: buffer.byteCount / size * otherSize)
    do {
      var target = other.mutableBytes
      try copy.read(at: offset / size * otherSize, into: &target)
    }
    let (bytes, otherBytes) = (buffer.bytes, other.bytes)
    let isEqual =
      if type == otherType {
        bytes.equals(otherBytes)
      } else if let widening = FloatWidening(type), let otherWidening = FloatWidening(otherType) {
        widening.equal(bytes, otherWidening, otherBytes)
      } else {
        false
      }
    guard isEqual else {
      differs.store(true, ordering: .relaxed)
      throw Difference()
    }
  }
}
