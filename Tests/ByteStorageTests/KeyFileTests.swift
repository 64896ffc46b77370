import ByteStorage
import Foundation
import TestSupport
import Testing

/// Key files as openssl and Python's cryptography wrote them.
struct KeyFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func path(_ name: String) -> String { Fixtures.path("signing/\(name)") }

  /// The keys that the signatures in the same folder say they are of.
  private static func publicKey(in sidecar: String) throws -> String {
    let bytes = try Fixtures.bytes("signing/\(sidecar)")
    let document = try JSONValue.parse(bytes.rawBytes, limits: .config)
    return try #require(document["public_key"]?.string)
  }

  @Test(arguments: ["public.pem", "public.der", "public-text.pem"]) func readsPublicKeys(name: String) throws {
    #expect(try Ed25519PublicKey(path: KeyFileTests.path(name)).hexadecimal == KeyFileTests.publicKey(in: "openssl.sig"))
  }

  @Test(arguments: [
    ("private.pem", "openssl.sig"), ("private.der", "openssl.sig"), ("other.pem", "cryptography.sig"),
    ("both-halves.pem", "cryptography.sig"),
  ]) func readsPrivateKeys(name: String, sidecar: String) throws {
    #expect(try Ed25519PrivateKey(path: KeyFileTests.path(name)).publicKey.hexadecimal == KeyFileTests.publicKey(in: sidecar))
  }

  /// RFC 8032, section 7.1, tests 1 and 2.
  @Test func knowsTheVectorsOfTheStandard() throws {
    let key = try #require(Ed25519PublicKey(hexadecimal: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    let signature = try #require(
      Ed25519Signature(
        hexadecimal: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"))
    #expect(key.isValid(signature, for: []))
    #expect(!key.isValid(signature, for: [0]))
    #expect(try Ed25519PrivateKey(path: KeyFileTests.path("other.pem")).publicKey == key)
    let second = try #require(Ed25519PublicKey(hexadecimal: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
    #expect(!second.isValid(signature, for: []))
    // No point of the curve, and the neutral element: neither vouches for anything.
    for digits in [String(repeating: "f", count: 64), "01" + String(repeating: "0", count: 62)] {
      let weak = try #require(Ed25519PublicKey(hexadecimal: digits))
      #expect(!weak.isValid(signature, for: []))
    }
  }

  @Test(arguments: [
    ("private.pem", GriffinError.Kind.unsupported), ("p256-public.pem", .unsupported), ("openssl.sig", .malformed),
    ("encrypted.pem", .unsupported), ("private.der", .malformed), ("absent.pem", .missing),
  ]) func refusesWhatIsNoPublicKey(name: String, kind: GriffinError.Kind) throws {
    let error = #expect(throws: GriffinError.self) { try Ed25519PublicKey(path: KeyFileTests.path(name)) }
    #expect(error?.kind == kind)
    #expect(error?.file == KeyFileTests.path(name))
  }

  @Test(arguments: [
    ("public.pem", GriffinError.Kind.unsupported), ("p256.pem", .unsupported), ("encrypted.pem", .unsupported),
    ("foreign-half.pem", .malformed), ("public.der", .malformed), ("openssl.sig", .malformed), ("absent.pem", .missing),
  ]) func refusesWhatIsNoPrivateKey(name: String, kind: GriffinError.Kind) throws {
    let error = #expect(throws: GriffinError.self) { try Ed25519PrivateKey(path: KeyFileTests.path(name)) }
    #expect(error?.kind == kind)
    #expect(error?.file == KeyFileTests.path(name))
  }

  /// Every shorter file is refused, and so is every byte more inside the frame.
  @Test func refusesTruncatedAndDamagedKeys() throws {
    let der = try Fixtures.bytes("signing/private.der")
    let pem = try Fixtures.bytes("signing/private.pem")
    for count in 0..<der.count {
      let path = try folder.write(Array(der[..<count]), to: "short.der")
      #expect(throws: GriffinError.self, "\(count) bytes") { try Ed25519PrivateKey(path: path) }
    }
    for count in 0..<pem.count - 1 {
      let path = try folder.write(Array(pem[..<count]), to: "short.pem")
      let error = #expect(throws: GriffinError.self, "\(count) bytes") { try Ed25519PrivateKey(path: path) }
      #expect(error?.kind == .malformed)
    }
    for bytes in [der + [0], pem + pem, Array(repeating: UInt8(ascii: "\n"), count: (64 << 10) + 1)] {
      let path = try folder.write(bytes, to: "long")
      #expect(throws: GriffinError.self) { try Ed25519PrivateKey(path: path) }
    }
  }

  /// What a key file holds is in no message, whatever is wrong with it.
  @Test func messagesKeepTheSecret() throws {
    let text = String(decoding: try Fixtures.bytes("signing/private.pem"), as: UTF8.self)
    let secret = try #require(text.split(separator: "\n").dropFirst().first)
    for spoilt in [secret + "?", secret.dropLast(4), secret + secret, "AAAA" + secret] {
      let path = try folder.write(Array(text.replacingOccurrences(of: secret, with: spoilt).utf8), to: "spoilt.pem")
      let error = #expect(throws: GriffinError.self) { try Ed25519PrivateKey(path: path) }
      #expect(error.map { "\($0) \($0.hints)".contains(secret.prefix(12)) } == false)
    }
  }
}
