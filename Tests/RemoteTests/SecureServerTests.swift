import ByteStorage
import Loopback
import Remote
import TestSupport
import Testing

/// Servers that speak TLS, and proxies on the way to them. The certificate signs itself and is for localhost and models.example.
struct SecureServerTests {
  private let files: [String: [UInt8]] = ["/model/data.bin": [UInt8](repeating: 7, count: 50_000)]
  private let certificate = Fixtures.path("remote/certificate.pem")

  private func identity() throws -> LoopbackServer.Identity {
    try .init(certificate: certificate, key: Fixtures.path("remote/key.pem"))
  }

  /// Reads the file's last bytes.
  private func read(_ address: String, _ settings: RemoteSettings) throws -> [UInt8] {
    var settings = settings
    settings.backoff = Backoff { _ in }
    let (folder, name) = try Remote(settings).folder(of: address + "/model/data.bin", lookingFor: [])
    let file = try folder.open(try #require(name))
    var buffer = ByteBuffer(byteCount: 100)
    do {
      var target = buffer.mutableBytes
      try file.read(at: file.byteCount - 100, into: &target)
    }
    return buffer.bytes.copied
  }

  @Test func aCertificateThatNobodyTrustsIsRefusedAtOnce() throws {
    let server = try LoopbackServer(identity: identity()) { [files] in .range(of: files[$0.path] ?? [], $0) }
    let error = try #require(throws: GriffinError.self) { try read(server.address, RemoteSettings()) }
    #expect(error.kind == .unreadable && error.message.contains("not trusted") && error.file == "\(server.address)/model/data.bin")
    #expect(server.requests.isEmpty)
  }

  @Test func oneThatTheUserNamesIsTrustedForItsHostsAlone() throws {
    let server = try LoopbackServer(identity: identity()) { [files] in .range(of: files[$0.path] ?? [], $0) }
    let settings = try RemoteSettings { $0 == "SSL_CERT_FILE" ? certificate : nil }
    #expect(try read("https://localhost:\(server.port)", settings) == [UInt8](repeating: 7, count: 100))
    let heard = server.requests.count
    let error = try #require(throws: GriffinError.self) { try read("https://127.0.0.1:\(server.port)", settings) }
    #expect(error.kind == .unreadable && error.message.contains("another host"), "\(error)")
    #expect(server.requests.count == heard)
  }

  @Test func aFileWithoutCertificatesIsNoneToTrust() throws {
    #expect(throws: GriffinError.self) { try RemoteSettings { $0 == "SSL_CERT_FILE" ? "/nonexistent.pem" : nil } }
    let error = try #require(throws: GriffinError.self) { try RemoteSettings { $0 == "SSL_CERT_FILE" ? Fixtures.path("remote/signatures.json") : nil } }
    #expect(error.kind == .malformed && error.message.contains("PEM"))
  }

  @Test func aProxyTunnelsAndSeesNothingButTheHost() throws {
    let proxy = try LoopbackServer(identity: identity(), isSecure: false) { [files] request in
      request.method == "CONNECT" ? .head("200 Connection established", []) + [.secure] : .range(of: files[request.path] ?? [], request)
    }
    let settings = try RemoteSettings {
      ["SSL_CERT_FILE": certificate, "HTTPS_PROXY": "http://someone:word@127.0.0.1:\(proxy.port)", "NO_PROXY": "other.example"][$0]
    }
    #expect(try read("https://models.example", settings) == [UInt8](repeating: 7, count: 100))
    let connects = proxy.requests.filter { $0.method == "CONNECT" }
    #expect(!connects.isEmpty && connects.allSatisfy { $0.target == "models.example:443" && $0.headers["proxy-authorization"] == "Basic c29tZW9uZTp3b3Jk" })
    let others = proxy.requests.filter { $0.method == "GET" }
    #expect(others.count == 2 && others.allSatisfy { $0.headers["host"] == "models.example" && $0.headers["proxy-authorization"] == nil })
  }

  @Test func thisMachineAndExceptedHostsAreSpokenToDirectly() throws {
    let proxy = try LoopbackServer { _ in .answer("502 Bad Gateway") }
    let server = try LoopbackServer(identity: identity()) { [files] in .range(of: files[$0.path] ?? [], $0) }
    let settings = try RemoteSettings { ["SSL_CERT_FILE": certificate, "HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"][$0] }
    #expect(try read("https://localhost:\(server.port)", settings).count == 100)
    #expect(proxy.requests.isEmpty)
  }

  @Test func aProxyThatRefusesIsNamedInTheEnd() throws {
    let proxy = try LoopbackServer { _ in .answer("403 Forbidden") }
    let settings = try RemoteSettings { ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"][$0] }
    let error = try #require(throws: GriffinError.self) { try read("https://models.example", settings) }
    #expect(error.kind == .io && error.file == "https://models.example/model/data.bin", "\(error)")
    #expect(proxy.requests.count == 8)
  }
}
