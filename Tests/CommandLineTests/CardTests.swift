import Foundation
import TestSupport
import Testing

/// `inspect --card` and `--bom`: every number in them is one that the bundle or the report has.
struct CardTests {
  private let folder: TemporaryFolder
  private let bundle: String

  init() throws {
    folder = try TemporaryFolder()
    bundle = folder["pair.griffin"]
    let pair = Golden.path("llama2-tiny")
    let converted = try Program.run([
      "convert", "--target", pair + "/target", "--draft", pair + "/draft", "--quantize", "q8_0", "-o", bundle,
      "--metadata", "base_model=owner/base", "--metadata", "draft_model=other/draft", "--metadata", "license=apache-2.0", "--metadata", "note=a|b <x>",
    ])
    try #require(converted.status == 0, "\(converted.errors)")
  }

  private func report() throws -> String {
    let verified = try Program.run(["verify", bundle, "--max-new-tokens", "8", "--json"])
    try Data(verified.output.utf8).write(to: URL(filePath: folder["verify.json"]))
    return folder["verify.json"]
  }

  @Test func cardsHaveFrontMatterAndDigests() throws {
    let inspected = try Program.run(["inspect", bundle, "--json"]).json
    let card = try Program.run(["inspect", bundle, "--card", "--report", report()])
    #expect(card.status == 0, "\(card.errors)")
    let lines = card.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let end = try #require(lines.dropFirst().firstIndex(of: "---"))
    #expect(
      Array(lines[...end]) == [
        "---", "base_model:", "- owner/base", "- other/draft", "base_model_relation: quantized", "library_name: griffin", "license: apache-2.0",
        "pipeline_tag: text-generation", "tags:", "- speculative-decoding", "- griffin", "- quantized", "- griffin-bundle", "---",
      ])
    #expect(card.output.contains(try #require(inspected["digest"] as? String)))
    for source in try #require(inspected["provenance"] as? [[String: Any]]) {
      #expect(card.output.contains(try #require(source["sha256"] as? String)))
    }
    #expect(card.output.contains("## Measured") && card.output.contains("passed"))
    // A report of another bundle is refused.
    let (other, _) = try Golden.convert("llama2-wide", into: folder)
    let refused = try Program.run(["inspect", other, "--card", "--report", folder["verify.json"]])
    #expect(refused.status == 65 && refused.errors.contains("the report is of the bundle"))
    let noReport = try Program.run(["inspect", bundle, "--card", "--report", Golden.path("llama2-tiny/target/config.json")])
    #expect(noReport.status == 65 && noReport.errors.contains("griffin verify"))
    #expect(try Program.run(["inspect", bundle, "--report", folder["verify.json"]]).status == 64)
  }

  @Test func billsNameEveryFile() throws {
    let bill = try Program.run(["inspect", bundle, "--bom", "--report", report()])
    #expect(bill.status == 0, "\(bill.errors)")
    let document = try bill.json
    #expect(document["bomFormat"] as? String == "CycloneDX" && document["specVersion"] as? String == "1.6")
    let inspected = try Program.run(["inspect", bundle, "--json"]).json
    let components = try #require(document["components"] as? [[String: Any]])
    #expect(components.compactMap { $0["name"] as? String } == ["owner/base", "other/draft"])
    var hashes: [String] = []
    for component in components {
      let ancestors = try #require((component["pedigree"] as? [String: Any])?["ancestors"] as? [[String: Any]])
      for file in try #require(ancestors[0]["components"] as? [[String: Any]]) {
        hashes += (file["hashes"] as? [[String: Any]])?.compactMap { $0["content"] as? String } ?? []
      }
    }
    #expect(hashes == (inspected["provenance"] as? [[String: Any]])?.compactMap { $0["sha256"] as? String })
    let pattern = /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
    #expect((document["serialNumber"] as? String)?.wholeMatch(of: pattern) != nil)
    // The same bundle, the same bill.
    #expect(try Program.run(["inspect", bundle, "--bom", "--report", folder["verify.json"]]).output == bill.output)
  }

  @Test func licencesComeFromCardsThatTravelAlong() throws {
    try Data("---\nlicense: \"llama2\" # as released\nlanguage: en\n---\n# x\n".utf8).write(to: URL(filePath: folder["README.md"]))
    #expect(try Program.run(["edit", bundle, "--remove", "license", "--attach", folder["README.md"]]).status == 0)
    let card = try Program.run(["inspect", bundle, "--card"])
    #expect(card.output.contains("\nlicense: llama2\n") && card.output.contains("target/README.md"), "\(card.output)")
  }
}
