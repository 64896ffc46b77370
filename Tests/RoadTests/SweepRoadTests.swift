import Foundation
import TestSupport
import Testing

/// Many pairs and recipes, done by several workers and shown side by side.
struct SweepRoadTests {
  private let folder: TemporaryFolder
  private let golden: String

  init() throws {
    folder = try TemporaryFolder()
    golden = try Fixtures.golden("llama2-tiny")
  }

  private func list(_ lines: [String], _ name: String = "list.tsv") throws -> String {
    try write(Data((lines.joined(separator: "\n") + "\n").utf8), name)
    return folder[name]
  }

  private func write(_ bytes: Data, _ name: String) throws { try bytes.write(to: URL(filePath: folder[name])) }
  private func read(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder[name])) }
  private func rows(_ outcome: Outcome) throws -> [[String: Any]] { try #require(outcome.json["rows"] as? [[String: Any]]) }
  private typealias Outcome = Program.Outcome

  @Test func rowsAreDoneOnceAndShownTogether() throws {
    let pair = "\(golden)/target\t\(golden)/draft"
    let path = try list(["name\ttarget\tdraft\tquantize\tdraft_quantize", "plain\t\(pair)", "small\t\(pair)\tq8_0\tq4_0", "\t\(golden)/target\t\tq8_0"])
    let arguments = ["sweep", path, "-o", folder["swept"], "--max-new-tokens", "8", "--json"]
    let first = try Program.run(arguments + ["--shard", "0/2"])
    #expect(first.status == 0, "\(first.errors)")
    #expect(try first.json["left"] as? [String] == ["small"])
    let second = try Program.run(arguments, environment: ["SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "2"])
    #expect(second.status == 0, "\(second.errors)")
    let whole = try second.json
    #expect(whole["done"] as? Int == 3 && whole["ok"] as? Bool == true)
    let rows = try rows(second)
    #expect(rows.map { $0["name"] as? String } == ["plain", "small", "target-q8_0"])
    #expect(rows[0]["kl_mean"] as? Double == 0 && rows[0]["acceptance_length"] as? Double == rows[0]["acceptance_length_source"] as? Double)
    #expect(try #require(rows[1]["kl_mean"] as? Double) > 0 && rows[2]["acceptance_length"] is NSNull)

    // A bundle of the same flags is the one that convert makes.
    #expect(try Program.run(["convert", "--target", "\(golden)/target", "--draft", "\(golden)/draft", "--quantize", "q8_0", "--draft-quantize", "q4_0", "-o", folder["one.griffin"]]).status == 0)
    #expect(try read("one.griffin") == read("swept/small.griffin"))

    // What is done is not done again, but for a bundle that is gone.
    let before = try Data(contentsOf: URL(filePath: folder["swept/plain.json"]))
    try FileManager.default.removeItem(atPath: folder["swept/small.griffin"])
    let again = try Program.run(arguments + ["--html", folder["swept.html"]])
    #expect(again.status == 0 && again.errors.contains("small:") && !again.errors.contains("plain:"))
    #expect(try Data(contentsOf: URL(filePath: folder["swept/plain.json"])) == before)
    let page = try String(contentsOfFile: folder["swept.html"], encoding: .utf8)
    #expect(page.contains("3 of 3 bundles are done") && page.contains("target-q8_0"))
    let table = try Program.run(["sweep", path, "-o", folder["swept"], "--report"])
    #expect(table.status == 0 && table.output.contains("holds") && table.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(table.output)")
  }

  @Test func aRowThatFailsStopsNoOther() throws {
    let path = try list([
      #"{"name": "gone", "target": "\#(golden)/missing"}"#, #"{"name": "there", "target": "\#(golden)/target", "quantize": "q8_0", "imatrix": null}"#,
    ], "list.jsonl")
    let outcome = try Program.run(["sweep", path, "-o", folder["swept"], "--no-verify", "--json"])
    #expect(outcome.status == 1)
    #expect(try outcome.json["done"] as? Int == 1)
    let rows = try rows(outcome)
    #expect((rows[0]["error"] as? String)?.contains("missing") == true && rows[1]["ok"] as? Bool == true && rows[1]["verdict"] is NSNull)
    // Another's file is not replaced.
    try write(Data([1, 2, 3]), "swept/gone.griffin")
    try FileManager.default.removeItem(atPath: folder["swept/gone.json"])
    let refused = try Program.run(["sweep", path, "-o", folder["swept"], "--no-verify", "--json"])
    #expect(try (self.rows(refused)[0]["error"] as? String)?.contains("no record") == true)
    #expect(try read("swept/gone.griffin") == Data([1, 2, 3]))
  }

  @Test(arguments: [
    (["target\tquantize", "a\tb\tc"], "line 2: it has 3 cells"), (["name\tquantize"], "line 1: expected the columns' names"), (["target"], "0 rows"),
    (["target\ttarget"], "named twice"), (["name\ttarget", "../x\ta"], "the row's name is ../x"), (["name\ttarget", "x\ta", "x\tb"], "the name of line 2 too"),
    (["target\toutput", "a\tb"], "output is the sweep's own"), (["target\tno such", "a\tb"], "no flag of convert"),
    (["{\"target\": 3}"], "expected a string"), (["{\"target\""], "list"),
  ]) func listsThatSayNothingAreRefused(lines: [String], words: String) throws {
    let outcome = try Program.run(["sweep", list(lines), "-o", folder["swept"]])
    #expect(outcome.status == 65 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder["swept"]))
  }

  @Test func flagsAreLookedAtFirst() throws {
    let outcome = try Program.run(["sweep", list(["target\tquantise", "a\tb"]), "-o", folder["swept"]])
    #expect(outcome.status == 64 && outcome.errors.contains("line 2") && outcome.errors.contains("--quantise"))
  }
}
