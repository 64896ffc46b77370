import Foundation
import TestSupport
import Testing

/// From a bundle to one whose draft has learned from its target, and all the ways to end without one.
struct AlignRoadTests {
  private static let few = [
    "--tokens", "700", "--epochs", "1", "--batch-rows", "96", "--max-new-tokens", "16", "--held-out", "4", "--evaluations", "2", "--learning-rate", "0.0003",
  ]

  private func pair(_ name: String, in folder: TemporaryFolder, quantize: String = "copy") throws -> String {
    let (path, bundle) = (try Fixtures.golden(name), folder["pair.griffin"])
    let made = try Program.run([
      "convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", bundle, "--quantize", quantize, "--draft-quantize", "copy",
    ])
    #expect(made.status == 0, "\(made.errors)")
    return bundle
  }

  @Test(arguments: ["llama2-tiny", "llama3-eagle3"]) func aDraftIsTrainedAndStoredAsItWas(name: String) throws {
    let folder = try TemporaryFolder()
    let (bundle, output) = (try pair(name, in: folder), folder["aligned.griffin"])
    let outcome = try Program.run(["align", bundle, "-o", output, "--allow-no-gain", "--json"] + AlignRoadTests.few)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document = try outcome.json
    #expect(document["acceptance_length"] is Double && document["acceptance_length_before"] is Double && document["interval"] is [Any])
    #expect((document["losses"] as? [Any])?.count == document["steps"] as? Int)
    #expect(folder.names == ["aligned.griffin", "pair.griffin"])

    let (old, new) = (try Program.run(["inspect", bundle, "--tensors", "--json"]).json, try Program.run(["inspect", output, "--tensors", "--json"]).json)
    func types(_ document: [String: Any]) -> [String] {
      ((document["tensors"] as? [[String: Any]]) ?? []).map { "\($0["name"] ?? "") \($0["type"] ?? "")" }
    }
    #expect(types(old) == types(new) && !types(old).isEmpty)
    #expect(new["digest"] as? String == document["digest"] as? String)
    #expect((old["draft"] as? [String: Any])?["embedding"] as? String == (new["draft"] as? [String: Any])?["embedding"] as? String)
    // Greedy output is the target's, whatever its draft.
    let verified = try Program.run(["verify", output, "--prompt-ids", "1,450,7", "--json"])
    #expect(verified.status == 0, "\(verified.errors)")
    // The same again, byte for byte, by another number of threads.
    let again = folder["again.griffin"]
    #expect(try Program.run(["align", bundle, "-o", again, "--allow-no-gain", "--threads", "1"] + AlignRoadTests.few).status == 0)
    #expect(FileManager.default.contentsEqual(atPath: output, andPath: again))
    #expect(try Program.run(["align", bundle, "-o", output] + AlignRoadTests.few).status == 73)
    #expect(try Program.run(["align", bundle, "-o", bundle, "--force"] + AlignRoadTests.few).status == 64)
  }

  @Test func withoutAGainNothingIsWritten() throws {
    let folder = try TemporaryFolder()
    let (bundle, output) = (try pair("llama2-tiny", in: folder), folder["aligned.griffin"])
    let flags = AlignRoadTests.few.dropLast() + ["1e-12"]
    let outcome = try Program.run(["align", bundle, "-o", output] + flags)
    #expect(outcome.status == 1 && outcome.output.contains("nothing written"), "\(outcome.output)\(outcome.errors)")
    #expect(folder.names == ["pair.griffin"])
  }

