import ByteStorage
import Loopback
import Remote
import Testing

/// Servers that lie, change their mind or never end: each is refused by name, after a bounded number of requests.
struct HostileServerTests {
  private typealias Steps = [LoopbackServer.Step]

  private func refusal(_ answer: @escaping LoopbackServer.Answer) throws -> (error: GriffinError, server: LoopbackServer) {
    let server = try LoopbackServer(answer)
    return (try #require(throws: GriffinError.self) { try FarFileTests.open(server) }, server)
  }

  /// The file is opened as it should be; later requests get `answer`.
  private func laterRefusal(_ answer: @escaping LoopbackServer.Answer) throws -> (error: GriffinError, server: LoopbackServer) {
    let content = FarFileTests.content
    let server = try LoopbackServer { $0.number == 0 ? .range(of: content, $0) : answer($0) }
    let file = try FarFileTests.open(server)
    return (try #require(throws: GriffinError.self) { try file.require(1_000_000..<1_100_000) }, server)
  }

  @Test(arguments: [
    "bytes 0-16383/1152921504606846976", "bytes 0-16383/9223372036854775807",
  ]) func claimsOfSizesThatNobodyHas(range: String) throws {
    let (error, server) = try refusal { _ in .answer("206 Partial Content", ["Content-Range: \(range)"], body: Array(repeating: 0, count: 16384)) }
    #expect(error.kind == .unsafe && error.message.contains("claims") && server.requests.count == 1)
  }

  @Test func aWholeFileOfASizeThatNobodyHas() throws {
    let (error, _) = try refusal { _ in .answer("200 OK", statedByteCount: 1 << 60) + [.close] }
    #expect(error.kind == .unsafe && error.message.contains("1152921504606846976"))
  }

  @Test(arguments: [
    "bytes 1-16384/9449529", "bytes 0-99/9449529", "bytes 0-16384/9449529", "bytes 0-16383/*", "bytes 0-16383", "items 0-16383/9449529", "bytes 5-4/9449529",
    "bytes 0-16383/99999999999999999999999", "bytes 0-16383/100", "bytes -1-16383/9449529",
  ]) func rangesThatWereNotAskedFor(range: String) throws {
    let (error, server) = try refusal { _ in .answer("206 Partial Content", ["Content-Range: \(range)"], body: Array(repeating: 0, count: 16384)) }
    #expect(error.kind == .malformed && error.message.contains("wrongly") && server.requests.count == 1)
  }

  @Test func aRangeThatIsAnother() throws {
    let (error, server) = try laterRefusal { request in
      .answer("206 Partial Content", ["ETag: \"one\"", "Content-Range: bytes 0-99999/\(FarFileTests.content.count)"], body: Array(repeating: 0, count: 100_000))
    }
    #expect(error.kind == .malformed && server.requests.count == 2)
  }

  @Test func moreBytesThanTheRangeHas() throws {
    let (error, server) = try laterRefusal { request in
      let range = request.range ?? 0...0
      return .head(
        "206 Partial Content", ["ETag: \"one\"", "Content-Range: bytes \(range.lowerBound)-\(range.upperBound)/\(FarFileTests.content.count)", "Connection: close"])
        + [.endless]
    }
    #expect(error.kind == .malformed && error.message.contains("more than") && server.requests.count == 2)
  }

  @Test func aFileWithoutEndOrSize() throws {
    let (error, server) = try refusal { _ in .head("200 OK", ["Connection: close"]) + [.endless] }
    #expect(error.kind == .unsupported && error.message.contains("how many bytes") && server.requests.count == 1)
  }

  @Test func aServerWithoutRanges() throws {
    let (error, _) = try refusal { _ in .head("200 OK", ["Content-Length: 9000000"]) + [.endless] }
    #expect(error.kind == .unsupported && error.message.contains("whole file"))
  }

  @Test func anEncodedFile() throws {
    let content = FarFileTests.content
    let (error, _) = try refusal { .range(of: content, $0, headers: ["Content-Encoding: gzip"]) }
    #expect(error.kind == .unsupported && error.message.contains("gzip"))
  }

  @Test func anotherVersion() throws {
    let content = FarFileTests.content
    // By the condition that we set, and by the version that it states, for servers that know no conditions.
    let (byCondition, first) = try laterRefusal { .range(of: content, $0, version: "\"two\"") }
    #expect(byCondition.kind == .changed && first.requests.count == 2)
    let (byTag, second) = try laterRefusal { request in
      let range = request.range ?? 0...0
      return .answer(
        "206 Partial Content", ["ETag: \"two\"", "Content-Range: bytes \(range.lowerBound)-\(range.upperBound)/\(content.count)"], body: Array(content[range]))
    }
    #expect(byTag.kind == .changed && second.requests.count == 2)
    let (bySize, _) = try laterRefusal { request in
      let range = request.range ?? 0...0
      return .answer(
        "206 Partial Content", ["ETag: \"one\"", "Content-Range: bytes \(range.lowerBound)-\(range.upperBound)/\(content.count + 1)"], body: Array(content[range]))
    }
    #expect(bySize.kind == .changed && bySize.message.contains("\(content.count + 1)"))
    let (byLength, _) = try laterRefusal { _ in .answer("416 Range Not Satisfiable", ["Content-Range: bytes */5"]) }
    #expect(byLength.kind == .changed)
    let (gone, _) = try laterRefusal { _ in .missing }
    #expect(gone.kind == .changed)
  }

  @Test(arguments: ["http://192.0.2.1/data.bin", "http://localhost:1/data.bin", "ftp://127.0.0.1/data.bin", "file:///etc/passwd", "https://user@192.0.2.1/"])
  func redirectsElsewhere(location: String) throws {
    let (error, server) = try refusal { _ in .answer("302 Found", ["Location: \(location)"]) }
    #expect([.unsafe, .malformed].contains(error.kind) && error.message.contains("redirects to") && server.requests.count == 1)
  }

  @Test func redirectsWithoutEnd() throws {
    let (error, server) = try refusal { request in .answer("307 Temporary Redirect", ["Location: /model/data.bin?again=\(request.number)"]) }
    #expect(error.kind == .unsupported && error.message.contains("redirects more than") && server.requests.count == 6)
  }

  @Test func aRedirectOnTheSameHostIsFollowedAndRemembered() throws {
    let content = FarFileTests.content
    let server = try LoopbackServer { request in
      request.path == "/model/data.bin" ? .answer("302 Found", ["Location: ../elsewhere?signature=\(request.number)"]) : .range(of: content, request)
    }
    let file = try FarFileTests.open(server)
    try file.require(1_000_000..<1_000_010)
    try file.require(3_000_000..<3_000_010)
    #expect(server.requests.filter { $0.path == "/model/data.bin" }.count == 1)
    #expect(file.bytes[3_000_000] == content[3_000_000] && !file.path.contains("signature"))
  }

  @Test func aRedirectThatHoldsNoMoreIsAskedForAnew() throws {
    let content = FarFileTests.content
    let server = try LoopbackServer { request in
      if request.path == "/model/data.bin" { return .answer("302 Found", ["Location: /signed/\(request.number)"]) }
      // A signature is good for one request.
      return request.path == "/signed/\(request.number - 1)" ? .range(of: content, request) : .answer("403 Forbidden")
    }
    let file = try FarFileTests.open(server)
    try file.require(1_000_000..<1_000_010)
    #expect(file.bytes[1_000_000] == content[1_000_000])
  }

  @Test(arguments: ["401 Unauthorized", "403 Forbidden"]) func refusals(status: String) throws {
    let (error, server) = try refusal { _ in .answer(status, body: Array("<Error><Code>AccessDenied</Code></Error>".utf8)) }
    #expect(error.kind == .unreadable && error.message.contains("AccessDenied") && server.requests.count == 1)
  }
}
