internal import ByteStorage
internal import Dispatch

/// Blocks of far files that are asked for before they are needed and kept for a while after: a bounded number of them, whoever reads.
final class ReadAhead: Sendable {
  static let blockByteCount = 2 << 20
  /// Blocks that are kept; more only where more threads wait for blocks at once.
  private static let blocks = 32
  /// Blocks that are asked for at a time before anybody needs them.
  static let ahead = 8

  struct Key: Hashable {
    let file: ObjectIdentifier
    let index: Int
  }

  /// A block that is there or on its way.
  final class Block: Sendable {
    private let done = DispatchGroup()
    private let outcome = Locked<Result<[UInt8], GriffinError>?>(nil)

    init() { done.enter() }

    func finish(_ result: Result<[UInt8], GriffinError>) {
      outcome.withLock { $0 = result }
      done.leave()
    }

    var isDone: Bool { outcome.withLock { $0 != nil } }

    /// - Throws: Why it could not be had; `interrupted`.
    func bytes(_ cancellation: Cancellation) throws(GriffinError) -> [UInt8] {
      while done.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try cancellation.check() }
      guard let outcome = outcome.withLock(\.self) else { preconditionFailure("done without an outcome") }
      return try outcome.get()
    }
  }

  private struct State {
    var blocks: [Key: (block: Block, used: Int)] = [:]
    var clock = 0
    var inFlight = 0
  }

  private let state = Locked(State())

  /// The block of that key, asked for if it is not there.
  /// - Parameters:
  ///   - isNeeded: Whether somebody waits for it: what is only asked for ahead gives way where too much is under way.
  ///   - load: Gives its bytes.
  @discardableResult func block(
    _ key: Key, isNeeded: Bool, load: @escaping @Sendable () async throws(GriffinError) -> [UInt8]
  ) -> Block? {
    let (block, isNew): (Block?, Bool) = state.withLock { state in
      state.clock += 1
      if let there = state.blocks[key] {
        state.blocks[key]?.used = state.clock
        return (there.block, false)
      }
      guard isNeeded || state.inFlight < ReadAhead.ahead else { return (nil, false) }
      if state.blocks.count >= ReadAhead.blocks {
        let oldest = state.blocks.filter { $0.value.block.isDone }.min { $0.value.used < $1.value.used }
        guard oldest != nil || isNeeded else { return (nil, false) }
        if let oldest { state.blocks.removeValue(forKey: oldest.key) }
      }
      let block = Block()
      state.blocks[key] = (block, state.clock)
      state.inFlight += 1
      return (block, true)
    }
    guard isNew, let block else { return block }
    Task.detached(executorPreference: Lane.shared) {
      let result: Result<[UInt8], GriffinError>
      do throws(GriffinError) {
        result = .success(try await load())
      } catch {
        result = .failure(error)
      }
      self.state.withLock { state in
        state.inFlight -= 1
        // Who asks again tries again.
        if case .failure = result { state.blocks.removeValue(forKey: key) }
      }
      block.finish(result)
    }
    return block
  }

  /// Lets go of a file's blocks.
  func forget(_ file: ObjectIdentifier) {
    state.withLock { state in state.blocks = state.blocks.filter { $0.key.file != file } }
  }
}
