import Foundation
import Loopback
import Synchronization
import TestSupport
import Testing

/// Sources on another machine, which is this one's loopback: what is made of them is what is made of the files themselves.
struct FarRoadTests {
  /// A folder's files under `/NAME/`.
  private func files(_ folder: String, under name: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files["/\(name)/\(file)"] = try [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(file)")))
    }
    return files
  }

  private func server(_ pair: String) throws -> LoopbackServer {
    let path = try Fixtures.golden(pair)
    return try .serving(files("\(path)/target", under: "target").merging(files("\(path)/draft", under: "draft")) { $1 })
  }

  /// No keys, proxies or endpoints of whoever runs the tests.
  private let clean = [
    "HTTPS_PROXY": "", "https_proxy": "", "ALL_PROXY": "", "all_proxy": "", "HF_ENDPOINT": "", "HF_TOKEN": "", "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "",
    "AWS_ACCESS_KEY_ID": "", "SSL_CERT_FILE": "", "HOME": "/nonexistent",
  ]

  @Test(arguments: ["llama2-tiny", "qwen2-tiny", "mixtral-tiny"]) func aPairReadFromAnAddressIsThePairItself(name: String) throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden(name)
    let server = try server(name)
    let here = try Program.run(
      ["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "--quantize", "q4_k_m", "-o", folder["here.griffin"]])
    #expect(here.status == 0, "\(here.errors)")
    let far = try Program.run(
      ["convert", "--target", "\(server.address)/target", "--draft", "\(server.address)/draft/", "--quantize", "q4_k_m", "-o", folder["far.griffin"]],
      environment: clean)
    #expect(far.status == 0, "\(far.errors)")
    #expect(try Data(contentsOf: URL(filePath: folder["far.griffin"])) == Data(contentsOf: URL(filePath: folder["here.griffin"])))
  }

  /// The plan of a far pair expects one embedding for both; here the target's last row is another.
  @Test func aDraftWithAnEmbeddingOfItsOwnIsThatFromAfarToo() throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("llama2-tiny")
    var files = try files("\(path)/target", under: "target").merging(files("\(path)/draft", under: "draft")) { $1 }
    let shard = "/target/model-00001-of-00003.safetensors"
    var bytes = try #require(files[shard])
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try #require(JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: [String: Any]])
    let offsets = try #require(header["model.embed_tokens.weight"]?["data_offsets"] as? [Int])
    bytes[8 + length + offsets[1] - 2] ^= 1
    files[shard] = bytes
    for (name, bytes) in files {
      let url = URL(filePath: folder["here"] + name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
    let arguments = { (place: String) in ["convert", "--target", "\(place)/target", "--draft", "\(place)/draft", "--quantize", "q8_0", "--json"] }
    let here = try Program.run(arguments(folder["here"]) + ["-o", folder["here.griffin"]])
    #expect(here.status == 0 && here.output.contains(#""embedding": "different""#), "\(here.errors)")
    let server = try LoopbackServer.serving(files)
    let far = try Program.run(arguments(server.address) + ["-o", folder["far.griffin"]], environment: clean)
    #expect(far.status == 0, "\(far.errors)")
    #expect(try Data(contentsOf: URL(filePath: folder["far.griffin"])) == Data(contentsOf: URL(filePath: folder["here.griffin"])))
  }

  @Test func inspectSaysTheSameOfBoth() throws {
    let path = try Fixtures.golden("llama2-tiny")
    let server = try server("llama2-tiny")
    for half in ["target", "draft"] {
      let here = try Program.run(["inspect", "\(path)/\(half)", "--json", "--tensors"]).output
      let far = try Program.run(["inspect", "\(server.address)/\(half)", "--json", "--tensors"], environment: clean)
      #expect(far.status == 0 && far.output == here, "\(far.errors)")
    }
  }

  @Test func certificatesAndProxiesAreThoseOfTheEnvironment() throws {
    let path = try Fixtures.golden("llama2-tiny")
    let files = try files("\(path)/draft", under: "draft")
    let certificate = Fixtures.path("remote/certificate.pem")
    let proxy = try LoopbackServer(identity: .init(certificate: certificate, key: Fixtures.path("remote/key.pem")), isSecure: false) { request in
      if request.method == "CONNECT" { return .head("200 OK", []) + [.secure] }
      return files[request.path].map { .range(of: $0, request) } ?? .missing
    }
    let here = try Program.run(["inspect", "\(path)/draft", "--json"]).output
    let tunnelled = ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"]
    let far = try Program.run(
      ["inspect", "https://models.example/draft", "--json"],
      environment: clean.merging(tunnelled) { $1 }.merging(["SSL_CERT_FILE": certificate]) { $1 })
    #expect(far.status == 0 && far.output == here, "\(far.errors)")
    let untrusted = try Program.run(["inspect", "https://models.example/draft"], environment: clean.merging(tunnelled) { $1 })
    #expect(untrusted.status == 66 && untrusted.errors.contains("certificate is not trusted") && untrusted.errors.contains("SSL_CERT_FILE"), "\(untrusted.errors)")
  }

  @Test func aBundleIsQuantizedFromAnAddress() throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("llama2-tiny")
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", folder["a.griffin"]]).status == 0)
    #expect(try Program.run(["quantize", folder["a.griffin"], "--recipe", "q8_0", "-o", folder["here.griffin"]]).status == 0)
    let server = try LoopbackServer.serving(["/a.griffin": [UInt8](Data(contentsOf: URL(filePath: folder["a.griffin"])))])
    let far = try Program.run(["quantize", "\(server.address)/a.griffin", "--recipe", "q8_0", "-o", folder["far.griffin"]], environment: clean)
    #expect(far.status == 0, "\(far.errors)")
    #expect(try Data(contentsOf: URL(filePath: folder["far.griffin"])) == Data(contentsOf: URL(filePath: folder["here.griffin"])))
    #expect(try Program.run(["inspect", "\(server.address)/a.griffin"], environment: clean).status == 0)
    let card = try Program.run(["inspect", "\(server.address)/a.griffin", "--card"], environment: clean)
    #expect(try card.status == 0 && card.output == Program.run(["inspect", folder["a.griffin"], "--card"]).output, "\(card.errors)")
  }

  @Test func aPlanOfFarSourcesIsWorkedAndItsSourcesAreHeldToIt() throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("qwen2-tiny")
    let server = try server("qwen2-tiny")
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--quantize", "q8_0", "-o", folder["here.griffin"]]).status == 0)
    let planned = try Program.run(
      ["convert", "--target", "\(server.address)/target", "--quantize", "q8_0", "--plan-out", folder["plan.json"], "--unit-size", "64KiB"], environment: clean)
    #expect(planned.status == 0, "\(planned.errors)")
    let text = try String(contentsOf: URL(filePath: folder["plan.json"]), encoding: .utf8)
    #expect(text.contains(#"\"one\""#) && text.contains("\(server.address)/target"))
    for shard in ["1/2", "0/2"] {
      let worked = try Program.run(["work", folder["plan.json"], "--output", folder["far.griffin"], "--shard", shard], environment: clean)
      #expect(worked.status == 0, "\(worked.errors)")
    }
    let finished = try Program.run(["finish", folder["plan.json"], "--output", folder["far.griffin"]], environment: clean)
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(try Data(contentsOf: URL(filePath: folder["far.griffin"])) == Data(contentsOf: URL(filePath: folder["here.griffin"])))
  }

