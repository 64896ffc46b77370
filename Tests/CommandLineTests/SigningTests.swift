import Foundation
import TestSupport
import Testing

/// openssl, as it is installed.
/// - Returns: Its exit status.
private func openssl(_ arguments: [String]) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["openssl"] + arguments
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus
}

/// `sign` and `verify --public-key`, with openssl's own keys and openssl's own opinion.
struct SigningTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func fixture(_ name: String) -> String {
    Golden.root.deletingLastPathComponent().appending(path: "signing/\(name)").path
  }

  private func check(_ outcome: Program.Outcome) throws -> [String: Any]? {
    (try outcome.json["checks"] as? [[String: Any]])?.first { $0["name"] as? String == "signature" }
  }

  @Test func aSignedBundleVerifiesHereAndWithOpenssl() throws {
    let (bundle, converted) = try Golden.convert("llama2-tiny", into: folder)
    #expect(converted.status == 0, "\(converted.errors)")
    let signed = try Program.run(["sign", bundle, "--key", SigningTests.fixture("private.pem"), "--json"])
    #expect(signed.status == 0, "\(signed.errors)")
    let document = try signed.json
    #expect(document["output"] as? String == bundle + ".sig")
    #expect((document["warnings"] as? [Any])?.isEmpty == true)
    #expect(folder.names == ["llama2-tiny.griffin", "llama2-tiny.griffin.sig"])

    // openssl, over the message that formats/signature.md gives.
    let digest = try #require(document["digest"] as? String)
    let hex = Array(try #require(document["signature"] as? String))
    let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(hex[$0..<$0 + 2]), radix: 16) }
    try Data("griffin-bundle-signature-v1\n\(digest)\n".utf8).write(to: URL(filePath: folder["message"]))
    try Data(bytes).write(to: URL(filePath: folder["signature"]))
    let arguments = ["pkeyutl", "-verify", "-pubin", "-rawin", "-in", folder["message"], "-sigfile", folder["signature"], "-inkey"]
    #expect(try openssl(arguments + [SigningTests.fixture("public.pem")]) == 0)
    #expect(try openssl(arguments + [SigningTests.fixture("other-public.pem")]) != 0)

    let verify = ["verify", bundle, "--integrity", "--json", "--public-key"]
    let good = try Program.run(verify + [SigningTests.fixture("public.pem")])
    #expect(good.status == 0, "\(good.output)")
    #expect(try check(good)?["ok"] as? Bool == true)
    let other = try Program.run(verify + [SigningTests.fixture("other-public.pem")])
    #expect(other.status == 1)
    #expect(try check(other)?["ok"] as? Bool == false)
    #expect(try other.json["ok"] as? Bool == false)
    // Without other flags everything else is verified too.
    let whole = try Program.run(
      ["verify", bundle, "--max-new-tokens", "4", "--json", "--public-key", SigningTests.fixture("public.pem")])
    #expect(whole.status == 0)
    #expect(try (whole.json["cases"] as? [Any])?.isEmpty == false)

    // Signing again needs --force, and another payload bit is not covered up by a good signature.
    #expect(try Program.run(["sign", bundle, "--key", SigningTests.fixture("other.pem")]).status == 73)
    #expect(try Program.run(["sign", bundle, "--key", SigningTests.fixture("other.pem"), "--force"]).status == 0)
    #expect(try Program.run(verify + [SigningTests.fixture("other-public.pem")]).status == 0)
    try flip(bundle, byteFromEnd: 20_000)
    let damaged = try Program.run(verify + [SigningTests.fixture("other-public.pem")])
    #expect(damaged.status == 1)
    #expect(try check(damaged)?["ok"] as? Bool == true)
    let refused = try Program.run(["sign", bundle, "--key", SigningTests.fixture("private.pem"), "--force"])
    #expect(refused.status == 65)
    #expect(refused.lines("error: ").count == 1)
    // What was signed before is still there.
    #expect(folder.names.contains("llama2-tiny.griffin.sig") && !folder.names.contains { $0.hasSuffix(".partial") })
    #expect(try check(try Program.run(verify + [SigningTests.fixture("other-public.pem")]))?["ok"] as? Bool == true)
  }

  @Test func missingAndMalformedFilesAreSaidBeforeTheWork() throws {
    let (bundle, converted) = try Golden.convert("llama2-tiny", into: folder)
    #expect(converted.status == 0)
    func status(_ key: String) throws -> Int32 {
      let outcome = try Program.run(["verify", bundle, "--public-key", key, "--json"])
      #expect(outcome.lines("error: ").count == 1)
      #expect(try (outcome.json["error"] as? [String: Any])?["file"] is String)
      return outcome.status
    }
    let key = SigningTests.fixture("public.pem")
    #expect(try status(key) == 66)
    try Data("{}".utf8).write(to: URL(filePath: bundle + ".sig"))
    #expect(try status(key) == 65)
    #expect(try Program.run(["sign", bundle, "--key", SigningTests.fixture("private.pem"), "--force"]).status == 0)
    #expect(try status(SigningTests.fixture("absent.pem")) == 66)
    #expect(try status(SigningTests.fixture("private.pem")) == 65)
    #expect(try Program.run(["sign", bundle, "--key", SigningTests.fixture("absent.pem"), "--force"]).status == 66)
    #expect(try Program.run(["sign", bundle, "--key", SigningTests.fixture("public.pem"), "--force"]).status == 65)
    // A key that lies where the signature would go is not overwritten.
    try FileManager.default.removeItem(atPath: bundle + ".sig")
    try FileManager.default.copyItem(atPath: SigningTests.fixture("private.pem"), toPath: bundle + ".sig")
    #expect(try Program.run(["sign", bundle, "--key", bundle + ".sig", "--force"]).status == 64)
    #expect(try Data(contentsOf: URL(filePath: bundle + ".sig")) == Data(contentsOf: URL(filePath: SigningTests.fixture("private.pem"))))
  }

  private func flip(_ path: String, byteFromEnd: Int) throws {
    var data = try Data(contentsOf: URL(filePath: path))
    data[data.count - byteFromEnd] ^= 4
    try data.write(to: URL(filePath: path))
  }
}

