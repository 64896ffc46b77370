import Foundation
import TestSupport
import Testing

/// From a pair to a recipe that fits a size, and on to a bundle.
struct AllocationRoadTests {
  private static let few = ["--types", "q4_0,q8_0", "--tokens", "96"]

  private func pair(_ folder: TemporaryFolder, _ name: String = "llama2-tiny") throws -> String {
    let (path, bundle) = (try Fixtures.golden(name), folder["pair.griffin"])
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", bundle]).status == 0)
    return bundle
  }

  @Test func aRecipeFitsItsSizeAndBeatsOneTypeForAll() throws {
    let folder = try TemporaryFolder()
    let bundle = try pair(folder)
    let plain = try Program.run(["quantize", bundle, "--recipe", "q4_0", "-o", folder["q4_0.griffin"], "--json"]).json
    let size = try #require(plain["bytes"] as? Int)
    let chosen = try Program.run(
      ["allocate", bundle, "--size", "\(size)", "-o", folder["r.json"], "--html", folder["r.html"], "--json"] + AllocationRoadTests.few)
    #expect(chosen.status == 0, "\(chosen.errors)")
    let document = try chosen.json
    let (bytes, loss, bound) = (document["bytes"] as? Int, document["expected_loss"] as? Double, document["bound"] as? Double)
    #expect(try #require(bytes) <= size)
    #expect(try #require(bound) <= #require(loss) * (1 + 1e-9))
    let made = try Program.run(["quantize", bundle, "--recipe", folder["r.json"], "-o", folder["chosen.griffin"], "--json"])
    #expect(made.status == 0, "\(made.errors)")
    #expect(try made.json["bytes"] as? Int == bytes)
    #expect(try Program.run(["inspect", folder["chosen.griffin"], "--json"]).json["recipe"] as? String == document["recipe"] as? String)
    // What the allocation says of the whole is what it is: less than that of one type everywhere.
    func divergence(_ path: String) throws -> Double {
      let report = try Program.run(["verify", path, "--against", bundle, "--prompt-ids", "1,450,7", "--tolerance", "kl_mean=9", "--json"]).json
      return try #require((report["fidelity"] as? [String: Any])?["kl_mean"] as? Double)
    }
    #expect(try divergence(folder["chosen.griffin"]) < divergence(folder["q4_0.griffin"]))
    let page = try String(contentsOf: URL(filePath: folder["r.html"]), encoding: .utf8)
    #expect(page.contains("Types by what they cost") && page.contains("q4_k_m"))

    // The same on one thread, from the checkpoints themselves, and shown to people.
    let golden = try Fixtures.golden("llama2-tiny")
    let again = try Program.run(
      ["allocate", "\(golden)/target", "--draft", "\(golden)/draft", "--size", "\(size)", "-o", folder["again.json"], "--threads", "1"] + AllocationRoadTests.few)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("this one") && again.output.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains(folder["again.json"]) })
    #expect(try Data(contentsOf: URL(filePath: folder["again.json"])) == Data(contentsOf: URL(filePath: folder["r.json"])))
  }

  @Test func theSmallestThatKeepsEnoughIsFound() throws {
    let folder = try TemporaryFolder()
    let bundle = try pair(folder)
    func allocate(_ goal: [String]) throws -> [String: Any] {
      let outcome = try Program.run(["allocate", bundle, "-o", folder["r.json"], "--force", "--json"] + goal + AllocationRoadTests.few)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.json
    }
    let (loose, tight) = (try allocate(["--max-kl", "0.05"]), try allocate(["--max-kl", "0.0005"]))
    #expect(try #require(loose["kl_mean"] as? Double) <= 0.05 && #require(tight["kl_mean"] as? Double) <= 0.0005)
    #expect(try #require(loose["bytes"] as? Int) < #require(tight["bytes"] as? Int))
    let kept = try allocate(["--keep-acceptance", "0.97"])
    #expect(try #require(kept["acceptance_length"] as? Double) >= 0.97 * #require(kept["acceptance_length_source"] as? Double))
    // Nothing may be lost: everything stays as it is.
    #expect(try allocate(["--max-kl", "0"])["kl_mean"] as? Double == 0)
  }

  @Test func aRunThatWasBrokenOffIsContinued() throws {
    let folder = try TemporaryFolder()
    let bundle = try pair(folder)
    let arguments = ["allocate", bundle, "--max-kl", "0.001", "--types", "q4_0,q5_0,q8_0", "--tokens", "96"]
    let whole = try Program.run(arguments + ["-o", folder["whole.json"]])
    #expect(whole.status == 0, "\(whole.errors)")
    let running = try Program.Running(arguments + ["-o", folder["r.json"]])
    running.wait { FileManager.default.fileExists(atPath: folder["r.json.partial.state"]) }
    running.send(SIGINT)
    let outcome = try running.outcome()
    if outcome.status == 130 {
      #expect(outcome.errors.contains("--resume"))
      #expect(try Program.run(arguments + ["-o", folder["r.json"]]).status == 73)
      // Of other text it is not continued.
      #expect(try Program.run(["allocate", bundle, "--max-kl", "0.001", "--types", "q4_0", "-o", folder["r.json"], "--resume"]).status == 73)
      let resumed = try Program.run(arguments + ["-o", folder["r.json"], "--resume"])
      #expect(resumed.status == 0, "\(resumed.errors)")
    }
    #expect(try Data(contentsOf: URL(filePath: folder["r.json"])) == Data(contentsOf: URL(filePath: folder["whole.json"])))
    #expect(!FileManager.default.fileExists(atPath: folder["r.json.partial"]))
  }

  @Test func typesOfFewBitsAreChosenWhereColumnsAreKnown() throws {
    let folder = try TemporaryFolder()
    let bundle = try pair(folder, "llama2-wide")
    #expect(try Program.run(["calibrate", bundle, "--chunks", "1", "-o", folder["m.gguf"]]).status == 0)
    let few = ["--types", "iq2_xs,iq3_s,q4_k", "--tokens", "64", "--imatrix", folder["m.gguf"]]
    let chosen = try Program.run(["allocate", bundle, "--size", "2900000", "-o", folder["r.json"], "--json"] + few)
    #expect(chosen.status == 0, "\(chosen.errors)")
    #expect(try #require(chosen.json["types"] as? [String: Int])["iq2_xs"] ?? 0 > 0)
    let quantize = ["quantize", bundle, "--recipe", folder["r.json"], "-o", folder["out.griffin"], "--json"]
    let made = try Program.run(quantize + ["--imatrix", folder["m.gguf"]])
    #expect(made.status == 0, "\(made.errors)")
    #expect(try made.json["bytes"] as? Int == chosen.json["bytes"] as? Int)
    #expect(try Program.run(quantize + ["--force"]).status == 64)
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let folder = try TemporaryFolder()
    let bundle = try pair(folder)
    func status(_ arguments: [String]) throws -> (Int32, String) {
      let outcome = try Program.run(["allocate", bundle, "-o", folder["r.json"]] + arguments)
      return (outcome.status, outcome.errors)
    }
    #expect(try status([]).0 == 64)
    #expect(try status(["--size", "1MB", "--max-kl", "1"]).0 == 64)
    #expect(try status(["--size", "much"]).0 == 64)
    #expect(try status(["--size", "1MB", "--types", "q9"]).0 == 64)
    let itself = try Program.run(["allocate", bundle, "--size", "1MB", "-o", bundle, "--force"] + AllocationRoadTests.few)
    #expect(itself.status == 64 && itself.errors.contains("also an input"))
    let small = try status(["--size", "1000"] + AllocationRoadTests.few)
    #expect(small.0 == 64 && small.1.contains("smallest bundle"))
    #expect(!FileManager.default.fileExists(atPath: folder["r.json"]) && !FileManager.default.fileExists(atPath: folder["r.json.partial"]))
    // Blocks are not rounded a second time unless that is asked for.
    #expect(try Program.run(["quantize", bundle, "--recipe", "q8_0", "-o", folder["q.griffin"]]).status == 0)
    let twice = try Program.run(["allocate", folder["q.griffin"], "--max-kl", "1", "-o", folder["r.json"]] + AllocationRoadTests.few)
    #expect(twice.status == 65 && twice.errors.contains("--allow-requantize"))
  }
}
