import ByteStorage
import Foundation
import TestSupport
import Testing

/// Hostile input: each case is refused for its own reason, within its limits, and leaves nothing behind.
struct CorpusTests {
  @Test(arguments: Corpus.hostile) func refuses(_ hostile: HostileCase) throws {
    let folder = try CorpusFolder()
    try hostile.make(folder)
    try folder.keepCopy(of: hostile.name, hostile.arguments)
    let before = try folder.snapshot()
    let run = try CorpusRun(hostile.arguments, in: folder)
    let text = String(decoding: run.output, as: UTF8.self)
    try #require(!run.wasKilled, "ended by signal \(run.status): \(run.errors)")
    #expect(run.status == hostile.exit, "\(text)")

    let document = try #require(run.document?.object, "\(text) \(run.errors)")
    #expect(document.members.map(\.key) == ["error"], "\(text)")
    let error = try #require(document["error"]?.object, "\(text)")
    #expect(error["code"]?.integer == Int(hostile.exit))
    #expect(error["kind"]?.string == hostile.kind.rawValue, "\(text)")
    let place = error["offset"]?.integer.map { ["byte \($0)"] } ?? []
    let said = (["file", "tensor", "message"].compactMap { error[$0]?.string } + place).joined(separator: ": ")
    for mention in hostile.mentions { #expect(said.contains(mention), "\(mention) in \(said)") }
    #expect(error["file"]?.string != nil || hostile.kind == .usage, "\(said)")
    // A hostile name is told exactly, but never steers a terminal.
    #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control }, "\(text)")
    #expect(try folder.snapshot() == before)
  }

  @Test(arguments: Corpus.accepted) func accepts(_ accepted: AcceptedCase) throws {
    let folder = try CorpusFolder()
    try accepted.make(folder)
    var expected = Set(try folder.snapshot().keys)
    let run = try CorpusRun(accepted.arguments, in: folder)
    let text = String(decoding: run.output, as: UTF8.self)
    try #require(!run.wasKilled, "ended by signal \(run.status): \(run.errors)")
    #expect(run.status == 0, "\(text) \(run.errors)")
    let document = try #require(run.document?.object, "\(text)")
    #expect(document["error"] == nil)
    let warnings = (document["warnings"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    for warning in accepted.warnings { #expect(warnings.contains(warning), "\(warning) in \(warnings)") }
    if let flag = accepted.arguments.firstIndex(of: "-o") { expected.insert("work/" + accepted.arguments[flag + 1]) }
    #expect(Set(try folder.snapshot().keys) == expected)
  }

  @Test func everyRuleIsStated() {
    for rule in Set(Corpus.hostile.map(\.rule) + Corpus.accepted.map(\.rule)) {
      #expect(rule.isStated, "\(rule.page) does not say: \(rule.words)")
    }
  }

  @Test func namesAreUniqueAndMentionsAreThere() throws {
    let names = Corpus.hostile.map(\.name) + Corpus.accepted.map(\.name)
    #expect(names.count == Set(names).count, "\(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys)")
    for name in names { #expect(name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }, "\(name)") }
    for hostile in Corpus.hostile { #expect(!hostile.mentions.isEmpty, "\(hostile.name)") }
  }
}
