internal import ByteStorage
internal import Synchronization

/// A file on a server, as everybody above reads it.
final class RemoteFile: FarFile {
  private let object: RemoteObject
  private let readAhead: ReadAhead
  private let cancellation: Cancellation
  private let followed = FollowedDigest()
  private let isFollowed = Atomic(false)
  /// The furthest block that was asked for of late, and how many times in a row the next one followed.
  private let course = Locked((last: -2, steps: 0))

  init(_ object: RemoteObject, _ readAhead: ReadAhead, _ cancellation: Cancellation) {
    (self.object, self.readAhead, self.cancellation) = (object, readAhead, cancellation)
  }

  deinit { readAhead.forget(ObjectIdentifier(object)) }

  var address: String { object.locator.shown }
  var byteCount: Int { object.byteCount }

  var version: String { object.commit.map { "commit \($0)" } ?? object.version ?? "\(object.byteCount) bytes" }

  var commit: String? { object.commit }

  func fetch(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError) {
    let range = offset..<offset + buffer.byteCount
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "range out of the file")
    let head = object.head
    guard range.upperBound > head.count else { return buffer.copy(head.rawBytes.extracting(range), to: 0) }
    let object = object
    let bytes = try waiting(cancellation) { () throws(GriffinError) in try await object.bytes(range) }
    buffer.copy(bytes.rawBytes, to: 0)
  }

  func read(at offset: Int, into buffer: inout MutableRawSpan) throws(GriffinError) {
    let end = offset + buffer.byteCount
    guard offset >= 0, end <= byteCount else {
      throw GriffinError(.changed, file: address, offset: byteCount, "bytes up to \(end) are expected, and the file has \(byteCount)")
    }
    guard offset < end else { return }
    let size = ReadAhead.blockByteCount
    let (first, last) = (offset / size, (end - 1) / size)
    // All that are needed before any is waited for.
    for index in first...last { block(index, isNeeded: true) }
    for index in first...last {
      let bytes = try bytes(ofBlock: index)
      let start = index * size
      let part = max(offset, start)..<min(end, start + bytes.count)
      buffer.copy(bytes.rawBytes.extracting(part.lowerBound - start..<part.upperBound - start), to: part.lowerBound - offset)
    }
  }

  func follow() { isFollowed.store(true, ordering: .relaxed) }

  func digest(cancellation: Cancellation, meter: ProgressMeter?) throws(GriffinError) -> SHA256Digest {
    follow()
    while followed.next < blockCount {
      let index = followed.next
      followed.add(index, try bytes(ofBlock: index))
    }
    meter?.add(byteCount)
    return followed.digest
  }

  private var blockCount: Int { (byteCount + ReadAhead.blockByteCount - 1) / ReadAhead.blockByteCount }

  private func bytes(ofBlock index: Int) throws(GriffinError) -> [UInt8] {
    let isFollowed = isFollowed.load(ordering: .relaxed)
    guard let block = block(index, isNeeded: true) else { preconditionFailure("what is needed is asked for") }
    for next in index + 1..<index + 1 + blocksAhead(of: index, limit: isFollowed ? ReadAhead.ahead : 2) where next < blockCount {
      self.block(next, isNeeded: false)
    }
    let bytes = try block.bytes(cancellation)
    guard isFollowed else { return bytes }
    // What nobody reads is read for the digest, before it falls too far behind.
    while index - followed.next >= FollowedDigest.blocks {
      let skipped = followed.next
      guard let block = self.block(skipped, isNeeded: true) else { preconditionFailure("what is needed is asked for") }
      followed.add(skipped, try block.bytes(cancellation))
    }
    followed.add(index, bytes)
    return bytes
  }

  /// How many blocks after one are worth asking for: more and more of them as one after another is read, none after a jump.
  private func blocksAhead(of index: Int, limit: Int) -> Int {
    course.withLock { course in
      // Several threads go on together, each a few blocks before or behind the others.
      if abs(index - course.last) > ReadAhead.ahead { course = (index, 0) }
      if index > course.last { course = (index, course.steps + 1) }
      return min(limit, course.steps)
    }
  }

  @discardableResult private func block(_ index: Int, isNeeded: Bool) -> ReadAhead.Block? {
    let start = index * ReadAhead.blockByteCount
    let (object, followed) = (object, isFollowed.load(ordering: .relaxed) ? followed : nil)
    let range = start..<min(start + ReadAhead.blockByteCount, byteCount)
    return readAhead.block(ReadAhead.Key(file: ObjectIdentifier(object), index: index), isNeeded: isNeeded) { () throws(GriffinError) in
      let bytes = try await object.bytes(range)
      followed?.add(index, bytes)
      return bytes
    }
  }
}
