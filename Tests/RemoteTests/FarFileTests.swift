import ByteStorage
import Loopback
import Remote
import Synchronization
import TestSupport
import Testing

/// What is read of one far file.
struct FarFileTests {
  static let content: [UInt8] = {
    var numbers = SeededNumbers(seed: 7)
    return (0..<(9 << 20) + 12345).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
  }()

  /// Opens `/model/data.bin` of a server, trying again without waiting.
  static func open(_ server: LoopbackServer, sleep: @escaping @Sendable (Double) async -> Void = { _ in }) throws -> InputFile {
    try open(server.address, sleep: sleep)
  }

  private static func open(_ address: String, sleep: @escaping @Sendable (Double) async -> Void) throws -> InputFile {
    var settings = RemoteSettings()
    settings.backoff = Backoff(sleep: sleep)
    let (folder, name) = try Remote(settings).folder(of: address + "/model/data.bin", lookingFor: [])
    return try folder.open(try #require(name))
  }

  private func bytes(_ file: InputFile, _ range: Range<Int>) throws -> [UInt8] {
    var buffer = ByteBuffer(byteCount: range.count)
    do {
      var target = buffer.mutableBytes
      try file.read(at: range.lowerBound, into: &target)
    }
    return buffer.bytes.copied
  }

  @Test func openingAsksForLittleAndReadingForWhatIsNeeded() throws {
    let server = try LoopbackServer.serving(["/model/data.bin": Self.content])
    let file = try Self.open(server)
    #expect(file.byteCount == Self.content.count && file.path == server.address + "/model/data.bin")
    #expect(server.requests.count == 1 && server.sentByteCount < 17 << 10)
    try file.require(40_000..<40_010)
    #expect(file.bytes[40_000] == Self.content[40_000] && file.bytes[0] == Self.content[0])
    #expect(server.requests.count == 2 && server.sentByteCount < 34 << 10)
    // Again costs nothing.
    try file.require(39_000..<40_010)
    #expect(server.requests.count == 2)
    #expect(try bytes(file, 5_000_000..<5_000_100) == Array(Self.content[5_000_000..<5_000_100]))
    #expect(server.requests.dropFirst().allSatisfy { $0.headers["if-match"] == "\"one\"" && $0.headers["accept-encoding"] == "identity" })
  }

  @Test func aFollowedFileIsReadOnceAndHashed() throws {
    let server = try LoopbackServer.serving(["/model/data.bin": Self.content])
    let file = try Self.open(server)
    let far = try #require(file.far)
    far.follow()
    var offset = 0
    while offset < Self.content.count {
      let count = min(700_001, Self.content.count - offset)
      #expect(try bytes(file, offset..<offset + count) == Array(Self.content[offset..<offset + count]))
      offset += count
    }
    #expect(try far.digest(cancellation: Cancellation(), meter: nil) == SHA256Digest(of: Self.content.rawBytes))
    // The first piece came by twice: with the size, and with its block.
    #expect(server.sentByteCount < Self.content.count + (20 << 10))
  }

  @Test func aFileThatNobodyReadIsHashedAllTheSame() throws {
    let server = try LoopbackServer.serving(["/model/data.bin": Self.content])
    let file = try Self.open(server)
    var buffer = ByteBuffer(byteCount: 1 << 20)
    #expect(try SHA256Digest(of: file, through: &buffer, cancellation: Cancellation()) == SHA256Digest(of: Self.content.rawBytes))
  }

  @Test func anEmptyFileIsAFile() throws {
    let server = try LoopbackServer.serving(["/model/data.bin": []])
    #expect(try Self.open(server).byteCount == 0)
  }

  @Test func aSmallFileNeedsNoRanges() throws {
    let server = try LoopbackServer { _ in .answer("200 OK", body: Array("small".utf8)) }
    let file = try Self.open(server)
    #expect(file.byteCount == 5 && file.bytes.copied == Array("small".utf8))
  }

  @Test func aFileThatIsNotThereIsMissing() throws {
    let server = try LoopbackServer { _ in .missing }
    let error = try #require(throws: GriffinError.self) { try Self.open(server) }
    #expect(error.kind == .missing && error.file == server.address + "/model/data.bin")
  }

  @Test func aBrokenConnectionIsTakenUpWhereItBroke() throws {
    let content = Self.content
    // Every answer ends after 300,000 bytes, whatever was asked for.
    let server = try LoopbackServer { request in
      guard let range = request.range, range.lowerBound > 0 else { return .range(of: content, request) }
      let part = range.clamped(to: 0...content.count - 1)
      let head = [LoopbackServer.Step].answer(
        "206 Partial Content", ["ETag: \"one\"", "Content-Range: bytes \(part.lowerBound)-\(part.upperBound)/\(content.count)"], statedByteCount: part.count)
      return head + [.bytes(Array(content[part].prefix(300_000))), .close]
    }
    let file = try Self.open(server)
    try file.require(1_000_000..<1_700_000)
    #expect(file.bytes.extracting(1_000_000..<1_700_000).copied == Array(content[1_000_000..<1_700_000]))
    let starts = server.requests.dropFirst().compactMap(\.range?.lowerBound)
    // How much of it arrived before the end is the system's; none of that is asked for again.
    #expect(starts.count > 2 && zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= 300_000 })
  }

  @Test func aServerThatSendsLessThanAskedIsAskedForTheRest() throws {
    let content = Self.content
    let server = try LoopbackServer { request in
      guard let range = request.range, range.lowerBound > 0, range.count > 100_000 else { return .range(of: content, request) }
      let part = range.lowerBound...range.lowerBound + 99_999
      return .answer(
        "206 Partial Content", ["ETag: \"one\"", "Content-Range: bytes \(part.lowerBound)-\(part.upperBound)/\(content.count)"], body: Array(content[part]))
    }
    let file = try Self.open(server)
    try file.require(1_000_000..<1_700_000)
    #expect(file.bytes.extracting(1_000_000..<1_700_000).copied == Array(content[1_000_000..<1_700_000]))
  }

  @Test(arguments: ["429 Too Many Requests", "503 Service Unavailable", "500 Oops", "502 Bad Gateway", "504 Gateway Timeout", "408 Request Timeout"])
  func whatPassesIsTriedAgain(status: String) throws {
    let content = Self.content
    let server = try LoopbackServer { request in
      request.number % 3 == 2 ? .range(of: content, request) : .answer(status, request.number == 0 ? ["Retry-After: 7"] : ["Retry-After: 86400"])
    }
    let waits = Mutex<[Double]>([])
    let file = try Self.open(server) { seconds in waits.withLock { $0.append(seconds) } }
    #expect(file.byteCount == content.count && server.requests.count == 3)
    // As long as the server asks, and no longer than a minute.
    #expect(waits.withLock(\.self) == [7, 60])
  }

  @Test func whatDoesNotPassIsGivenUp() throws {
    let server = try LoopbackServer { _ in .answer("503 Service Unavailable") }
    let error = try #require(throws: GriffinError.self) { try Self.open(server) }
    #expect(error.kind == .io && error.message.contains("503") && error.file == server.address + "/model/data.bin")
    #expect(server.requests.count == Backoff().attempts)
  }

  @Test func aConnectionThatAlwaysBreaksIsGivenUpThoughItGains() throws {
    let content = Self.content
    let server = try LoopbackServer { request in
      guard let range = request.range, range.lowerBound > 0 else { return .range(of: content, request) }
      let part = range.clamped(to: 0...content.count - 1)
      return .head(
        "206 Partial Content",
        ["ETag: \"one\"", "Content-Range: bytes \(part.lowerBound)-\(part.upperBound)/\(content.count)", "Content-Length: \(part.count)"])
        + [.bytes(Array(content[part].prefix(1))), .close]
    }
    let file = try Self.open(server)
    let error = try #require(throws: GriffinError.self) { try file.require(1_000_000..<1_700_000) }
    #expect(error.kind == .io)
    #expect(server.requests.count <= Backoff().attemptsInAll + 1)
  }

  @Test func nobodyAtTheDoorIsSaidSo() throws {
    // Port 1 is nobody's.
    let error = try #require(throws: GriffinError.self) { try Self.open("http://127.0.0.1:1") { _ in } }
    #expect(error.kind == .io && error.message.contains("tried \(Backoff().attempts) times"))
  }
}
