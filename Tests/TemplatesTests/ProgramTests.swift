import ByteStorage
import Templates
import TestSupport
import Testing

/// Programs of the grammar at random, and what jinja2 makes of them (`scripts/make-template-vectors.py`).
struct ProgramTests {
  @Test func agreesWithJinja() throws {
    let limits = JSONLimits(bytes: 1 << 20, depth: 16, values: 1 << 16, stringBytes: 1 << 16)
    let bytes = try Fixtures.bytes("templates/programs.json")
    let document = try JSONValue.parse(bytes.rawBytes, limits: limits)
    let contexts = (document["contexts"]?.array ?? []).map { $0.object ?? [:] }
    try #require(contexts.count == 2)
    let cases = try #require(document["cases"]?.array)
    #expect(cases.count > 200)
    var texts = 0
    for program in cases {
      let parts = try #require(program.array)
      let (source, context) = (try #require(parts[0].string), try #require(parts[1].integer))
      let text = try? ChatTemplate(source).render(contexts[context], day: Day("2024-07-26"))
      #expect(text == parts[2].string, "\(source)")
      texts += text == nil ? 0 : 1
    }
    #expect(texts > 150)
  }

  /// Python rounds up and down to integers, of which none is a negative zero.
  @Test func roundingUpGivesNoNegativeZero() throws {
    let source = "{{ -0.5 | round(0, 'ceil') }} {{ 1.5 | round(0, 'floor') }} {{ -0.0 | round(0, 'floor') }}"
    #expect(try ChatTemplate(source).render([:], day: nil) == "0.0 1.0 0.0")
  }
}
