import Foundation
import TestSupport
import Testing


/// `pack` and `unpack` of trained pairs, as a user ships them.
struct PackingRoadTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder[name])) }

  private func run(_ arguments: [String], status: Int32 = 0) throws -> [String: Any] {
    let outcome = try Program.run(arguments + ["--json"], environment: ["TMPDIR": folder.url.path])
    #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
    return try outcome.json
  }

  @Test(arguments: [
    ("llama2-tiny", "copy"), ("llama2-wide", "copy"), ("llama2-wide", "q8_0"), ("llama2-wide", "q4_k_m"), ("llama2-wide", "q6_k"),
    ("llama2-wide", "iq4_xs"), ("llama2-wide", "q5_1"), ("qwen2-tiny", "bf16"), ("mixtral-tiny", "q4_0"), ("llama3-eagle3", "f32"),
    ("vicuna-tiny", "q3_k_m"),
  ])
  func everyRecipeComesBack(name: String, recipe: String) throws {
    let (pair, bundle) = (try Fixtures.golden(name), folder["\(name).griffin"])
    let converted = try Program.run(
      ["convert", "--target", pair + "/target", "--draft", pair + "/draft", "-o", bundle, "--quantize", recipe, "--json"])
    #expect(converted.status == 0, "\(converted.errors)")
    let packed = try run(["pack", bundle, "-o", folder["one.tar.zst"], "--threads", "1"])
    #expect(packed["digest"] as? String == (try converted.json["digest"] as? String))
    #expect(packed["bytes"] as? Int == (try bytes("one.tar.zst").count))
    #expect(packed["bundle_bytes"] as? Int == (try bytes("\(name).griffin").count))
    #expect((packed["base"] as? NSNull) != nil && (packed["warnings"] as? [Any])?.isEmpty == true)
    _ = try run(["pack", bundle, "-o", folder["two.tar.zst"], "--threads", "2"])
    #expect(try bytes("one.tar.zst") == bytes("two.tar.zst"))
    let unpacked = try run(["unpack", folder["one.tar.zst"], "-o", folder["again.griffin"]])
    #expect(unpacked["digest"] as? String == packed["digest"] as? String)
    #expect(try bytes("again.griffin") == bytes("\(name).griffin"))
    #expect(folder.names.count == 4)
  }

  @Test func effortsAreReadAlike() throws {
    let (bundle, _) = try Golden.convert("llama2-wide", into: folder, arguments: ["--quantize", "q4_k_m"])
    var sizes: [Int] = []
    for flags in [["--fast"], [], ["--level", "9"]] {
      let packed = try run(["pack", bundle, "-o", folder["a.tar.zst"], "--force"] + flags)
      sizes.append(try #require(packed["bytes"] as? Int))
      _ = try run(["unpack", folder["a.tar.zst"], "-o", folder["again.griffin"], "--force"])
      #expect(try bytes("again.griffin") == bytes("llama2-wide.griffin"))
    }
    #expect(sizes[0] > sizes[1] && sizes[1] >= sizes[2])
  }

  @Test func aDraftThatChangedShipsAlone() throws {
    let (base, _) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--quantize", "q8_0", "--draft-quantize", "q8_0"])
    try FileManager.default.moveItem(atPath: base, toPath: folder["base.griffin"])
    let (changed, _) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--quantize", "q8_0", "--draft-quantize", "q4_0"])
    let whole = try run(["pack", changed, "-o", folder["whole.tar.zst"]])
    let delta = try run(["pack", changed, "-o", folder["delta.tar.zst"], "--base", folder["base.griffin"]])
    #expect(try #require(delta["left_out"] as? Int) > 10)
    #expect(try #require(delta["bytes"] as? Int) < #require(whole["bytes"] as? Int) / 2)
    _ = try run(["unpack", folder["delta.tar.zst"], "-o", folder["again.griffin"], "--base", folder["base.griffin"]])
    #expect(try bytes("again.griffin") == bytes("llama2-tiny.griffin"))

    let none = try Program.run(["unpack", folder["delta.tar.zst"], "-o", folder["no.griffin"]])
    #expect(none.status == 64 && none.lines("hint: ").contains { $0.contains("--base") }, "\(none.errors)")
    let other = try Program.run(["unpack", folder["delta.tar.zst"], "-o", folder["no.griffin"], "--base", changed])
    #expect(other.status == 65 && other.errors.contains("was packed against the bundle"), "\(other.errors)")
    let needless = try Program.run(["unpack", folder["whole.tar.zst"], "-o", folder["no.griffin"], "--base", changed])
    #expect(needless.status == 64, "\(needless.errors)")
    let source = try Program.run(["verify", folder["delta.tar.zst"], "--integrity"])
    #expect(source.status == 64 && source.errors.contains("cannot be read alone"), "\(source.errors)")
    #expect(!folder.names.contains { $0.hasPrefix("no.griffin") })
  }

  @Test func aFineTuneShipsAtAFraction() throws {
    let (base, _) = try Golden.convert("llama2-tiny", into: folder)
    // One step up or down in every 50th number.
    for name in ["target", "draft"] { try FileManager.default.copyItem(atPath: Golden.path("llama2-tiny/\(name)"), toPath: folder[name]) }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder["target"]) where name.hasSuffix(".safetensors") {
      let weights = URL(filePath: folder["target/\(name)"])
      var changed = try Data(contentsOf: weights)
      let header = changed.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      for offset in stride(from: 8 + header, to: changed.count - 1, by: 100) { changed[offset] ^= 1 }
      try changed.write(to: weights)
    }
    let tuned = try Program.run(["convert", "--target", folder["target"], "--draft", folder["draft"], "-o", folder["tuned.griffin"]])
    #expect(tuned.status == 0, "\(tuned.errors)")
    let whole = try run(["pack", folder["tuned.griffin"], "-o", folder["whole.tar.zst"]])
    let delta = try run(["pack", folder["tuned.griffin"], "-o", folder["delta.tar.zst"], "--base", base])
    #expect(try #require(delta["differences"] as? Int) > 0)
    #expect(try #require(delta["bytes"] as? Int) < #require(whole["bytes"] as? Int) / 3)
    _ = try run(["unpack", folder["delta.tar.zst"], "-o", folder["again.griffin"], "--base", base])
    #expect(try bytes("again.griffin") == bytes("tuned.griffin"))
  }

  @Test func aPackedBundleIsASource() throws {
    let (bundle, converted) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--json"])
    let digest = try #require(try converted.json["digest"] as? String)
    _ = try run(["pack", bundle, "-o", folder["pair.tar.zst"]])
    let before = folder.names
    #expect(try run(["inspect", folder["pair.tar.zst"]])["digest"] as? String == digest)
    #expect(try run(["verify", folder["pair.tar.zst"], "--integrity"])["digest"] as? String == digest)
    #expect(try run(["verify", folder["pair.tar.zst"], "--prompt-ids", "1,5,9", "--max-new-tokens", "4"])["ok"] as? Bool == true)
    #expect(try run(["diff", bundle, folder["pair.tar.zst"]])["identical"] as? Bool == true)
    #expect(folder.names == before)
    let same = try run(["convert", "--target", folder["pair.tar.zst"], "--draft", bundle, "-o", folder["out.griffin"]])
    #expect(same["digest"] as? String == digest)
    let (quantized, direct) = (folder["q8.griffin"], folder["direct.griffin"])
    _ = try run(["convert", "--target", folder["pair.tar.zst"], "--draft", folder["pair.tar.zst"], "-o", quantized, "--quantize", "q8_0"])
    _ = try run(["quantize", bundle, "--recipe", "q8_0", "-o", direct])
    #expect(try bytes("q8.griffin") == bytes("direct.griffin"))
  }

  @Test func registriesGetALayout() throws {
    let (bundle, converted) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--json"])
    let layout = try run(["pack", bundle, "--oci", folder["layout"]])
    #expect(layout["digest"] as? String == (try converted.json["digest"] as? String))
    let root = URL(filePath: folder["layout"])
    let blobs = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "blobs/sha256").path)
    func document(_ path: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: root.appending(path: path))) as? [String: Any])
    }
    func blob(_ descriptor: [String: Any]) throws -> Data {
      let digest = try #require(descriptor["digest"] as? String)
      let data = try Data(contentsOf: root.appending(path: "blobs/sha256/\(digest.dropFirst(7))"))
      #expect(descriptor["size"] as? Int == data.count)
      return data
    }
    // By the word of another tool.
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["sha256sum"] + blobs
    process.currentDirectoryURL = root.appending(path: "blobs/sha256")
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let sums = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    for name in blobs { #expect(sums.contains("\(name)  \(name)")) }
    #expect(try document("oci-layout")["imageLayoutVersion"] as? String == "1.0.0")
    let images = try #require(try document("index.json")["manifests"] as? [[String: Any]])
    #expect(images.count == 1)
    let manifest = try #require(try JSONSerialization.jsonObject(with: blob(images[0])) as? [String: Any])
    #expect(manifest["artifactType"] as? String == "application/vnd.cncf.model.manifest.v1+json")
    let layers = try #require(manifest["layers"] as? [[String: Any]])
    var whole = Data()
    var paths: [String] = []
    for layer in layers {
      let path = try #require((layer["annotations"] as? [String: String])?["org.cncf.model.filepath"])
      paths.append(path)
      if layer["mediaType"] as? String == "application/vnd.cncf.model.weight.v1.raw" { whole += try blob(layer) }
    }
    #expect(try whole == bytes("llama2-tiny.griffin"))
    #expect(paths.contains("llama2-tiny.griffin.000") && paths.contains("target/config.json"), "\(paths)")
    let described = try #require(manifest["config"] as? [String: Any])
    let config = try #require(try JSONSerialization.jsonObject(with: blob(described)) as? [String: Any])
    #expect(((config["modelfs"] as? [String: Any])?["diffIds"] as? [String]) == layers.compactMap { $0["digest"] as? String })

    let unpacked = try run(["unpack", folder["layout"], "-o", folder["again.griffin"]])
    #expect(unpacked["digest"] as? String == layout["digest"] as? String)
    #expect(try bytes("again.griffin") == bytes("llama2-tiny.griffin"))
    // A second time only where that is asked for.
    #expect(try Program.run(["pack", bundle, "--oci", folder["layout"]]).status == 73)
    _ = try run(["pack", bundle, "--oci", folder["layout"], "--force"])
    #expect(folder.names == ["again.griffin", "layout", "llama2-tiny.griffin"])
  }

  @Test func wrongUsageIsSaid() throws {
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    for arguments in [
      ["pack", bundle], ["pack", bundle, "-o", folder["a"], "--oci", folder["b"]], ["pack", bundle, "-o", folder["a"], "--level", "20"],
      ["pack", bundle, "-o", folder["a"], "--level", "3", "--fast"], ["pack", bundle, "--oci", folder["a"], "--fast"],
      ["pack", bundle, "-o", bundle, "--force"], ["pack", bundle, "-o", folder["a"], "--threads", "0"],
    ] {
      let outcome = try Program.run(arguments)
      #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
    }
    #expect(try Program.run(["unpack", folder["nothing"], "-o", folder["a"]]).status == 66)
    #expect(try Program.run(["unpack", bundle, "-o", folder["a"]]).status == 65)
    _ = try run(["pack", bundle, "-o", folder["a.tar.zst"]])
    #expect(try Program.run(["pack", bundle, "-o", folder["a.tar.zst"]]).status == 73)
    #expect(try Program.run(["unpack", folder["a.tar.zst"], "-o", bundle]).status == 73)
    #expect(try Program.run(["unpack", folder["a.tar.zst"], "-o", folder["a.tar.zst"], "--force"]).status == 64)
    #expect(folder.names == ["a.tar.zst", "llama2-tiny.griffin"])
  }
}
