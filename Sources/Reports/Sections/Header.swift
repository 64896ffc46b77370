internal import ByteStorage

extension ReportPage {
  /// The verdict, first of all, in a sentence.
  var header: Node {
    let digest = inspection.string("digest")
    let facts: [Node] = [
      digest.map { .tag("p", ["class": "digest"], "digest ", .tag("code", [:], .text($0))) } ?? .nothing
    ]
    guard let verification else {
      return .tag("header", ["class": "plain"], .tag("h1", [:], .text(name)), .tag("p", ["class": "verdict"], .text(summary)), .group(facts))
    }
    let verdict = Verdict(verification)
    return .tag(
      "header", ["class": verdict.style], .tag("h1", [:], .text(name)),
      .tag(
        "p", ["class": "verdict"], .tag("strong", [:], .tag("span", ["aria-hidden": "true"], .text(verdict.mark + " ")), .text(verdict.word)),
        .text(" " + verdict.sentence)),
      .tag("p", ["class": "lead"], .text(summary)), .group(facts))
  }

  /// What the file holds, in a sentence.
  private var summary: String {
    let parts = [("target", "family"), ("draft", "kind")].compactMap { key, kind in
      inspection[key]?.string(kind).map { name in
        "a \(name) \(key) of \(Figures.parameters(inspection[key]?.integer("parameters") ?? 0)) parameters"
      }
    }
    let held = parts.isEmpty ? "no model" : parts.joined(separator: " and ")
    let what = inspection["format_version"]?.integer == nil ? "A checkpoint" : "A bundle"
    return "\(what) of \(Figures.bytes(Double(inspection.integer("bytes") ?? 0))): \(held)."
  }
}

/// What a verification comes to.
struct Verdict {
  let style: String
  let mark: String
  let word: String
  let sentence: String

  init(_ verification: JSONValue) {
    let checks = verification.list("checks")
    let failed = checks.filter { $0["ok"]?.bool == false }.compactMap { $0.string("name") }
    let cases = verification.list("cases")
    let different = cases.count { $0["identical"]?.bool == false }
    guard verification["ok"]?.bool == true else {
      (style, mark, word) = ("fails", "✗", "Not verified.")
      var reasons = failed.isEmpty ? "" : "\(failed.count) of \(checks.count) checks failed: \(failed.prefix(4).joined(separator: ", "))."
      if different > 0 { reasons += " \(different) of \(cases.count) prompts decode differently with the draft." }
      sentence = reasons.isEmpty ? "A prompt did not decode as it should." : reasons
      return
    }
    var text = "All \(checks.count) checks passed"
    if !cases.isEmpty, cases.contains(where: { !($0.list("speculative_ids").isEmpty) }) {
      text += cases.count == 1 ? ", and its prompt decodes" : ", and all \(cases.count) prompts decode"
      text += " to the same tokens with the draft as without it"
      if let length = verification["summary"]?.number("acceptance_length") { text += ", \(Figures.fixed(length, 2)) tokens a cycle" }
    }
    switch verification["fidelity"]?.string("verdict") {
    case "undecided":
      (style, mark, word) = ("undecided", "?", "Verified; fidelity undecided.")
      sentence = text + ". Against its source nothing fails, but the text was too short to say that all of it holds."
    case "holds":
      (style, mark, word) = ("holds", "✓", "Verified.")
      sentence = text + ". Against its source everything lies within the tolerances."
    default:
      (style, mark, word) = ("holds", "✓", "Verified.")
      sentence = text + "."
    }
  }
}
