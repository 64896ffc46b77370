internal import ByteStorage
internal import NIOCore

/// One version of a file on a server: its size, what it is known by, and how to ask for its bytes.
final class RemoteObject: Sendable {
  let locator: Locator
  let byteCount: Int
  /// Its ETag or the date of its last change; nil where the server says neither, or a commit stands for it.
  let version: String?
  /// The commit of the repository that it is in, where it is in one.
  let commit: String?
  /// Its first bytes, which came with its size.
  let head: [UInt8]

  private let requester: Requester
  private let backoff: Backoff
  /// Where the last redirect led to.
  private let place: Locked<Address?>

  /// Bytes that are asked for at first.
  static let headByteCount = 16 << 10
  /// The largest file that is believed in.
  static let largestByteCount = 1 << 44

  private init(_ locator: Locator, _ opening: Opening, _ requester: Requester, _ backoff: Backoff) {
    (self.locator, self.requester, self.backoff) = (locator, requester, backoff)
    (byteCount, version, commit, head) = (opening.byteCount, opening.version, opening.commit, opening.head)
    place = Locked(opening.place)
  }

  private struct Opening {
    var byteCount = 0
    var version: String?
    var commit: String?
    var head: [UInt8] = []
    var place: Address?
  }

  /// Asks for a file's first bytes and what it is.
  /// - Returns: nil where there is none.
  /// - Throws: `io` where it cannot be had however often it is tried; `unreadable` where it is refused; `unsafe`, `unsupported` or `malformed` for a
  ///   server that is not read from.
  static func open(_ locator: Locator, _ requester: Requester, _ backoff: Backoff) async throws(GriffinError) -> RemoteObject? {
    let tries = Tries(locator, backoff)
    return try await tries.run { () throws in
      var opening = Opening()
      var isThere = true
      let answer = try await requester.get(
        locator, at: nil, headers: [("Range", "bytes=0-\(headByteCount - 1)")],
        judge: { answer in
          switch answer.status {
          case 404, 410:
            isThere = false
            return .nothing
          case 416:
            guard answer.header("content-range").flatMap(ContentRange.init)?.total == 0 else { throw unclear(answer, locator) }
            return .nothing
          case 200:
            guard let count = answer.byteCount else {
              throw Failure.final(GriffinError(.unsupported, file: locator.shown, "the server does not say how many bytes the file has"))
            }
            try checkSize(count, locator)
            guard count <= headByteCount else {
              throw Failure.final(
                GriffinError(
                  .unsupported, file: locator.shown, "the server gives the whole file where a range of it is asked for",
                  hints: ["read it from a server that answers range requests, or fetch it"]))
            }
            opening.byteCount = count
            return .exactly(count)
          default:
            guard let stated = answer.header("content-range").flatMap(ContentRange.init), let range = stated.range else { throw unclear(answer, locator) }
            try checkSize(stated.total, locator)
            guard range.lowerBound == 0, range.upperBound == min(headByteCount, stated.total) - 1, answer.byteCount ?? range.count == range.count else {
              throw unclear(answer, locator)
            }
            opening.byteCount = stated.total
            return .exactly(range.count)
          }
        }, body: { opening.head.append(contentsOf: $0.readableBytesView) })
      guard isThere else { return nil }
      // What a commit holds never changes, whatever its copies in caches are known by.
      (opening.version, opening.commit) = (answer.commit == nil ? answer.version : nil, answer.commit)
      if answer.address != locator.address { opening.place = answer.address }
      return RemoteObject(locator, opening, requester, backoff)
    }
  }

  private static func checkSize(_ count: Int, _ locator: Locator) throws {
    guard count <= largestByteCount else {
      throw Failure.final(
        GriffinError(.unsafe, file: locator.shown, "the server claims \(count) bytes; at most \(largestByteCount) are believed"))
    }
  }

  private static func unclear(_ answer: Answer, _ locator: Locator) -> Failure {
    let stated = answer.header("content-range").map { "\"\($0.shortened(to: 60))\"".printable } ?? "none"
    return .final(
      GriffinError(.malformed, file: locator.shown, "the server answers a request for a range wrongly: status \(answer.status), content-range \(stated)"))
  }

  /// The bytes of a range, from wherever the version that was opened is to be had; what a broken connection brought is kept.
  /// - Throws: As `open`, and `changed` where another version is there.
  func bytes(_ range: Range<Int>) async throws(GriffinError) -> [UInt8] {
    let tries = Tries(locator, backoff)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    while bytes.count < range.count {
      let part = try await tries.run { [bytes] () throws in try await self.part(range.lowerBound + bytes.count..<range.upperBound) }
      if !part.bytes.isEmpty { tries.gained() }
      bytes.append(contentsOf: part.bytes)
      if let failure = part.failure { try await tries.failed(failure) }
    }
    return bytes
  }

  /// As much of a range as one request gives, and why it gave no more.
  private func part(_ range: Range<Int>) async throws -> (bytes: [UInt8], failure: Failure?) {
    var bytes: [UInt8] = []
    var headers = [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
    // A weak ETag is no condition for bytes.
    if let version, version.hasPrefix("\"") { headers.append(("If-Match", version)) }
    let known = place.withLock(\.self)
    do {
      let answer = try await requester.get(
        locator, at: known, headers: headers,
        judge: { answer in
          try judge(answer, range)
        },
        body: { chunk in
          if bytes.isEmpty { bytes.reserveCapacity(range.count) }
          bytes.append(contentsOf: chunk.readableBytesView)
        })
      place.withLock { $0 = answer.address == locator.address ? nil : answer.address }
      return (bytes, nil)
    } catch Failure.stale {
      guard known != nil else {
        throw Failure.final(GriffinError(.unreadable, file: locator.shown, "the server refuses what it redirects to", hints: locator.hints))
      }
      place.withLock { $0 = nil }
      throw Failure.passing("what the server redirected to does not hold any more")
    } catch let failure as Failure {
      guard case .passing = failure, !bytes.isEmpty else { throw failure }
      return (bytes, failure)
    }
  }

  /// Holds the beginning of an answer against what was asked for and what was opened.
  private func judge(_ answer: Answer, _ range: Range<Int>) throws -> Requester.Body {
    switch answer.status {
    case 404, 410: throw changed("it is no longer there")
    case 412: throw changed("another version is there now")
    case 416: throw changed("it is shorter now")
    case 200:
      // A small file, whole.
      guard range.lowerBound == 0, answer.byteCount == range.count, byteCount == range.count else { throw RemoteObject.unclear(answer, locator) }
    default:
      guard let stated = answer.header("content-range").flatMap(ContentRange.init), let found = stated.range else {
        throw RemoteObject.unclear(answer, locator)
      }
      guard stated.total == byteCount else { throw changed("it has \(stated.total) bytes now and had \(byteCount)") }
      guard found.lowerBound == range.lowerBound, found.upperBound < range.upperBound, answer.byteCount ?? found.count == found.count else {
        throw RemoteObject.unclear(answer, locator)
      }
      try checkVersion(answer)
      return .exactly(found.count)
    }
    try checkVersion(answer)
    return .exactly(range.count)
  }

  private func checkVersion(_ answer: Answer) throws {
    guard commit != nil || answer.version == version else { throw changed("another version is there now") }
  }

  private func changed(_ what: String) -> Failure {
    .final(
      GriffinError(
        .changed, file: locator.shown, "the file changed while it was being read: \(what)", hints: ["let its writer finish, then run the command again"]))
  }
}
