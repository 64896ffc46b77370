import Foundation
import TestSupport
import Testing

/// Bundles written as what others load.
struct ExportRoadTests {
  /// Digests of the payloads that tensors have, by their names.
  private func digests(_ bundle: String) throws -> [String: String] {
    let outcome = try Program.run(["inspect", bundle, "--tensors", "--json"])
    let tensors = try #require(try outcome.json["tensors"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: tensors.map { ($0["name"] as? String ?? "", $0["sha256"] as? String ?? "") })
  }

  /// The bundle of a trained pair.
  private func packed(_ name: String, in folder: TemporaryFolder) throws -> String {
    let files = try Fixtures.golden(name)
    let target = name == "llama2-eagle2" ? try Fixtures.golden("llama2-tiny") : files
    let bundle = folder["\(name).griffin"]
    let outcome = try Program.run(["convert", "--target", target + "/target", "--draft", files + "/draft", "-o", bundle])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return bundle
  }

  private func convert(_ folder: String, to bundle: String) throws {
    let outcome = try Program.run(["convert", "--target", folder + "/target", "--draft", folder + "/draft", "-o", bundle, "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// What is converted again is what was exported, shards or not.
  @Test(arguments: ["llama2-tiny", "llama3-eagle3", "llama2-eagle2", "mixtral-tiny", "qwen2-tiny", "llama31-tiny", "vicuna-tiny"])
  func releasedFoldersComeBack(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bundle = try packed(name, in: folder)
    let outcome = try Program.run([
      "export", bundle, "--format", "safetensors", "-o", folder["out"], "--split-max-size", "500kB", "--json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = try #require(try outcome.json["files"] as? [[String: Any]])
    for file in files {
      let path = try #require(file["name"] as? String)
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == file["bytes"] as? Int)
    }
    #expect(files.contains { ($0["name"] as? String ?? "").hasSuffix("target/model.safetensors.index.json") })
    try convert(folder["out"], to: folder["again.griffin"])
    #expect(try digests(folder["again.griffin"]) == digests(bundle))
    #expect(Set(folder.names) == ["\(name).griffin", "again.griffin", "out"])
  }

  /// Quantized weights become values of the type that is asked for, else of the one that the configuration says.
  @Test func blocksAreDecoded() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--quantize", "q8_0"])
    #expect(try Program.run(["export", bundle, "--format", "safetensors", "-o", folder["a"]]).status == 0)
    #expect(
      try Program.run(["export", bundle, "--format", "safetensors", "-o", folder["b"], "--dtype", "f32", "--component", "target"]).status == 0)
    try convert(folder["a"], to: folder["a.griffin"])
    let types = try Program.run(["inspect", folder["a.griffin"], "--json"]).json["target"] as? [String: Any]
    #expect((types?["types"] as? [String: Int])?.keys.sorted() == ["f16"])
    #expect(!FileManager.default.fileExists(atPath: folder["b"] + "/draft"))
    let again = try Program.run(["convert", "--target", folder["b"] + "/target", "-o", folder["b.griffin"], "--quantize", "q8_0"])
    #expect(again.status == 0, "\(again.errors)")
    // Blocks of eight bits are their own nearest: encoding their values again changes nothing but ties of the scale.
    #expect(try Program.run(["verify", folder["b.griffin"]]).status == 0)
  }

  @Test func onlyOurFoldersAreReplaced() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let arguments = ["export", bundle, "--format", "safetensors", "-o", folder["out"]]
    #expect(try Program.run(arguments + ["--dry-run"]).status == 0)
    #expect(folder.names == ["llama2-tiny.griffin"])
    #expect(try Program.run(arguments).status == 0)
    let refused = try Program.run(arguments)
    #expect(refused.status == 73 && refused.errors.contains("--force"), "\(refused.status) \(refused.errors)")
    #expect(try Program.run(arguments + ["--force"]).status == 0)
    try Data("precious".utf8).write(to: URL(filePath: folder["out"] + "/notes.txt"))
    let kept = try Program.run(arguments + ["--force"])
    #expect(kept.status == 73 && kept.errors.contains("holds more than an export"), "\(kept.errors)")
    #expect(FileManager.default.fileExists(atPath: folder["out"] + "/notes.txt"))
    #expect(folder.names.sorted() == ["llama2-tiny.griffin", "out"])
  }

  @Test func whatCannotBeSaidIsRefused() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    for (arguments, status) in [
      (["--format", "onnx"], 64), (["--format", "safetensors", "--dtype", "q8_0"], 64),
      (["--format", "safetensors", "--component", "both"], 64), (["--format", "safetensors", "--split-max-size", "1"], 64),
    ] {
      let outcome = try Program.run(["export", bundle, "-o", folder["out"]] + arguments)
      #expect(outcome.status == Int32(status), "\(arguments): \(outcome.status) \(outcome.errors)")
    }
    #expect(folder.names == ["llama2-tiny.griffin"])
  }
}