  @Test func whatFailsOnTheWayFailsByName() throws {
    let folder = try TemporaryFolder()
    let files = try files(Fixtures.golden("llama2-tiny") + "/target", under: "target")
    // The weights are replaced after they were looked at.
    let seen = Mutex<Set<String>>([])
    let changing = try LoopbackServer { request in
      guard let file = files[request.path] else { return .missing }
      let isFirst = seen.withLock { $0.insert(request.path).inserted }
      return .range(of: file, request, version: isFirst ? "\"one\"" : "\"two\"")
    }
    let changed = try Program.run(["convert", "--target", "\(changing.address)/target", "-o", folder["out.griffin"], "--json"], environment: clean)
    #expect(changed.status == 74 && changed.errors.contains("\(changing.address)/target/") && changed.errors.contains("changed"), "\(changed.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder["out.griffin"]) && !FileManager.default.fileExists(atPath: folder["out.griffin.partial"]))

    let nothing = try LoopbackServer.serving([:])
    let missing = try Program.run(["inspect", "\(nothing.address)/model", "--json"], environment: clean)
    #expect(missing.status == 66 && missing.errors.contains("\(nothing.address)/model"))
    let plain = try Program.run(["inspect", "http://192.0.2.1/model"], environment: clean)
    #expect(plain.status == 65 && plain.errors.contains("not private"))
    // What is held against its source needs it here, and says so before it converts.
    try Data("name\ttarget\nfar\t\(changing.address)/target\n".utf8).write(to: URL(filePath: folder["list.tsv"]))
    let swept = try Program.run(["sweep", folder["list.tsv"], "-o", folder["swept"]], environment: clean)
    #expect(swept.status == 64 && swept.errors.contains("--no-verify") && !FileManager.default.fileExists(atPath: folder["swept"]), "\(swept.errors)")
    let often = try Program.run(["generate", "\(nothing.address)/model.griffin", "--prompt", "x"], environment: clean)
    #expect(often.status == 65 || often.status == 66)
    let verified = try Program.run(["verify", "hf://owner/name"], environment: clean)
    #expect(verified.status != 0 && verified.errors.contains("hf://owner/name"))
  }
}
