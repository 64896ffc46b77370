internal import AsyncHTTPClient
internal import ByteStorage
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// The one place that opens connections: a GET at a time, redirects followed by our own rules, nothing stored.
///
/// A redirect leads to https, or to the host that it comes from; rights that were given for one host are never sent to another.
final class Requester: Sendable {
  private let direct: HTTPClient
  private let proxied: HTTPClient?
  private let settings: RemoteSettings
  private let gate = Gate(Requester.requestsAtOnce)

  static let requestsAtOnce = 16
  private static let redirects = 5
  /// Bytes of a body that says why something was refused.
  private static let problemBytes = 4096

  init(_ settings: RemoteSettings) {
    self.settings = settings
    direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Requester.configuration(settings, proxy: nil))
    proxied = settings.proxies.server.map { server in
      let proxy: HTTPClient.Configuration.Proxy =
        if let login = server.login {
          .server(host: server.host, port: server.port, authorization: .basic(credentials: Base64.encode(Array(login.utf8))))
        } else {
          .server(host: server.host, port: server.port)
        }
      return HTTPClient(eventLoopGroupProvider: .singleton, configuration: Requester.configuration(settings, proxy: proxy))
    }
  }

  deinit {
    // On a thread of its own: whoever lets go last may be a thread that must not wait.
    let clients = [direct, proxied].compactMap(\.self)
    Task.detached { for client in clients { try? await client.shutdown() } }
  }

  private static func configuration(_ settings: RemoteSettings, proxy: HTTPClient.Configuration.Proxy?) -> HTTPClient.Configuration {
    var tls = TLSConfiguration.makeClientConfiguration()
    if let certificates = settings.certificates { tls.trustRoots = .certificates(certificates) }
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(15), read: .seconds(Int64(settings.idleSeconds))), proxy: proxy, ignoreUncleanSSLShutdown: false,
      decompression: .disabled)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = requestsAtOnce
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  /// Asks once.
  /// - Parameters:
  ///   - place: Where to ask, if a redirect is remembered; the locator's address otherwise.
  ///   - headers: Beside those that give a right.
  ///   - judge: Given how the answer begins; says what body is wanted, or throws. What comes beyond is not read.
  ///   - body: Given the bytes, in order.
  /// - Returns: How the answer began.
  /// - Throws: `Failure`, what `judge` throws, and cancellation.
  func get(
    _ locator: Locator, at place: Address?, headers: [(String, String)], judge: (Answer) throws -> Body, body: (NIOCore.ByteBuffer) throws -> Void
  ) async throws -> Answer {
    await gate.enter()
    do {
      let answer = try await ask(locator, at: place ?? locator.address, headers, judge, body)
      await gate.leave()
      return answer
    } catch {
      await gate.leave()
      throw Requester.failure(error, locator)
    }
  }

  private func ask(
    _ locator: Locator, at start: Address, _ headers: [(String, String)], _ judge: (Answer) throws -> Body,
    _ body: (NIOCore.ByteBuffer) throws -> Void
  ) async throws -> Answer {
    var address = start
    var commit: String?
    for _ in 0...Requester.redirects {
      var request = HTTPClientRequest(url: address.text)
      request.headers.add(name: "User-Agent", value: "griffin")
      request.headers.add(name: "Accept-Encoding", value: "identity")
      for (name, value) in headers + locator.headers(for: address, now: .now) { request.headers.add(name: name, value: value) }
      let client = settings.proxies.apply(to: address) ? proxied ?? direct : direct
      let response = try await client.execute(request, timeout: .seconds(Int64(settings.requestSeconds)))
      let fields = response.headers.map { (name: $0.name.lowercased(), value: $0.value) }
      var answer = Answer(status: Int(response.status.code), headers: fields, address: address, commit: commit)
      commit = commit ?? answer.header("x-repo-commit")
      answer = Answer(status: answer.status, headers: fields, address: address, commit: commit)
      if [301, 302, 303, 307, 308].contains(answer.status) {
        address = try Requester.redirect(answer, locator)
        continue
      }
      if let failure = try await Requester.refusal(answer, response, locator, isRemembered: address != locator.address) { throw failure }
      try await Requester.read(response, try judge(answer), locator, body)
      return answer
    }
    throw Failure.final(GriffinError(.unsupported, file: locator.shown, "the server redirects more than \(Requester.redirects) times"))
  }

  /// What of a body is wanted.
  enum Body {
    case exactly(Int)
    case atMost(Int)
    /// It says nothing, and is read only so that the connection can be used again.
    case nothing
  }

  private static func read(_ response: HTTPClientResponse, _ wanted: Body, _ locator: Locator, _ body: (NIOCore.ByteBuffer) throws -> Void) async throws {
    let limit =
      switch wanted {
      case .exactly(let count), .atMost(let count): count
      case .nothing: problemBytes
      }
    var count = 0
    for try await chunk in response.body {
      count += chunk.readableBytes
      if case .nothing = wanted {
        if count > limit { return }
        continue
      }
      guard count <= limit else {
        throw Failure.final(
          GriffinError(.malformed, file: locator.shown, "the server sends more than \(limit) bytes, which is what was to come; the rest was not read"))
      }
      try body(chunk)
    }
    if case .exactly(let expected) = wanted, count < expected { throw Failure.passing("the connection ended after \(count) of \(expected) bytes") }
  }

  private static func redirect(_ answer: Answer, _ locator: Locator) throws -> Address {
    guard let location = answer.header("location"), let next = answer.address.resolving(location) else {
      throw Failure.final(GriffinError(.malformed, file: locator.shown, "the server redirects to what is no https address"))
    }
    guard next.scheme == "https" || next.hasSameOrigin(as: answer.address) else {
      throw Failure.final(
        GriffinError(.unsafe, file: locator.shown, "the server redirects to \(next.origin), which is neither https nor the same host"))
    }
    return next
  }

  /// The failure that an answer with a status of its own stands for; nil for those that are judged by who asked.
  private static func refusal(
    _ answer: Answer, _ response: HTTPClientResponse, _ locator: Locator, isRemembered: Bool
  ) async throws -> Failure? {
    switch answer.status {
    case 200, 206:
      // Its bytes would not be the file's.
      guard let encoding = answer.header("content-encoding"), encoding.lowercased() != "identity" else { return nil }
      return .final(GriffinError(.unsupported, file: locator.shown, "the server encodes the file (\(encoding.shortened(to: 40)))"))
    case 404, 410, 412, 416:
      return isRemembered && [404, 410].contains(answer.status) ? .stale : nil
    case 401, 403:
      if isRemembered { return .stale }
      let words = try await problem(response).map { " (\($0))" } ?? ""
      return .final(
        GriffinError(.unreadable, file: locator.shown, "the server refuses it with status \(answer.status)\(words)", hints: locator.hints))
    case 408, 425, 429, 500, 502, 503, 504:
      let asked = answer.header("retry-after").flatMap { ContentRange.number($0) }.map { Double($0) }
      return .passing("the server answers with status \(answer.status)", retryAfter: asked)
    default:
      return .final(GriffinError(.unsupported, file: locator.shown, "the server answers with status \(answer.status)"))
    }
  }

  /// What a short XML or plain answer says went wrong, such as `AccessDenied`.
  private static func problem(_ response: HTTPClientResponse) async throws -> String? {
    var text = ""
    for try await chunk in response.body {
      text += String(decoding: chunk.readableBytesView, as: UTF8.self)
      if text.utf8.count > problemBytes { break }
    }
    if let code = ListingText(text).first("Code") { return code.shortened(to: 60).printable }
    return nil
  }

  /// What a failure below us means.
  private static func failure(_ error: any Error, _ locator: Locator) -> any Error {
    switch error {
    case is Failure, is GriffinError, is CancellationError: return error
    default:
      let text = "\(error)".shortened(to: 160).printable
      if text.contains("failedToValidateHostname") {
        return Failure.final(GriffinError(.unreadable, file: locator.shown, "the server's certificate is for another host"))
      }
      if text.contains("CERTIFICATE_VERIFY_FAILED") {
        return Failure.final(
          GriffinError(
            .unreadable, file: locator.shown, "the server's certificate is not trusted", hints: ["SSL_CERT_FILE names the certificates to trust instead"]))
      }
      return Failure.passing("the connection failed: \(text)")
    }
  }
}
