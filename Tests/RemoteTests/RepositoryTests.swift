import ByteStorage
import Loopback
import Remote
import Testing

/// Repositories of a hub.
struct RepositoryTests {
  private static let commit = String(repeating: "0123456789", count: 4)

  private func remote(_ server: LoopbackServer) -> Remote {
    var settings = RemoteSettings()
    (settings.hub, settings.hubToken, settings.backoff) = (server.address, "secret", Backoff { _ in })
    return Remote(settings)
  }

  /// A hub with one model; `commit` is what its files say they are of.
  private func hub(listing: Bool = true, commit: String = RepositoryTests.commit) throws -> LoopbackServer {
    try LoopbackServer { request in
      let header = ["X-Repo-Commit: \(commit)"]
      switch request.path {
      case "/api/models/owner/name/revision/main" where listing:
        return .answer(
          "200 OK", body: Array(#"{"sha": "\#(Self.commit)", "siblings": [{"rfilename": "config.json"}, {"rfilename": "sub/x.gguf"}, {"rfilename": "LICENSE"}]}"#.utf8))
      case "/owner/name/resolve/\(Self.commit)/config.json", "/owner/name/resolve/main/config.json": return .range(of: Array("{}".utf8), request, headers: header)
      case "/owner/name/resolve/\(Self.commit)/sub/x.gguf": return .answer("302 Found", header + ["Location: /store/blob"])
      case "/store/blob": return .range(of: FarFileTests.content, request)
      default: return .missing
      }
    }
  }

  @Test func filesAreThoseOfTheCommitThatARevisionIsAt() throws {
    let server = try hub()
    let (folder, name) = try remote(server).folder(of: "hf://owner/name", lookingFor: [])
    #expect(try name == nil && folder.path == "hf://owner/name@\(Self.commit)" && folder.names() == ["LICENSE", "config.json"])
    let file = try folder.open("config.json")
    #expect(file.path == "hf://owner/name@\(Self.commit)/config.json" && file.far?.version == "commit \(Self.commit)")
    #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
  }

  @Test func oneFileOfARepositoryIsReadFromWhereTheHubKeepsIt() throws {
    let server = try hub()
    let (folder, name) = try remote(server).folder(of: "hf://owner/name@main/sub/x.gguf", lookingFor: [])
    let file = try folder.open(try #require(name))
    try file.require(1_000_000..<1_000_001)
    #expect(file.byteCount == FarFileTests.content.count && file.bytes[1_000_000] == FarFileTests.content[1_000_000])
    #expect(server.requests.filter { $0.path.contains("/resolve/") }.count == 1)
  }

  @Test func aHubThatDoesNotListSaysItsCommitAtLeast() throws {
    let server = try hub(listing: false)
    let (folder, _) = try remote(server).folder(of: "hf://owner/name", lookingFor: ["config.json", "README.md"])
    #expect(try folder.path == "hf://owner/name@\(Self.commit)" && folder.names() == ["config.json"])
  }

  @Test func anotherCommitThanThePinnedOneIsAChange() throws {
    let server = try hub(commit: String(repeating: "f", count: 40))
    let (folder, _) = try remote(server).folder(of: "hf://owner/name", lookingFor: [])
    let error = try #require(throws: GriffinError.self) { try folder.open("config.json") }
    #expect(error.kind == .changed)
  }

  @Test func aHubWithoutCommitsIsRefused() throws {
    let server = try LoopbackServer { request in request.path.hasSuffix("config.json") ? .range(of: Array("{}".utf8), request) : .missing }
    let error = try #require(throws: GriffinError.self) { try remote(server).folder(of: "hf://owner/name", lookingFor: []) }
    #expect(error.kind == .unsupported && error.message.contains("X-Repo-Commit"))
  }

  @Test func aRepositoryThatIsNotThere() throws {
    let server = try LoopbackServer { _ in .missing }
    let error = try #require(throws: GriffinError.self) { try remote(server).folder(of: "hf://owner/name", lookingFor: []) }
    #expect(error.kind == .missing)
  }

  @Test(arguments: ["hf://", "hf://owner", "hf://owner/name@", "hf://owner/na me", "hf://../name", "hf://owner/name/readme", "hf://owner/name/../x.bin"])
  func whatIsNoRepository(text: String) throws {
    let error = try #require(throws: GriffinError.self) { try Remote(RemoteSettings()).folder(of: text, lookingFor: []) }
    #expect(error.kind == .usage)
  }
}
