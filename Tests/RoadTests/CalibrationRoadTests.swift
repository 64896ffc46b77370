import Foundation
import TestSupport
import Testing

/// From a pair to an importance matrix, and on to weights that it weighed.
struct CalibrationRoadTests {
  private static func pair(_ name: String, in folder: TemporaryFolder) throws -> String {
    let path = try Fixtures.golden(name)
    let bundle = folder["pair.griffin"]
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", bundle]).status == 0)
    return bundle
  }

  @Test func aMatrixIsMadeAndUsed() throws {
    let folder = try TemporaryFolder()
    let bundle = try CalibrationRoadTests.pair("llama2-wide", in: folder)
    let matrix = folder["m.gguf"]
    let made = try Program.run(["calibrate", bundle, "-o", matrix, "--chunks", "2", "--json"])
    #expect(made.status == 0, "\(made.errors)")
    let document = try made.json
    let digest = try #require(document["digest"] as? String)
    #expect(document["output"] as? String == matrix && document["chunks"] as? Int == 2 && document["tokens"] as? Int == 1024)
    #expect((document["target"] as? [String: Any])?["family"] as? String == "llama" && document["warnings"] as? [String] == [])
    let draft = try #require(document["draft"] as? [String: Any])
    #expect(draft["kind"] as? String == "griffin" && draft["tensors"] as? Int == 10 && draft["trees"] as? Int == 64)
    let text = try #require((document["texts"] as? [[String: Any]])?.first)
    #expect(document["seconds"] is Double)

    // The same bytes for any number of threads, and from the checkpoints that the bundle is of.
    let path = try Fixtures.golden("llama2-wide")
    let again = try Program.run([
      "calibrate", "\(path)/target", "--draft", "\(path)/draft", "-o", folder["n.gguf"], "--chunks", "2", "--threads", "1", "--json",
    ])
    #expect(try again.json["digest"] as? String == digest, "\(again.errors)")
    #expect(try Program.run(["calibrate", bundle, "-o", matrix]).status == 73)
    #expect(try Program.run(["calibrate", bundle, "-o", bundle, "--force"]).status == 64)

    // Both halves are weighed, and the bundle says by what.
    let quantize = ["quantize", bundle, "--recipe", "q4_k", "--draft-quantize", "q4_k", "--json", "-o"]
    let weighed = try Program.run(quantize + [folder["w.griffin"], "--imatrix", matrix])
    #expect(weighed.status == 0, "\(weighed.errors)")
    #expect(try weighed.json["warnings"] as? [String] == [])
    #expect(try Program.run(quantize + [folder["plain.griffin"]]).json["digest"] as? String != weighed.json["digest"] as? String)
    let inspected = try Program.run(["inspect", folder["w.griffin"], "--json"])
    let used = try #require(try inspected.json["importance"] as? [[String: Any]])
    #expect(used.map { $0["component"] as? String } == ["target", "draft"])
    for entry in used {
      #expect(entry["file"] as? String == "m.gguf" && entry["sha256"] as? String == digest)
      #expect(entry["texts"] as? [String] == [text["sha256"] as? String ?? ""])
    }
    #expect(try Program.run(["inspect", folder["w.griffin"]]).output.contains("draft weighed by"))
    #expect(try Program.run(["inspect", bundle, "--json"]).json["importance"] as? [[String: String]] == [])
    #expect(try Program.run(["verify", folder["w.griffin"], "--prompt-ids", "1,450,7"]).status == 0)
    let copied = try Program.run(["quantize", folder["w.griffin"], "--recipe", "copy", "-o", folder["c.griffin"], "--json"])
    #expect(try copied.json["digest"] as? String == weighed.json["digest"] as? String)
  }

  @Test func textsAreReadMergedAndNamed() throws {
    let folder = try TemporaryFolder()
    let bundle = try CalibrationRoadTests.pair("qwen2-tiny", in: folder)
    for (name, text) in [("a.txt", "Once upon a time there was a fox. "), ("b.txt", "def f(x):\n    return x + 1\n")] {
      try Data(String(repeating: text, count: 60).utf8).write(to: URL(filePath: folder[name]))
    }
    let first = ["calibrate", bundle, "--text", folder["a.txt"], "-o", folder["a.gguf"]]
    let shown = try Program.run(first)
    #expect(shown.status == 0 && shown.output.contains("a.txt") && shown.output.contains("trees"), "\(shown.errors)")
    let merged = try Program.run([
      "calibrate", bundle, "--text", folder["b.txt"], "--merge", folder["a.gguf"], "-o", folder["b.gguf"], "--json",
    ])
    #expect(merged.status == 0, "\(merged.errors)")
    let texts = try #require(try merged.json["texts"] as? [[String: Any]])
    #expect(texts.map { $0["name"] as? String } == ["b.txt", "a.txt"])

    let refused = try Program.run(["calibrate", bundle, "--merge", folder["a.gguf"], "-o", folder["a.gguf"], "--force"])
    #expect(refused.status == 64)
    let other = try Program.run(["quantize", bundle, "--recipe", "q8_0", "--imatrix", folder["a.txt"], "-o", folder["q.griffin"]])
    #expect(other.status == 65 && other.errors.contains("a.txt"))
    let missing = try Program.run(["calibrate", bundle, "--text", folder["no.txt"], "-o", folder["c.gguf"]])
    #expect(missing.status == 66)
    #expect(try Program.run(["calibrate", bundle, "--chunks", "0", "-o", folder["c.gguf"]]).status == 64)
  }

  /// A matrix of another pair is refused by the tensor's name, whichever half it does not fit.
  @Test func matricesOfOtherPairsAreRefused() throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    let bundle = try CalibrationRoadTests.pair("llama2-wide", in: folder)
    let foreign = try CalibrationRoadTests.pair("llama2-tiny", in: other)
    #expect(try Program.run(["calibrate", foreign, "--chunks", "1", "-o", folder["f.gguf"]]).status == 0)
    for arguments in [
      ["quantize", bundle, "--recipe", "q4_k", "--imatrix", folder["f.gguf"], "-o", folder["q.griffin"]],
      ["calibrate", bundle, "--chunks", "1", "--merge", folder["f.gguf"], "-o", folder["m.gguf"]],
    ] {
      let refused = try Program.run(arguments)
      #expect(refused.status == 65 && refused.errors.contains("another model"), "\(refused.errors)")
    }
    #expect(folder.names.sorted() == ["f.gguf", "pair.griffin"])
  }

  @Test func anInterruptLeavesWhatCanBeContinued() throws {
    let folder = try TemporaryFolder()
    let bundle = try CalibrationRoadTests.pair("llama2-wide", in: folder)
    let arguments = ["calibrate", bundle, "--threads", "1", "-o"]
    #expect(try Program.run(arguments + [folder["whole.gguf"]]).status == 0)
    let running = try Program.Running(arguments + [folder["m.gguf"]])
    running.wait { FileManager.default.fileExists(atPath: folder["m.gguf.partial.state"]) }
    running.send(SIGINT)
    let outcome = try running.outcome()
    #expect(outcome.status == 130, "\(outcome.errors)")
    #expect(!folder.names.contains("m.gguf"))
    #expect(try Program.run(arguments + [folder["m.gguf"], "--resume"]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: folder["m.gguf"])) == Data(contentsOf: URL(filePath: folder["whole.gguf"])))
  }
}
