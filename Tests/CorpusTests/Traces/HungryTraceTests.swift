import ByteStorage
import TestSupport
import Testing

/// Work is bounded by what a trace records, not by what it asks for.
struct HungryTraceTests {
  @Test func aMillionTokensAreNotDecodedForFour() throws {
    let folder = try CorpusFolder()
    try folder.write(TinyBundle.pair(), to: "pair.griffin")
    var trace = TraceCorpus.document()
    var settings = try #require(trace["settings"]?.object)
    settings["max_new_tokens"] = 1_000_000
    settings["stop_ids"] = []
    trace["settings"] = .object(settings)
    try folder.write(JSONValue.object(trace).encoded(), to: "trace.json")
    let run = try CorpusRun(TraceCorpus.verify, in: folder)
    // The ids are not this pair's, and the answer says so.
    try #require(!run.wasKilled && run.status == 1, "\(run.status) \(run.errors)")
    let decoded = run.document?["cases"]?.array?.first?["vanilla_ids"]?.array
    #expect(decoded?.count == 5)
  }
}
