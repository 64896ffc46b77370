internal import ByteStorage
package import Tensors

/// The part of the target's vocabulary that a draft has a head for: its own ids, and the target's that they stand for.
package struct DraftVocabulary: Sendable {
  /// The target's id for each of the draft's own, ascending; nil where both are the same.
  package let targetIDs: [Int]?

  /// - Throws: `inconsistent` where the mapping leaves the target's vocabulary, does not ascend, or is not what the mask says, where there is one.
  package init(_ tensors: BoundTensors, configuration: TransformerConfiguration) throws {
    guard let offsets = tensors[.vocabularyOffsets] else {
      targetIDs = nil
      return
    }
    let (vocabulary, added) = (configuration.vocabularySize, try DraftVocabulary.integers(tensors.source, offsets))
    func failure(_ message: String) -> GriffinError {
      // Ids in ascending order are what offsets never need to be.
      let areIDs = added.allSatisfy((0..<vocabulary).contains) && zip(added, added.dropFirst()).allSatisfy { $0 < $1 }
      return GriffinError(
        .inconsistent, tensor: "d2t", message,
        hints: areIDs ? ["d2t seems to hold the target's ids themselves; it is to hold offsets: target id = draft id + d2t"] : [])
    }
    var ids: [Int] = []
    for (own, offset) in added.enumerated() {
      let id = own.addingReportingOverflow(offset)
      guard !id.overflow, (0..<vocabulary).contains(id.partialValue), id.partialValue > ids.last ?? -1 else {
        throw failure("entry \(own) is \(offset), which makes no ascending id of the target's vocabulary of \(vocabulary)")
      }
      ids.append(id.partialValue)
    }
    targetIDs = ids
    guard let mask = tensors[.vocabularyMask] else { return }
    let marked = try DraftVocabulary.integers(tensors.source, mask).enumerated().filter { $0.element != 0 }.map(\.offset)
    guard marked == ids else {
      let place = zip(marked, ids).prefix { $0 == $1 }.count
      throw failure(
        "d2t and t2d contradict each other: of \(ids.count) and \(marked.count) tokens the first that differ are at place \(place)")
    }
  }

  /// The target's id for one of the draft's own.
  package func target(_ own: Int) -> Int { targetIDs?[own] ?? own }

  package static func integers(_ source: any TensorSource, _ index: Int) throws -> [Int] {
    let tensor = source.tensors[index]
    return try source.withBytes(of: index) { bytes in
      func values<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> [Int] {
        (0..<tensor.shape.elementCount).map { Int(clamping: bytes.littleEndian(type, at: $0 * MemoryLayout<Value>.size) ?? 0) }
      }
      return switch tensor.type {
      case .i64: values(Int64.self)
      case .i32: values(Int32.self)
      case .i16: values(Int16.self)
      case .u64: values(UInt64.self)
      case .u32: values(UInt32.self)
      case .u16: values(UInt16.self)
      case .i8: values(Int8.self)
      default: values(UInt8.self)
      }
    }
  }
}
