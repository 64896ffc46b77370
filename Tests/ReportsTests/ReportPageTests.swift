import ByteStorage
import Foundation
import Reports
import Testing

/// The page as a document: whole, quiet, and saying what the JSON says.
struct ReportPageTests {
  private static func page(
    _ inspection: JSONValue = SampleDocuments.inspection(), _ verification: JSONValue? = SampleDocuments.verification(),
    tuning: JSONValue? = SampleDocuments.tuning, path: String = "folder/pair.griffin"
  ) -> String {
    ReportPage(
      path: path, inspection: inspection, verification: verification, tuning: tuning,
      commands: [.init("This page", ["griffin", "verify", path, "--prompt", "it's $HOME"])]
    ).html
  }

  @Test func theWholePageIsWellFormedAndSelfContained() {
    let html = ReportPageTests.page()
    let page = PageChecker(html)
    #expect(page.problems.isEmpty, "\(page.problems)")
    for part in ["http://", "https://", "<script", "@import", "url("] { #expect(!html.contains(part), "\(part)") }
    // Every table has a caption, every drawing a title; no level of headings is left out.
    #expect(page.counts["table"] == page.counts["caption"])
    #expect((page.counts["svg"] ?? 0) > 10 && page.counts["title"] == (page.counts["svg"] ?? 0) + 1)
    #expect(page.counts["h1"] == 1 && page.counts["h2"] == 10)
    #expect(html.contains("prefers-color-scheme: dark") && html.contains("@media print") && html.contains("lang=\"en\""))
    #expect(page.text.contains("griffin verify folder/pair.griffin --prompt &#39;it&#39;\\&#39;&#39;s $HOME&#39;"))
  }

  @Test func theVerdictComesFirst() {
    func first(_ verification: JSONValue) -> String { String(PageChecker(ReportPageTests.page(SampleDocuments.inspection(), verification)).text.prefix(600)) }
    #expect(first(SampleDocuments.verification()).contains("✓ Verified. All 2 checks passed, and all 3 prompts decode"))
    #expect(first(SampleDocuments.verification(ok: false)).contains("✗ Not verified. 1 of 2 checks failed"))
    #expect(first(SampleDocuments.verification(verdict: "undecided")).contains("? Verified; fidelity undecided."))
  }

  /// Numbers carry their exact values, which are the documents'.
  @Test func numbersAreThoseOfTheDocuments() {
    let values = Set(PageChecker(ReportPageTests.page()).values)
    let shown = [
      0.875, 0.53125, 0.0625, 0.890625, 0.28125, 0.65625, 0.265625, 0.640625, 0.00171875, 0.0134375, 0.08125, 0.96875, 12.03125, 12.015625,
      0.0015625, 0.001875, 0.15, 0.9921875, 0.90625, 0.85, 0.000244140625, 0.0009765625, 0.984375, 2.125, 2.0625, 0.0624694824, 0.00146484375,
      0.0087890625, 1.375, 7.8125, 11.71875, 42.96875, 1.953125,
    ]
    for number in shown { #expect(values.contains(number.description), "\(number)") }
    for bytes in [4000, 8000, 2000, 100_000] { #expect(values.contains("\(bytes)"), "\(bytes)") }
  }

  @Test func anInspectionAloneIsTheFirstHalf() {
    let page = PageChecker(ReportPageTests.page(SampleDocuments.inspection(), nil, tuning: nil))
    #expect(page.problems.isEmpty && page.ids.contains("contents") && page.ids.contains("warnings"))
    for id in ["checks", "acceptance", "divergence", "quantization", "tree", "texts", "costs", "diagnosis"] { #expect(!page.ids.contains(id), "\(id)") }
    // Errors that were noted when the bundle was made are shown too.
    var inspection = SampleDocuments.inspection().object ?? [:]
    inspection["tensors"] = .array((inspection["tensors"]?.array ?? []).map { tensor in
      var object = tensor.object ?? [:]
      object["errors"] = ["rmse": 0.25, "max": 0.5, "cosine": 0.6]
      return .object(object)
    })
    let noted = PageChecker(ReportPageTests.page(.object(inspection), nil))
    #expect(noted.ids.contains("quantization") && noted.values.contains(0.8.description))
  }

  @Test func findingsAreListedWithWhatToDo() {
    var verification = SampleDocuments.verification().object ?? [:]
    verification["diagnosis"] = [["cause": "taps are off by one", "evidence": "4.9 instead of 1.3", "remedy": "count outputs"], ["cause": "another"]]
    let page = PageChecker(ReportPageTests.page(SampleDocuments.inspection(), .object(verification)))
    #expect(page.problems.isEmpty && page.ids.contains("diagnosis"))
    #expect(page.text.contains("taps are off by one4.9 instead of 1.3What to do: count outputsanother"))
  }

  /// What a model, a file or a user wrote is text, whatever it looks like.
  @Test(arguments: [
    "</title></style><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a\u{1B}[31m\u{0}\u{7}\r\u{85}\u{202E}\u{2066}\u{FEFF}", "]]>--><!-- & &amp; &#60;",
    "' onmouseover='x", "\u{1F600}\u{E000}\u{FFFE}",
  ])
  func hostileTextStaysText(text: String) {
    let html = ReportPageTests.page(
      SampleDocuments.inspection(name: text), SampleDocuments.verification(text: text), path: text)
    let page = PageChecker(html)
    #expect(page.problems.isEmpty, "\(page.problems)")
    let plain = ReportPageTests.page(SampleDocuments.inspection(name: "a"), SampleDocuments.verification(text: "a"), path: "a")
    #expect(page.counts == PageChecker(plain).counts)
    for scalar in ["\u{202E}", "\u{2066}", "\u{FEFF}", "\u{E000}", "\u{FFFE}", "\u{85}", "\r"] { #expect(!html.unicodeScalars.contains(where: { String($0) == scalar })) }
  }

  /// A huge model's page is no larger than a page should be.
  @Test func theSizeIsBounded() {
    let small = ReportPageTests.page().utf8.count
    let html = ReportPageTests.page(SampleDocuments.inspection(layers: 1000), SampleDocuments.verification(cases: 2000, layers: 1000))
    #expect(PageChecker(html).problems.isEmpty)
    #expect(html.utf8.count < small + 200_000, "\(small) became \(html.utf8.count)")
  }

  /// A tree of thousands of nodes, deeper than any, with long tokens.
  @Test func aHugeTreeIsCut() {
    var verification = SampleDocuments.verification().object ?? [:]
    let count = 4096
    verification["drafted_tree"] = [
      "case": "deep", "cycle": 0, "position": 1, "tokens": .array((0..<count).map { .integer($0) }), "parents": .array((0..<count).map { .integer($0 - 1) }),
      "probabilities": .array((0..<count).map { .number(1 / Double($0 + 1)) }), "accepted": .array((0..<count).map { .integer($0) }), "next_token": 1,
      "pieces": .array((0..<count).map { _ in .string(String(repeating: "long", count: 50)) }),
    ]
    let html = ReportPageTests.page(SampleDocuments.inspection(), .object(verification))
    #expect(PageChecker(html).problems.isEmpty && html.contains("less likely nodes are not drawn"))
    #expect(html.utf8.count < ReportPageTests.page().utf8.count + 100_000)
  }
}