  /// What the draft was made for, and copies of it, accept as much as there is; nothing is trained on them, unless that is asked for.
  @Test func whereNothingWasLostNothingIsWritten() throws {
    let folder = try TemporaryFolder()
    let (bundle, output) = (try pair("llama2-tiny", in: folder), folder["aligned.griffin"])
    let flags = ["--against", "\(try Fixtures.golden("llama2-tiny"))/target"] + AlignRoadTests.few
    for method in ["train", "ridge"] {
      let outcome = try Program.run(["align", bundle, "-o", output, "--method", method] + flags)
      #expect(outcome.status == 1 && outcome.output.hasPrefix("nothing was lost, nothing written: "), "\(outcome.output)\(outcome.errors)")
      #expect(!outcome.output.dropLast().contains("\n"))
      #expect(folder.names == ["pair.griffin"])
    }
    let document = try Program.run(["align", bundle, "-o", output, "--json"] + flags).json
    let loss = try #require(document["loss"] as? [String: Any])
    #expect(loss["acceptance_length"] as? Double == loss["acceptance_length_source"] as? Double)
    #expect(loss["interval"] as? [Double] == [0, 0] && document["steps"] as? Int == 0 && document["gain"] as? Bool == false)
    #expect(document["output"] is NSNull)
    let forced = try Program.run(["align", bundle, "-o", output, "--allow-no-gain", "--json"] + flags)
    #expect(forced.status == 0, "\(forced.errors)")
    #expect((try forced.json["steps"] as? Int ?? 0) > 0 && folder.names == ["aligned.griffin", "pair.griffin"])
  }

  /// Where something was lost the result is judged as ever.
  @Test func whatWasLostIsSaid() throws {
    let folder = try TemporaryFolder()
    let (bundle, output) = (try pair("llama2-tiny", in: folder, quantize: "q2_k"), folder["aligned.griffin"])
    let flags = ["--against", "\(try Fixtures.golden("llama2-tiny"))/target", "--max-new-tokens", "64", "--held-out", "24"]
    let outcome = try Program.run(["align", bundle, "-o", output, "--json"] + AlignRoadTests.few.dropLast(8) + flags)
    let document = try outcome.json
    let loss = try #require(document["loss"] as? [String: Any])
    let (source, present) = (loss["acceptance_length_source"] as? Double ?? 0, loss["acceptance_length"] as? Double ?? 0)
    let interval = try #require(loss["interval"] as? [Double])
    #expect(interval[0] <= source - present && source - present <= interval[1] && interval[0] < interval[1])
    #expect(((document["steps"] as? Int ?? 0) > 0) == (interval[0] > 0))
  }

