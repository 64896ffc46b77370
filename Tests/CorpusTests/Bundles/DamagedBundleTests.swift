import ByteStorage
import TestSupport
import Testing

/// What only an integrity check finds: it ran, said no, and named the place (rules P7, P8 and A4 of `formats/bundle.md`).
struct DamagedBundleTests {
  struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let mention: String
    let forge: @Sendable (inout BundleForge) throws -> Void

    var testDescription: String { name }

    init(_ name: String, _ mention: String, _ forge: @escaping @Sendable (inout BundleForge) throws -> Void) {
      (self.name, self.mention, self.forge) = (name, mention, forge)
    }
  }

  static let all: [Damage] = [
    Damage("a bit of a tensor", "target/model.embed_tokens.weight, draft/embed_tokens.weight") {
      $0.damage.append { $0[65536] ^= 1 }
    },
    Damage("the last bit of a block", "target/lm_head.weight") { $0.damage.append { $0[98304 + 67] ^= 0x80 } },
    Damage("a byte of padding", "padding: byte 16500") { $0.damage.append { $0[16500] = 1 } },
    Damage("the last byte of the file", "padding: byte 147455") { $0.damage.append { $0[147_455] = 1 } },
    Damage("padding after the manifest", "padding: byte 16383") { $0.damage.append { $0[16383] = 1 } },
    Damage("a digest", "draft/scalar") { try $0.replace("9db26f8e", "9db26f8f") },
    Damage("an attachment", "attachment target/config.json") { $0.damage.append { $0[16384 + 30] ^= 1 } },
    Damage("the digest of an attachment's content", "attachment draft/config.json") { try $0.replace("1aece889", "1aece88a") },
    Damage("two places at once", "draft/fc.fc.weight") { bundle in
      bundle.damage.append { bytes in
        bytes[114_688] ^= 1
        bytes[81_920] ^= 1
      }
    },
  ]

  @Test(arguments: all) func isFoundAndNamed(_ damage: Damage) throws {
    let folder = try CorpusFolder()
    var bundle = try BundleForge(TinyBundle.vector())
    try damage.forge(&bundle)
    try folder.write(bundle.bytes, to: "damaged.griffin")
    let run = try CorpusRun(["verify", "damaged.griffin", "--integrity"], in: folder)
    let text = String(decoding: run.output, as: UTF8.self)
    try #require(!run.wasKilled && run.status == 1, "\(run.status) \(text) \(run.errors)")
    #expect(run.document?["ok"] == false)
    let details = (run.document?["checks"]?.array ?? []).filter { $0["ok"] == false }.compactMap { $0["detail"]?.string }
    #expect(details.contains { $0.contains(damage.mention) }, "\(details)")
  }
}
