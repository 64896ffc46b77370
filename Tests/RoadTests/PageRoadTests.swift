import Foundation
import TestSupport
import Testing

/// `--html`: the page that inspect and verify draw, beside what they print.
struct PageRoadTests {
  private func read(_ path: String) throws -> String { try String(contentsOf: URL(filePath: path), encoding: .utf8) }

  /// Exact values of the page's numbers.
  private func values(_ page: String) -> Set<String> {
    Set(page.components(separatedBy: "data-value=\"").dropFirst().compactMap { $0.components(separatedBy: "\"").first })
  }

  private func numbers(_ value: Any?) -> [Double] { (value as? [Any])?.compactMap { ($0 as? NSNumber)?.doubleValue } ?? [] }

  @Test func aVerificationIsDrawnWithTheNumbersOfItsJSON() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let quantized = folder["q.griffin"]
    #expect(try Program.run(["quantize", bundle, "--recipe", "q8_0", "-o", quantized]).status == 0)
    #expect(try Program.run(["tune", quantized, "--save", quantized + ".tree.json", "--prompt-ids", "1,450,7", "--prompt-ids", "1,499,497,262"]).status == 0)
    let report = folder["report.html"]
    let arguments = [
      "verify", quantized, "--against", Golden.path("llama2-tiny/target"), "--against-draft", Golden.path("llama2-tiny/draft"), "--prompt",
      "Once upon a time", "--prompt", "a <b> & 'c'", "--html", report, "--json",
    ]
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let (json, page) = (try outcome.json, try read(report))
    #expect(folder.names == ["llama2-tiny.griffin", "q.griffin", "q.griffin.tree.json", "report.html"])

    let shown = values(page)
    let fidelity = try #require(json["fidelity"] as? [String: Any])
    let summary = try #require(json["summary"] as? [String: Any])
    let judgements = try #require(fidelity["judgements"] as? [[String: Any]])
    #expect(judgements.count == 5 && judgements.allSatisfy { $0["side"] is String && $0["verdict"] is String && $0["interval"] is [Any] })
    let byPosition = try #require(fidelity["kl_by_position"] as? [[String: Any]])
    #expect(byPosition.reduce(0) { $0 + ($1["positions"] as? Int ?? 0) } == fidelity["positions"] as? Int)
    // Weighted by positions, the parts are the whole.
    let mean = byPosition.reduce(0.0) { $0 + ($1["kl_mean"] as? Double ?? 0) * Double($1["positions"] as? Int ?? 0) } / Double(fidelity["positions"] as? Int ?? 1)
    #expect(abs(mean - (fidelity["kl_mean"] as? Double ?? -1)) < 1e-12)
    let errors = try #require(json["tensor_errors"] as? [[String: Any]])
    // 4 layers of 7 matrices, embedding and head; 10 matrices of the draft, and the embedding that it shares.
    #expect(errors.count == 30 + 11 && errors.allSatisfy { $0["type"] as? String == "q8_0" && $0["source_type"] as? String == "f16" })
    for error in errors {
      // Eight bits and a scale for 32: half a step of 1/127 of the largest, spread evenly.
      let relative = try #require(error["relative"] as? Double)
      #expect((0.001...0.02).contains(relative), "\(error)")
    }
    let expected = judgements.flatMap { [$0["value"], $0["limit"]] }.compactMap { ($0 as? NSNumber)?.doubleValue }
      + numbers(summary["acceptance_by_position"]) + numbers(summary["misaligned_token_rate"]) + numbers(fidelity["acceptance_by_position_source"])
      + numbers(fidelity["misaligned_token_rate_source"]) + numbers(fidelity["acceptance_by_case_source"])
      + byPosition.compactMap { $0["kl_mean"] as? Double } + [fidelity["perplexity"], fidelity["kl_max"]].compactMap { $0 as? Double }
    // Foundation reads numbers to 15 digits.
    let known = shown.compactMap(Double.init)
    for number in expected { #expect(known.contains { abs($0 - number) <= 1e-14 * abs(number) }, "\(number)") }

    let cases = try #require(json["cases"] as? [[String: Any]])
    for item in cases {
      let pieces = try #require(item["pieces"] as? [String])
      #expect(pieces.count == (item["speculative_ids"] as? [Int])?.count && pieces.joined() == item["text"] as? String)
    }
    let ids = (cases[0]["speculative_ids"] as? [Int] ?? []).map(String.init).joined(separator: ",")
    let decoded = try Program.run(["tokenize", quantized, "--decode", ids, "--no-special-tokens", "--json"]).json
    #expect(decoded["text"] as? String == cases[0]["text"] as? String)
    let tree = try #require(json["drafted_tree"] as? [String: Any])
    let (tokens, parents) = (tree["tokens"] as? [Int] ?? [], tree["parents"] as? [Int] ?? [])
    let probabilities = numbers(tree["probabilities"])
    #expect(tokens.count == 60 && probabilities.count == 60 && probabilities[0] == 1)
    // A path is never likelier than its beginning.
    for (node, parent) in parents.enumerated() where parent >= 0 { #expect(probabilities[node] <= probabilities[parent]) }
    #expect(page.components(separatedBy: "class=\"chip").count - 1 == 60)

    #expect(page.contains("Costs on the tuned machine") && page.contains("Quantization error") && !page.contains("<script"))
    #expect(page.contains("&#39;a &lt;b&gt; &amp; &#39;\\&#39;&#39;c&#39;\\&#39;&#39;&#39;") && page.hasSuffix("</html>\n"))
  }

  @Test func aFileIsReplacedOnlyWhereThatIsAskedFor() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let page = folder["page.html"]
    try Data("mine".utf8).write(to: URL(filePath: page))
    for command in [["inspect", bundle], ["verify", bundle, "--prompt-ids", "1,2,3"]] {
      #expect(try Program.run(command + ["--html", page]).status == 73)
      #expect(try read(page) == "mine")
    }
    #expect(try Program.run(["inspect", bundle, "--html", page, "--force"]).status == 0)
    #expect(try read(page).contains("What is inside"))
    let before = try Data(contentsOf: URL(filePath: bundle))
    for command in [["inspect", bundle], ["verify", bundle, "--integrity"]] {
      let outcome = try Program.run(command + ["--html", bundle, "--force"])
      #expect(outcome.status == 64 && outcome.errors.contains("--html names an input"), "\(outcome.errors)")
    }
    let both = try Program.run(["verify", bundle, "--prompt-ids", "1,2", "--html", folder["x"], "--record", folder["x"]])
    #expect(both.status == 64)
    #expect(try Program.run(["inspect", bundle, "--html", folder["y"], "--for", "vllm"]).status == 64)
    #expect(try Program.run(["inspect", bundle, "--html", folder["none/y"]]).status == 73)
    #expect(try Data(contentsOf: URL(filePath: bundle)) == before && folder.names == ["llama2-tiny.griffin", "page.html"])
  }

