import Bundles
import ByteStorage
import Foundation
import TestSupport
import Testing

/// Signatures of OpenSSF Model Signing, with those of its own package.
struct ModelSigningTests {
  private let folder: TemporaryFolder
  private let bundle: String

  init() throws {
    folder = try TemporaryFolder()
    bundle = try folder.write([UInt8](Data(contentsOf: URL(filePath: Vector.named("pair.griffin").path))), to: "pair.griffin")
  }

  private static func fixture(_ name: String) -> String { Fixtures.path("signing/oms/\(name)") }

  private func key(_ name: String) throws -> EllipticPublicKey {
    guard case .elliptic(let key) = try PublicKey(path: ModelSigningTests.fixture(name)) else { throw GriffinError(.malformed, "another key") }
    return key
  }

  private func parsed(_ text: [UInt8]) throws -> ModelSignature { try ModelSignature(parsing: text.rawBytes, file: "x.sig") }

  private func objection(_ signature: ModelSignature, _ key: EllipticPublicKey, _ path: String) throws -> String? {
    try signature.objection(as: key, to: path, threads: 2, cancellation: Cancellation())
  }

  @Test(arguments: ["p256", "p384", "p521"]) func acceptsWhatThePackageSigned(curve: String) throws {
    let signature = try parsed(Fixtures.bytes("signing/oms/pair-\(curve).sig"))
    let key = try key("\(curve)-public.pem")
    #expect(try objection(signature, key, bundle) == nil)
    let stranger = try self.key(curve == "p256" ? "p384-public.pem" : "p256-public.pem")
    #expect(try objection(signature, stranger, bundle)?.contains("expected \(stranger.fingerprint)") == true)
    var bytes = try folder.read("pair.griffin")
    bytes[bytes.count - 1] ^= 1
    let changed = try folder.write(bytes, to: "changed.griffin")
    #expect(try objection(signature, key, changed)?.contains("the file has the digest") == true)
  }

  @Test(arguments: ["p256", "p384", "p521"]) func signsWhatItAccepts(curve: String) throws {
    let key = try EllipticPrivateKey(path: ModelSigningTests.fixture("\(curve).pem"))
    let mine = try ModelSignature(signing: bundle, with: key, threads: 1, cancellation: Cancellation())
    let read = try parsed(Array(mine.text.utf8))
    #expect(read == mine)
    #expect(try objection(read, try self.key("\(curve)-public.pem"), bundle) == nil)
    // The package's own signature names the same key and the same file.
    let theirs = try parsed(Fixtures.bytes("signing/oms/pair-\(curve).sig"))
    let publicKey = try self.key("\(curve)-public.pem")
    #expect(theirs.digest == mine.digest && key.publicKey.fingerprint == publicKey.fingerprint && publicKey.curve == "P-" + curve.dropFirst())
  }

  private func copyModel() throws -> String {
    let copy = folder.path("model")
    try FileManager.default.copyItem(atPath: ModelSigningTests.fixture("model"), toPath: copy)
    try FileManager.default.copyItem(atPath: ModelSigningTests.fixture("model.sig"), toPath: copy + "/model.sig")
    return copy
  }

  @Test func foldersAreWholeOrNamed() throws {
    let model = try copyModel()
    let (signature, key) = (try ModelSignature(ofModelAt: model), try key("p256-public.pem"))
    #expect(try objection(signature, key, model) == nil && signature.fileCount == 5)
    try Data("x".utf8).write(to: URL(filePath: model + "/new.bin"))
    #expect(try objection(signature, key, model) == "new.bin is there and was not signed")
    try FileManager.default.moveItem(atPath: model + "/new.bin", toPath: model + "/.gitignore")
    #expect(try objection(signature, key, model) == nil)
    try Data("x".utf8).write(to: URL(filePath: model + "/weights/part-2"))
    #expect(try objection(signature, key, model)?.hasPrefix("weights/part-2 has the digest") == true)
    try FileManager.default.removeItem(atPath: model + "/weights/part-2")
    #expect(try objection(signature, key, model) == "weights/part-2 was signed and is not there")
    try FileManager.default.createSymbolicLink(atPath: model + "/weights/part-2", withDestinationPath: "part-1")
    let error = #expect(throws: GriffinError.self) { try objection(signature, key, model) }
    #expect(error?.kind == .unsupported && error?.file?.hasSuffix("weights/part-2") == true)
  }

  @Test func aFolderSignsAsThePackageDoes() throws {
    let model = try copyModel()
    let theirs = try ModelSignature(ofModelAt: model)
    let key = try EllipticPrivateKey(path: ModelSigningTests.fixture("p256.pem"))
    let mine = try ModelSignature(signing: model + "/", with: key, threads: 3, cancellation: Cancellation())
    // The order of the files is in it.
    #expect(mine.digest == theirs.digest && mine.fileCount == theirs.fileCount)
  }

  /// What is signed is read strictly: each change is found, by the reader or by the signature.
  @Test(arguments: [
    ("\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.3+json\"", "\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.1\"", GriffinError.Kind.unsupported),
    ("\"publicKey\"", "\"x509CertificateChain\"", .unsupported),
    ("\"dsseEnvelope\"", "\"messageSignature\"", .malformed),
    ("\"sig\": \"", "\"sig\": \"%", .malformed),
    ("vnd.in-toto+json", "json", .malformed),
    ("\"payload\": \"", "\"payload\": \"AAAA", .malformed),
  ])
  func refusals(part: String, instead: String, kind: GriffinError.Kind) throws {
    let key = try EllipticPrivateKey(path: ModelSigningTests.fixture("p256.pem"))
    let text = try ModelSignature(signing: bundle, with: key, threads: 1, cancellation: Cancellation()).text
    #expect(text.contains(part))
    let error = #expect(throws: GriffinError.self) {
      try parsed(Array(text.replacing(part, with: instead).utf8))
    }
    #expect(error?.kind == kind && error?.file == "x.sig")
  }

  @Test(arguments: ["private.pem", "public.pem"]) func otherKeysAreRefused(name: String) throws {
    let error = #expect(throws: GriffinError.self) { try EllipticPrivateKey(path: Fixtures.path("signing/\(name)")) }
    #expect(error?.kind == .unsupported && error?.message.contains("MC4") == false)
  }
}
