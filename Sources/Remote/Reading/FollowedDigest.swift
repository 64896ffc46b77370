internal import ByteStorage

/// The SHA-256 of a file whose blocks come by in about their order: those that are early are kept until it is their turn, a few of them.
final class FollowedDigest: Sendable {
  /// Blocks that are kept.
  static let blocks = 8

  private struct State {
    var hasher = SHA256Hasher()
    var next = 0
    var early: [Int: [UInt8]] = [:]
  }

  private let state = Locked(State())

  /// The first block that is not hashed.
  var next: Int { state.withLock { $0.next } }

  /// Takes a block, whoever brought it and however often.
  func add(_ index: Int, _ bytes: [UInt8]) {
    state.withLock { state in
      guard index >= state.next, index - state.next < FollowedDigest.blocks else { return }
      state.early[index] = bytes
      while let bytes = state.early.removeValue(forKey: state.next) {
        state.hasher.update(bytes.rawBytes)
        state.next += 1
      }
    }
  }

  var digest: SHA256Digest { state.withLock { $0.hasher.finalize() } }
}
