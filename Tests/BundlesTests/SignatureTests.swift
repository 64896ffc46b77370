import Bundles
import ByteStorage
import Foundation
import TestSupport
import Testing

struct SignatureTests {
  let folder: TemporaryFolder
  let bundle: ModelBundle

  init() throws {
    folder = try TemporaryFolder()
    bundle = try ModelBundle.open(path: Vector.named("pair.griffin").path)
  }

  private func signature(_ text: [UInt8]) throws -> BundleSignature { try BundleSignature(parsing: text.rawBytes, file: "x.sig") }

  private func key(_ name: String) throws -> Ed25519PublicKey { try Ed25519PublicKey(path: Fixtures.path("signing/\(name)")) }

  @Test(arguments: [("openssl.sig", "public.pem"), ("cryptography.sig", "other-public.pem")])
  func acceptsWhatOthersSigned(sidecar: String, keyFile: String) throws {
    let signature = try signature(Fixtures.bytes("signing/\(sidecar)"))
    #expect(try signature.objection(as: key(keyFile), to: bundle.digest) == nil)
    // Not for another bundle, and not as another's.
    let other = try ModelBundle.open(path: Vector.named("draft-only.griffin").path)
    #expect(try signature.objection(as: key(keyFile), to: other.digest)?.contains(other.digest.hexadecimal) == true)
    let stranger = try key(keyFile == "public.pem" ? "other-public.pem" : "public.pem")
    #expect(signature.objection(as: stranger, to: bundle.digest)?.contains(stranger.hexadecimal) == true)
  }

  /// Ed25519 is deterministic, so that two implementations give one signature.
  @Test(arguments: [("openssl.sig", "private.pem"), ("cryptography.sig", "other.pem")])
  func signsAsOthersDo(sidecar: String, keyFile: String) throws {
    let key = try Ed25519PrivateKey(path: Fixtures.path("signing/\(keyFile)"))
    let mine = try BundleSignature(signing: bundle, with: key)
    let theirs = try signature(Fixtures.bytes("signing/\(sidecar)"))
    // swift-crypto on Apple's systems blinds its signatures; both are right there, and equal elsewhere.
    #expect(mine.objection(as: key.publicKey, to: bundle.digest) == nil)
    #if os(Linux)
      #expect(mine == theirs)
    #endif
    #expect(try signature(Array(mine.text.utf8)) == mine)
  }

  @Test func findsEveryFlippedBitOfASignature() throws {
    let good = try signature(Fixtures.bytes("signing/openssl.sig"))
    let key = try key("public.pem")
    let digits = Array(good.signature.hexadecimal)
    for position in 0..<512 {
      let place = position / 4
      let value = try #require(digits[place].hexDigitValue) ^ (1 << (position % 4))
      var flipped = digits
      flipped[place] = Character(String(value, radix: 16))
      let signature = try #require(Ed25519Signature(hexadecimal: String(flipped)))
      #expect(!key.isValid(signature, for: BundleSignature.message(for: bundle.digest)), "bit \(position)")
    }
  }

  @Test(arguments: [
    ("\"version\": 1", "\"version\": 2", GriffinError.Kind.unsupported), ("\"version\": 1", "\"version\": \"1\"", .malformed),
    ("ed25519", "none", .unsupported), ("griffin-signature", "griffin-bundle", .malformed), ("\"digest\"", "\"Digest\"", .malformed),
    ("\"version\"", "\"more\": 1, \"version\"", .malformed), ("\"version\"", "\"version\": 1, \"version\"", .malformed),
    ("\"signature\": \"", "\"signature\": \"0", .malformed), ("\"public_key\": \"", "\"public_key\": \"G", .malformed),
    ("{", "[", .malformed), ("}", "} {}", .malformed),
  ]) func refusesAMalformedSidecar(old: String, new: String, kind: GriffinError.Kind) throws {
    let text = String(decoding: try Fixtures.bytes("signing/openssl.sig"), as: UTF8.self)
    let spoilt = text.replacingOccurrences(of: old, with: new)
    #expect(spoilt != text)
    let error = #expect(throws: GriffinError.self) { try signature(Array(spoilt.utf8)) }
    #expect(error?.kind == kind)
    #expect(error?.file == "x.sig")
  }

  @Test func boundsASidecar() throws {
    let text = try Fixtures.bytes("signing/openssl.sig")
    let path = folder.path("pair.griffin")
    var error = #expect(throws: GriffinError.self) { try BundleSignature(ofBundleAt: path) }
    #expect(error?.kind == .missing)
    try folder.write(text + [UInt8](repeating: 32, count: 4096 - text.count), to: "pair.griffin.sig")
    #expect(try BundleSignature(ofBundleAt: path).digest == bundle.digest)
    try folder.write(text + [UInt8](repeating: 32, count: 4097 - text.count), to: "pair.griffin.sig")
    error = #expect(throws: GriffinError.self) { try BundleSignature(ofBundleAt: path) }
    #expect(error?.kind == .unsafe)
    for count in 0..<text.count - 1 {
      try folder.write(Array(text[..<count]), to: "pair.griffin.sig")
      let error = #expect(throws: GriffinError.self) { try BundleSignature(ofBundleAt: path) }
      #expect(error?.kind == .malformed, "\(count) bytes")
    }
  }
}
