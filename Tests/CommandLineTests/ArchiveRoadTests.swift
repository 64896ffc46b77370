import Foundation
import Testing

/// Archives of a trained pair, as a user packs them.
struct ArchiveRoadTests {
  private static func pack(
    _ pair: String, _ half: String, _ arguments: [String], as name: String, in folder: TemporaryFolder
  ) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tar", "-c"] + arguments + ["-f", folder[name], "-C", Golden.path(pair), half]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test(arguments: [(".tar", []), (".tar.gz", ["-z"]), (".tar.xz", ["-J"]), (".tar.zst", ["--zstd"])] as [(String, [String])])
  func convertsToTheSameBundle(suffix: String, flags: [String]) throws {
    let folder = try TemporaryFolder()
    for half in ["target", "draft"] { try ArchiveRoadTests.pack("llama2-tiny", half, flags, as: half + suffix, in: folder) }
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

  @Test(arguments: [(".tar.gz", ["-z"]), (".tar.xz", ["-J"]), (".tar.zst", ["--zstd"])] as [(String, [String])])
  func bombsAndCutsAreRefused(suffix: String, flags: [String]) throws {
    let folder = try TemporaryFolder()
    let source = folder.url.appending(path: "model")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    let weights = source.appending(path: "pytorch_model.bin")
    try Data().write(to: weights)
    let handle = try FileHandle(forWritingTo: weights)
    try handle.truncate(atOffset: 200 << 20)
    try handle.close()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tar", "-c"] + flags + ["-f", folder["bomb" + suffix], "-C", folder.url.path, "model"]
    try process.run()
    process.waitUntilExit()
    try FileManager.default.removeItem(at: source)
    try ArchiveRoadTests.pack("llama2-tiny", "draft", flags, as: "cut" + suffix, in: folder)
    let cut = URL(filePath: folder["cut" + suffix])
    let bytes = try Data(contentsOf: cut)
    try bytes.prefix(bytes.count / 2).write(to: cut)
    for (name, word) in [("bomb", "unpacks to more than"), ("cut", "whole")] {
      let outcome = try Program.run(["convert", "--draft", folder[name + suffix], "-o", folder["out.griffin"]])
      #expect(outcome.status == 65 && outcome.errors.contains(word), "\(name): \(outcome.errors)")
      #expect(folder.names == ["bomb" + suffix, "cut" + suffix])
    }
  }
}
