internal import ByteStorage

/// The loops that take units apart and put them together again, at the speed of memory.
///
/// Unsafe memory is sound here because each function checks the byte counts of both sides before it takes their addresses, and
/// every loop stays within whole units of them. Loads and stores of numbers are unaligned.
package enum PlaneKernels {
  /// Takes a block apart: planes one after the other.
  package static func split(_ source: RawSpan, by layout: PlaneLayout, into target: inout MutableRawSpan) {
    let count = source.byteCount / layout.unitByteCount
    precondition(source.byteCount == count * layout.unitByteCount && target.byteCount == source.byteCount, "a block of whole units")
    unsafe source.withUnsafeBytes { from in
      unsafe target.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        let bytes = unsafe to.assumingMemoryBound(to: UInt8.self)
        switch (layout.turn, layout.unitByteCount) {
        case (.exponentFirst, 2): unsafe splitExponents16(from, count, bytes)
        case (.exponentFirst, _): unsafe splitExponents32(from, count, bytes)
        case (_, 2): unsafe splitPairs(from, count, bytes)
        default: unsafe splitRuns(from, count, layout, bytes)
        }
      }
    }
  }

  /// Puts a block together again.
  package static func merge(_ source: RawSpan, by layout: PlaneLayout, into target: inout MutableRawSpan) {
    let count = source.byteCount / layout.unitByteCount
    precondition(source.byteCount == count * layout.unitByteCount && target.byteCount == source.byteCount, "a block of whole units")
    unsafe source.withUnsafeBytes { from in
      unsafe target.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        let bytes = unsafe from.assumingMemoryBound(to: UInt8.self)
        switch (layout.turn, layout.unitByteCount) {
        case (.exponentFirst, 2): unsafe mergeExponents16(bytes, bytes + count, count, to)
        case (.exponentFirst, _): unsafe mergeExponents32(bytes, count, to)
        case (_, 2): unsafe mergePairs(bytes, bytes + count, count, to)
        default: unsafe mergeRuns(bytes, count, layout, to)
        }
      }
    }
  }

  /// Puts units of two bytes together again whose planes lie apart, from `offset` of the target on.
  package static func merge(_ first: RawSpan, _ second: RawSpan, by layout: PlaneLayout, into target: inout MutableRawSpan, at offset: Int) {
    let count = first.byteCount
    precondition(layout.widths == [1, 1] && second.byteCount == count, "two planes of units of two bytes")
    precondition(offset >= 0 && 2 * count <= target.byteCount - offset, "units beyond the block")
    unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { second in
        unsafe target.withUnsafeMutableBytes { target in
          guard let one = first.baseAddress, let other = second.baseAddress, let to = target.baseAddress else { return }
          let (left, right) = unsafe (one.assumingMemoryBound(to: UInt8.self), other.assumingMemoryBound(to: UInt8.self))
          switch layout.turn {
          case .exponentFirst: unsafe mergeExponents16(left, right, count, to + offset)
          case .none, .difference: unsafe mergePairs(left, right, count, to + offset)
          }
        }
      }
    }
  }

  private static func splitExponents16(_ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutablePointer<UInt8>) {
    let low = unsafe to + count
    for index in 0..<count {
      let bits = unsafe UInt16(littleEndian: from.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
      unsafe to[index] = UInt8(truncatingIfNeeded: bits &>> 7)
      unsafe low[index] = UInt8(truncatingIfNeeded: (bits & 0x7F) | ((bits &>> 8) & 0x80))
    }
  }

  private static func mergeExponents16(
    _ from: UnsafePointer<UInt8>, _ low: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutableRawPointer
  ) {
    for index in 0..<count {
      let (exponent, rest) = unsafe (UInt16(from[index]), UInt16(low[index]))
      let bits = (exponent &<< 7) | (rest & 0x7F) | ((rest & 0x80) &<< 8)
      unsafe to.storeBytes(of: bits.littleEndian, toByteOffset: index &* 2, as: UInt16.self)
    }
  }

  private static func splitExponents32(_ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutablePointer<UInt8>) {
    let (second, third, fourth) = unsafe (to + count, to + 2 * count, to + 3 * count)
    for index in 0..<count {
      let bits = unsafe UInt32(littleEndian: from.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
      unsafe to[index] = UInt8(truncatingIfNeeded: bits &>> 23)
      unsafe second[index] = UInt8(truncatingIfNeeded: ((bits &>> 16) & 0x7F) | ((bits &>> 24) & 0x80))
      unsafe third[index] = UInt8(truncatingIfNeeded: bits &>> 8)
      unsafe fourth[index] = UInt8(truncatingIfNeeded: bits)
    }
  }

  private static func mergeExponents32(_ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutableRawPointer) {
    let (second, third, fourth) = unsafe (from + count, from + 2 * count, from + 3 * count)
    for index in 0..<count {
      let rest = unsafe UInt32(second[index])
      let high = unsafe (UInt32(from[index]) &<< 23) | ((rest & 0x7F) &<< 16) | ((rest & 0x80) &<< 24)
      let bits = unsafe high | (UInt32(third[index]) &<< 8) | UInt32(fourth[index])
      unsafe to.storeBytes(of: bits.littleEndian, toByteOffset: index &* 4, as: UInt32.self)
    }
  }

  private static func splitPairs(_ from: UnsafeRawPointer, _ count: Int, _ to: UnsafeMutablePointer<UInt8>) {
    let high = unsafe to + count
    for index in 0..<count {
      let bits = unsafe UInt16(littleEndian: from.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
      unsafe to[index] = UInt8(truncatingIfNeeded: bits)
      unsafe high[index] = UInt8(truncatingIfNeeded: bits &>> 8)
    }
  }

  private static func mergePairs(
    _ from: UnsafePointer<UInt8>, _ high: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutableRawPointer
  ) {
    for index in 0..<count {
      let bits = unsafe UInt16(from[index]) | (UInt16(high[index]) &<< 8)
      unsafe to.storeBytes(of: bits.littleEndian, toByteOffset: index &* 2, as: UInt16.self)
    }
  }

  /// Runs of any width: a pass over the units for each.
  private static func splitRuns(_ from: UnsafeRawPointer, _ count: Int, _ layout: PlaneLayout, _ to: UnsafeMutablePointer<UInt8>) {
    var (start, target) = unsafe (from, UnsafeMutableRawPointer(to))
    for width in layout.widths {
      unsafe copy(width, count, from: start, by: layout.unitByteCount, to: target, by: width)
      unsafe (start, target) = (start + width, target + width * count)
    }
  }

  private static func mergeRuns(_ from: UnsafePointer<UInt8>, _ count: Int, _ layout: PlaneLayout, _ to: UnsafeMutableRawPointer) {
    var (source, start) = unsafe (UnsafeRawPointer(from), to)
    for width in layout.widths {
      unsafe copy(width, count, from: source, by: width, to: start, by: layout.unitByteCount)
      unsafe (source, start) = (source + width * count, start + width)
    }
  }

  /// Copies `count` runs of bytes between places that are steps apart.
  @inline(__always) private static func copy(
    _ width: Int, _ count: Int, from: UnsafeRawPointer, by fromStep: Int, to: UnsafeMutableRawPointer, by toStep: Int
  ) {
    switch width {
    case 1: unsafe copyWords(UInt8.self, 1, count, from, fromStep, to, toStep)
    case 4: unsafe copyWords(UInt32.self, 1, count, from, fromStep, to, toStep)
    case 8, 16, 32, 64, 128: unsafe copyWords(UInt64.self, width / 8, count, from, fromStep, to, toStep)
    default:
      for index in 0..<count { unsafe (to + index &* toStep).copyMemory(from: from + index &* fromStep, byteCount: width) }
    }
  }

  @inline(__always) private static func copyWords<Word: FixedWidthInteger & BitwiseCopyable>(
    _ type: Word.Type, _ words: Int, _ count: Int, _ from: UnsafeRawPointer, _ fromStep: Int, _ to: UnsafeMutableRawPointer,
    _ toStep: Int
  ) {
    for index in 0..<count {
      let (source, target) = unsafe (from + index &* fromStep, to + index &* toStep)
      for word in 0..<words {
        let offset = word &* MemoryLayout<Word>.size
        unsafe target.storeBytes(of: source.loadUnaligned(fromByteOffset: offset, as: type), toByteOffset: offset, as: type)
      }
    }
  }
}
