import ByteStorage
import Remote
import Testing

struct AddressTests {
  @Test func partsOfAnAddress() throws {
    let address = try #require(Address("HTTPS://Host.Example:8443/a%20b/c?x=1#fragment"))
    #expect(address.scheme == "https" && address.host == "host.example" && address.port == 8443)
    #expect(address.path == "/a%20b/c" && address.query == "x=1" && address.shown == "https://host.example:8443/a%20b/c")
    #expect(address.split.name == "c" && address.split.folder.path == "/a%20b/")
    #expect(address.appending("ü.bin").path == "/a%20b/c/%C3%BC.bin")
    #expect(Address("https://[2001:db8::1]:443/x")?.host == "[2001:db8::1]")
  }

  @Test func whatRedirectsLeadTo() throws {
    let address = try #require(Address("https://host/a/b/c?x"))
    for (location, found) in [
      ("https://other/y", "https://other/y"), ("//other/y", "https://other/y"), ("/y?z", "https://host/y?z"), ("y", "https://host/a/b/y"),
      ("../y", "https://host/a/y"), ("../../../y", "https://host/y"), ("./y?z=../z", "https://host/a/b/y?z=../z"),
    ] { #expect(address.resolving(location)?.text == found) }
  }

  @Test(arguments: [
    "", "https://", "ftp://host/x", "https://user:password@host/x", "https://host:0/x", "https://host:port/x", "https://ho st/x", "https://host/\u{1}",
    "https://host/ü", "//host/x", "https:host", "https://host\\x",
  ]) func whatIsNone(text: String) { #expect(Address(text) == nil) }

  @Test func onlyThisMachineIsSpokenToWithoutPrivacy() throws {
    for host in ["127.0.0.1", "localhost", "[::1]", "127.8.9.1"] {
      try Locator.check(#require(Address("http://\(host):80/x")), shown: "x")
    }
    for host in ["127.0.0.1.example.com", "192.168.0.1", "localhost.example", "127.0.0.1x"] {
      let error = try #require(throws: GriffinError.self) { try Locator.check(#require(Address("http://\(host)/x")), shown: "x") }
      #expect(error.kind == .unsafe)
    }
    #expect(throws: GriffinError.self) { try Remote(RemoteSettings()).folder(of: "http://example.com/model", lookingFor: []) }
  }

  @Test func rightsStayWithTheirHost() throws {
    let hub = try #require(Address("https://hub.example/model/x"))
    let locator = Locator(hub, right: .token("secret"))
    let now = Timestamp(seconds: 0)
    #expect(locator.headers(for: hub, now: now).map(\.1) == ["Bearer secret"])
    #expect(locator.headers(for: try #require(Address("https://hub.example:443/elsewhere")), now: now).count == 1)
    for other in ["https://cdn.example/x", "https://hub.example:444/x", "http://hub.example/x", "https://hub.example.evil/x"] {
      #expect(locator.headers(for: try #require(Address(other)), now: now).isEmpty)
    }
  }

  @Test func proxiesAreHeard() throws {
    let proxies = Proxies(proxy: "http://me:pass%21@proxy.example:3128/", exceptions: "internal.example, .corp , 10.0.0.1")
    let server = try #require(proxies.server)
    #expect(server.host == "proxy.example" && server.port == 3128 && server.login == "me:pass!")
    for (host, applies) in [
      ("https://hub.example/x", true), ("https://internal.example/x", false), ("https://a.internal.example/x", false), ("https://notinternal.example/x", true),
      ("https://x.corp/y", false), ("https://10.0.0.1/y", false), ("http://127.0.0.1/y", false), ("https://localhost/y", false),
    ] { #expect(try proxies.apply(to: #require(Address(host))) == applies, "\(host)") }
    #expect(try !Proxies(proxy: "http://proxy", exceptions: "*").apply(to: #require(Address("https://hub.example/x"))))
    #expect(Proxies(proxy: nil).server == nil && Proxies(proxy: "socks5://x").server == nil)
  }

  @Test func waitsGrowAndEnd() {
    let backoff = Backoff { _ in }
    for count in 1...40 {
      let (low, high) = (0.25 * Double(1 << min(count - 1, 6)), min(0.5 * Double(1 << min(count - 1, 16)), 30))
      for _ in 0..<20 {
        let delay = backoff.delay(afterFailures: count, asked: nil)
        #expect(delay >= min(low, 15) && delay <= high)
      }
    }
    #expect(backoff.delay(afterFailures: 1, asked: 1e12) == 60)
  }
}
