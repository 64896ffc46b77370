internal import ByteStorage

/// Memory that the threads of a `Compute` borrow for the length of a call, and that is kept for the next one: once it has
/// grown to what a model needs, nothing is allocated any more.
///
/// Sound: a piece is lent to one caller at a time, and freed here alone.
@safe final class Scratch: @unchecked Sendable {  // see above
  @safe private struct Piece: @unchecked Sendable {  // see above
    var base: UnsafeMutablePointer<Float>
    var count: Int
  }

  private let idle = Locked<[Piece]>([])

  deinit {
    idle.withLock { pieces in
      for piece in pieces { unsafe piece.base.deallocate() }
    }
  }

  /// Lends memory on a 64-byte boundary, of whatever content.
  func withFloats(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    var piece = idle.withLock { $0.popLast() }
    if let small = piece, small.count < count {
      unsafe small.base.deallocate()
      piece = nil
    }
    let lent = piece ?? Scratch.allocate(count)
    unsafe body(lent.base)
    idle.withLock { $0.append(lent) }
  }

  private static func allocate(_ count: Int) -> Piece {
    // Doubled, so that a cache that grows by a position does not allocate for each.
    let floats = max(count + count / 2, 1 << 12)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: floats * MemoryLayout<Float>.stride, alignment: 64)
    return unsafe Piece(base: raw.bindMemory(to: Float.self, capacity: floats), count: floats)
  }
}