/// `sign --format oms`, with openssl's opinion of the envelope.
struct ModelSigningRoadTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func fixture(_ name: String) -> String {
    Golden.root.deletingLastPathComponent().appending(path: "signing/oms/\(name)").path
  }

  @Test func bundlesAndFolders() throws {
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let signed = try Program.run(["sign", bundle, "--key", ModelSigningRoadTests.fixture("p256.pem"), "--format", "oms", "--json"])
    #expect(signed.status == 0, "\(signed.errors)")
    #expect(try signed.json["output"] as? String == bundle + ".oms.sig")
    let verified = try Program.run(
      ["verify", bundle, "--integrity", "--public-key", ModelSigningRoadTests.fixture("p256-public.pem"), "--json"])
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    let other = try Program.run(["verify", bundle, "--integrity", "--public-key", ModelSigningRoadTests.fixture("p384-public.pem"), "--json"])
    #expect(other.status == 1)

    // The envelope as its specification has it, by openssl.
    let text = try Data(contentsOf: URL(filePath: bundle + ".oms.sig"))
    let document = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let envelope = try #require(document["dsseEnvelope"] as? [String: Any])
    let payload = try #require((envelope["payload"] as? String).flatMap { Data(base64Encoded: $0) })
    let signatures = try #require(envelope["signatures"] as? [[String: Any]])
    let signature = try #require((signatures[0]["sig"] as? String).flatMap { Data(base64Encoded: $0) })
    try (Data("DSSEv1 28 application/vnd.in-toto+json \(payload.count) ".utf8) + payload).write(to: URL(filePath: folder["message"]))
    try signature.write(to: URL(filePath: folder["signature"]))
    #expect(
      try openssl([
        "dgst", "-sha256", "-verify", ModelSigningRoadTests.fixture("p256-public.pem"), "-signature", folder["signature"], folder["message"],
      ]) == 0)

    let exported = try Program.run(["export", bundle, "--format", "safetensors", "-o", folder["out"], "--no-check"])
    #expect(exported.status == 0)
    #expect(try Program.run(["sign", folder["out"], "--key", ModelSigningRoadTests.fixture("p384.pem"), "--format", "oms"]).status == 0)
    let verify = ["verify", folder["out"], "--public-key", ModelSigningRoadTests.fixture("p384-public.pem")]
    #expect(try Program.run(verify).status == 0)
    try Data("{}".utf8).write(to: URL(filePath: folder["out/target/config.json"]))
    let changed = try Program.run(verify + ["--json"])
    #expect(changed.status == 1 && changed.output.contains("target/config.json has the digest"), "\(changed.output)")
  }

  @Test func aDamagedBundleIsNotSigned() throws {
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let file = try FileHandle(forUpdating: URL(filePath: bundle))
    try file.seek(toOffset: try file.seekToEnd() - 20_000)
    try file.write(contentsOf: Data([1, 2, 3, 4, 5]))
    try file.close()
    let refused = try Program.run(["sign", bundle, "--key", ModelSigningRoadTests.fixture("p256.pem"), "--format", "oms"])
    #expect(refused.status == 65 && folder.names == ["llama2-tiny.griffin"], "\(refused.errors)")
  }
}