  /// What is damaged is drawn as such, and a checkpoint as well as a bundle.
  @Test func checkpointsAndDamagedBundlesToo() throws {
    let folder = try TemporaryFolder()
    let source = try Golden.copy("llama2-tiny", to: folder, as: "source").path
    let page = folder["source.html"]
    #expect(try Program.run(["inspect", source + "/target", "--html", page]).status == 0)
    let drawn = try read(page)
    #expect(drawn.contains("A checkpoint of") && drawn.contains("a llama target") && values(drawn).contains("1"))
    // A file of a checkpoint is not replaced by a page about it.
    let file = source + "/target/config.json"
    let config = try read(file)
    #expect(try Program.run(["inspect", source + "/target", "--html", file, "--force"]).status == 64)
    #expect(try read(file) == config)

    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    var bytes = try Data(contentsOf: URL(filePath: bundle))
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: URL(filePath: bundle))
    let report = folder["report.html"]
    #expect(try Program.run(["verify", bundle, "--html", report]).status == 1)
    #expect(try read(report).contains("Not verified."))
  }

  /// Bytes by type add up to a component's.
  @Test func sizesByTypeAddUp() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder, arguments: ["--quantize", "q4_k_m", "--stats"])
    for path in [bundle, Golden.path("llama2-tiny/target")] {
      let document = try Program.run(["inspect", path, "--tensors", "--json"]).json
      for key in ["target", "draft"] {
        guard let model = document[key] as? [String: Any] else { continue }
        let sizes = try #require(model["type_bytes"] as? [String: Int])
        #expect(sizes.values.reduce(0, +) == model["bytes"] as? Int && Set(sizes.keys) == Set((model["types"] as? [String: Int] ?? [:]).keys))
      }
      guard path == bundle else { continue }
      // What --stats measured stands beside the tensors.
      let tensors = document["tensors"] as? [[String: Any]] ?? []
      #expect(tensors.contains { ($0["errors"] as? [String: Double])?["cosine"].map { $0 > 0.9 && $0 < 1 } == true })
    }
  }
}
