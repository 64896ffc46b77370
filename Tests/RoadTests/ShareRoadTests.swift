import Foundation
import TestSupport
import Testing

/// A verification by several machines, and what puts it together.
struct ShareRoadTests {
  @Test func sharesAreMergedIntoTheReportOfTheWhole() throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("llama2-tiny")
    let source = ["\(path)/target", "--against-draft", "\(path)/draft"]
    #expect(try Program.run(["convert", "--target", source[0], "--draft", source[2], "-o", folder["pair.griffin"], "--quantize", "q8_0"]).status == 0)
    let arguments = ["verify", folder["pair.griffin"], "--against"] + source + ["--prompts", "builtin", "--max-new-tokens", "8"]
    let records = (0..<3).map { folder["part-\($0).json"] }
    for (index, record) in records.enumerated() {
      let part = try Program.run(arguments + ["--shard", "\(index)/3", "--record-shard", record, "--json"])
      #expect(part.status == 0, "\(part.errors)")
      #expect(try part.json["fidelity"] is NSNull)
    }
    let merged = try Program.run(arguments + ["--json", "--merge"] + records)
    let whole = try Program.run(arguments + ["--json"])
    #expect(merged.status == whole.status && merged.status == 0, "\(merged.errors)")
    func lasting(_ report: [String: Any]) throws -> NSDictionary {
      let cases = try #require(report["cases"] as? [[String: Any]]).map { $0.filter { !$0.key.contains("seconds") } }
      let summary = try #require(report["summary"] as? [String: Any]).filter { $0.key != "speedup" }
      return report.merging(["cases": cases, "summary": summary]) { $1 } as NSDictionary
    }
    #expect(try lasting(merged.json) == lasting(whole.json))
    #expect(try #require(whole.json["cases"] as? [Any]).count > 8)

    let missing = try Program.run(arguments + ["--merge", records[0], records[2]])
    #expect(missing.status == 65 && missing.errors.contains("--shard 1/3"))
    let other = try Program.run(arguments + ["--depth", "2", "--merge"] + records)
    #expect(other.status == 65 && other.errors.contains("part-0.json") && other.errors.contains("the tree"))
    // A record takes nobody's place.
    let again = try Program.run(arguments + ["--shard", "0/3", "--record-shard", records[0]])
    #expect(again.status == 73 && again.errors.contains("--force"))
  }

  @Test(arguments: [
    (["--shard", "0/2"], "--record-shard"), (["--shard", "2/2", "--record-shard", "x.json"], "2 of 2 is no shard"),
    (["--shard", "0/2", "--record-shard", "x.json", "--merge", "y.json"], "--merge"),
    (["--shard", "0/2", "--record-shard", "x.json", "--temperature", "0.8"], "--temperature"),
    (["--shard", "0/2", "--record-shard", "x.json", "--integrity"], "--integrity"),
  ]) func whatCannotBeDividedIsRefused(arguments: [String], words: String) throws {
    let folder = try TemporaryFolder()
    let path = try Fixtures.golden("llama2-tiny")
    #expect(try Program.run(["convert", "--target", "\(path)/target", "--draft", "\(path)/draft", "-o", folder["pair.griffin"]]).status == 0)
    let outcome = try Program.run(["verify", folder["pair.griffin"]] + arguments)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
  }
}
