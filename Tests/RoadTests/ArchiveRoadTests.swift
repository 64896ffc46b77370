import Foundation
import TestSupport
import Testing


/// Archives of a trained pair, as a user packs them.
struct ArchiveRoadTests {
  /// The files of one half of a pair, under the half's name.
  private static func files(_ half: String) throws -> [(name: String, bytes: [UInt8])] {
    let folder = Golden.path("llama2-tiny/\(half)")
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
      ("\(half)/\(name)", try [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
    }
  }

  private static func archive(_ half: String, _ suffix: String) throws -> [UInt8] {
    let files = try files(half)
    if let compression = Compression(rawValue: suffix) {
      let folder = TarBuilder.Entry(half + "/", type: "5")
      return try compression(TarBuilder([folder] + files.map { TarBuilder.Entry($0.name, $0.bytes) }).bytes)
    }
    var zip = ZipBuilder()
    for file in files { zip.add(file.name, file.bytes) }
    return zip.bytes
  }

  @Test(arguments: Compression.allCases.map(\.rawValue) + [".zip"]) func convertsToTheSameBundle(suffix: String) throws {
    let folder = try TemporaryFolder()
    for half in ["target", "draft"] {
      try Data(ArchiveRoadTests.archive(half, suffix)).write(to: URL(filePath: folder[half + suffix]))
    }
    let (bundle, expected) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--json"])
    let output = folder["out.griffin"]
    let outcome = try Program.run(
      ["convert", "--target", folder["target" + suffix], "--draft", folder["draft" + suffix], "-o", output, "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.json["digest"] as? String == expected.json["digest"] as? String)
    #expect(folder.names == ["draft" + suffix, "llama2-tiny.griffin", "out.griffin", "target" + suffix].sorted())
    #expect(try Data(contentsOf: URL(filePath: output)) == Data(contentsOf: URL(filePath: bundle)))
    let inspected = try Program.run(["inspect", folder["draft" + suffix]], environment: ["TMPDIR": folder.url.path])
    #expect(inspected.status == 0 && inspected.output.contains("griffin"), "\(inspected.errors)")
    #expect(folder.names.count == 4)
  }

  @Test(arguments: Compression.allCases.map(\.rawValue) + [".zip"]) func cutsAreRefused(suffix: String) throws {
    let bytes = try ArchiveRoadTests.archive("draft", suffix)
    for count in [bytes.count / 3, bytes.count / 2, bytes.count - 4096] {
      let folder = try TemporaryFolder()
      try Data(bytes.prefix(count)).write(to: URL(filePath: folder["cut" + suffix]))
      let outcome = try Program.run(["convert", "--draft", folder["cut" + suffix], "-o", folder["out.griffin"]])
      #expect(outcome.status == 65 && outcome.lines("error: ").count == 1, "\(count): \(outcome.errors)")
      #expect(folder.names == ["cut" + suffix])
    }
  }

  @Test func bombsAreRefused() throws {
    let folder = try TemporaryFolder()
    let weights = TarBuilder.Entry("model/pytorch_model.bin", [UInt8](repeating: 0, count: 80 << 20))
    try Data(Compression.zstd(TarBuilder([weights]).bytes)).write(to: URL(filePath: folder["bomb.tar.zst"]))
    let outcome = try Program.run(["convert", "--draft", folder["bomb.tar.zst"], "-o", folder["out.griffin"]])
    #expect(outcome.status == 65 && outcome.errors.contains("unpacks to more than"), "\(outcome.errors)")
    #expect(folder.names == ["bomb.tar.zst"])
  }
}
