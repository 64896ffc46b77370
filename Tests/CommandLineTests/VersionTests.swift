import Foundation
import TestSupport
import Testing

/// What `--version` says, and that all who name the version name this one.
struct VersionTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The number that the command says; a commit of twelve digits or more may follow, with `+` or a word where files had been changed.
  private func number() throws -> String {
    let outcome = try Program.run(["--version"])
    #expect(outcome.status == 0)
    let said = try #require(outcome.output.wholeMatch(of: /griffin (\d+\.\d+\.\d+)(?: \([0-9a-f]{12,40}(?:\+|[+-][a-z]+)?\))?\n/), "\(outcome.output)")
    return String(said.output.1)
  }

  /// The newest heading below `Unreleased`, with its day.
  @Test func theChangelogHasAHeadingOfIt() throws {
    let changes = try String(contentsOf: VersionTests.repository.appending(path: "formats/CHANGELOG.md"), encoding: .utf8)
    let headings = changes.split(separator: "\n").filter { $0.hasPrefix("## ") }
    let released = try #require(headings.first { $0 != "## Unreleased" })
    let heading = try #require(released.wholeMatch(of: /## (\S+) \(\d{4}-\d\d-\d\d\)/), "\(released)")
    #expect(try String(heading.output.1) == number())
  }

  /// A bill of materials and a recorded trace name the number alone.
  @Test func whatIsWrittenNamesNoCommit() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let bill = try Program.run(["inspect", bundle, "--bom"]).json
    let tools = (bill["metadata"] as? [String: Any])?["tools"] as? [String: Any]
    let tool = try #require((tools?["components"] as? [[String: Any]])?.first)
    #expect(tool["name"] as? String == "griffin")
    #expect(try tool["version"] as? String == number())
    let trace = folder["trace.json"]
    #expect(try Program.run(["verify", bundle, "--prompt-ids", "1,2,3", "--max-new-tokens", "2", "--record", trace]).status == 0)
    let recorded = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: trace))) as? [String: Any])
    #expect(try recorded["producer"] as? String == "griffin \(number()), reference decoder")
  }

  @Test(arguments: ["scripts/python/pyproject.toml", "scripts/python/griffin_bundle.py"]) func thePythonPackageHasIt(file: String) throws {
    let text = try String(contentsOf: VersionTests.repository.appending(path: file), encoding: .utf8)
    let stated = try #require(text.firstMatch(of: /(?m)^(?:__version__|version) = "([^"]+)"/))
    #expect(try String(stated.output.1) == number())
  }
}