  /// Killed at any moment, and gone on with.
  @Test func aKilledRunEndsInTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let bundle = try pair("llama2-tiny", in: folder)
    let (whole, part) = (folder["whole.griffin"], folder["part.griffin"])
    let flags = ["--allow-no-gain"] + AlignRoadTests.few
    #expect(try Program.run(["align", bundle, "-o", whole] + flags).status == 0)
    let work = part + ".align"
    for file in ["features-00000", "state"] {
      let running = try Program.Running(["align", bundle, "-o", part, "--resume"] + flags)
      running.wait { FileManager.default.fileExists(atPath: work + "/" + file) }
      running.send(SIGKILL)
      _ = try running.outcome()
      // As if it had been writing.
      if !FileManager.default.fileExists(atPath: part) { try Data("half".utf8).write(to: URL(filePath: part + ".partial")) }
    }
    if FileManager.default.fileExists(atPath: work) {
      #expect(try Program.run(["align", bundle, "-o", part] + flags).status == 73)
    }
    let isThere = FileManager.default.fileExists(atPath: part)
    let resumed = try Program.run(["align", bundle, "-o", part, "--resume"] + (isThere ? ["--force"] : []) + flags)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(FileManager.default.contentsEqual(atPath: whole, andPath: part))
    #expect(folder.names == ["pair.griffin", "part.griffin", "whole.griffin"])
  }

  @Test func aNewDraftIsMadeForATarget() throws {
    let folder = try TemporaryFolder()
    let (path, output) = (try Fixtures.golden("llama2-tiny"), folder["new.griffin"])
    let flags = ["--tokens", "1200", "--epochs", "1", "--max-new-tokens", "16", "--evaluations", "1", "--batch-rows", "256", "--allow-no-gain"]
    let outcome = try Program.run(["align", "--init", "griffin", "--target", "\(path)/target", "-o", output] + flags)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let inspected = try Program.run(["inspect", output, "--json"]).json
    #expect((inspected["draft"] as? [String: Any])?["kind"] as? String == "griffin")
    #expect((inspected["draft"] as? [String: Any])?["embedding"] as? String == "identical")
    #expect(try Program.run(["verify", output, "--prompt-ids", "1,450,7"]).status == 0)
  }

  @Test func ridgeFitsAnEagle3Draft() throws {
    let folder = try TemporaryFolder()
    let (bundle, output) = (try pair("llama3-eagle3", in: folder, quantize: "q4_0"), folder["aligned.griffin"])
    let flags = ["--tokens", "1500", "--max-new-tokens", "16", "--allow-no-gain", "--method", "ridge", "--against", "\(try Fixtures.golden("llama3-eagle3"))/target"]
    let outcome = try Program.run(["align", bundle, "-o", output, "--json"] + flags)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try Program.run(["verify", output, "--prompt-ids", "1,450,7"]).status == 0)
  }

  /// Other drafts get an adapter, which goes wherever the draft goes.
  @Test func ridgeAddsAnAdapterToADraftOfTheLastStates() throws {
    let folder = try TemporaryFolder()
    let golden = try Fixtures.golden("llama2-tiny")
    let (bundle, output) = (try pair("llama2-tiny", in: folder, quantize: "q4_0"), folder["aligned.griffin"])
    let flags = ["--tokens", "1500", "--max-new-tokens", "16", "--allow-no-gain", "--method", "ridge", "--against", "\(golden)/target"]
    let outcome = try Program.run(["align", bundle, "-o", output, "--json"] + flags)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try Program.run(["verify", output, "--prompt-ids", "1,450,7"]).status == 0)
    #expect(try Program.run(["verify", output, "--prompt-ids", "1,450,7", "--against", "\(golden)/target", "--against-draft", "\(golden)/draft"]).status < 2)
    func adapters(_ path: String) throws -> [String] {
      let document = try Program.run(["inspect", path, "--tensors", "--json"]).json
      return ((document["tensors"] as? [[String: Any]]) ?? []).filter { "\($0["name"] ?? "")".contains("adapter") }.map { "\($0["type"] ?? "")" }
    }
    #expect(try adapters(output).count == 1 && adapters(bundle).isEmpty)
    let quantized = folder["quantized.griffin"]
    #expect(try Program.run(["quantize", output, "-o", quantized, "--recipe", "copy", "--draft-quantize", "q4_0"]).status == 0)
    #expect(try adapters(quantized) == ["f16"])
    #expect(try Program.run(["verify", quantized, "--prompt-ids", "1,450,7"]).status == 0)
    #expect(try Program.run(["align", output, "-o", folder["again.griffin"]] + AlignRoadTests.few).status == 65)
    #expect(try Program.run(["export", output, "--format", "safetensors", "--component", "draft", "-o", folder["draft"]]).status == 0)
    let back = folder["back.griffin"]
    #expect(try Program.run(["convert", "--target", "\(golden)/target", "--draft", folder["draft"] + "/draft", "-o", back]).status == 0)
    #expect(try adapters(back).count == 1)
  }

  @Test func whatMakesNoSenseIsRefused() throws {
    let folder = try TemporaryFolder()
    let (bundle, output) = (try pair("llama2-tiny", in: folder), folder["aligned.griffin"])
    let target = "\(try Fixtures.golden("llama2-tiny"))/target"
    for flags in [
      [], [bundle, "--init", "griffin"], ["--init", "griffin"], [bundle, "--target", target], [bundle, "--passes", "0"], [bundle, "--epochs", "0"],
      [bundle, "--learning-rate", "0"], [bundle, "--tokens", "1"], [bundle, "--method", "ridge"], ["--init", "griffin", "--target", target, "--against", target],
      [bundle, "--no-fusion"], ["--init", "medusa", "--target", target], [bundle, "--prompt-ids", "1,450"],
      [bundle, "--prompt-ids", "1,99999"], [bundle, "--memory", "1"], [bundle, "--method", "magic"], [bundle, "--held-out", "1"],
    ] {
      #expect(try Program.run(["align", "-o", output] + flags).status == 64, "\(flags)")
    }
    #expect(try Program.run(["align", folder["none.griffin"], "-o", output]).status == 66)
    let other = "\(try Fixtures.golden("qwen2-tiny"))/target"
    let unlike = try Program.run(["align", bundle, "-o", output, "--against", other])
    #expect(unlike.status == 65 && unlike.errors.contains(other) && unlike.errors.contains("expected"), "\(unlike.errors)")
    #expect(folder.names == ["pair.griffin"])
  }
}
