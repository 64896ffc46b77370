import ByteStorage
import SpeculativeDecoding
import TestSupport
import Testing
import Verification

struct TraceReadingTests {
  private static let document: JSONValue = [
    "format": "griffin-trace", "version": 1, "producer": "a test", "acceptance_length": 2.5,
    "settings": ["total_tokens": 24, "depth": 3, "top_k": 4, "temperature": 0.0, "max_new_tokens": 64, "stop_ids": [2, 5]],
    "cases": [
      [
        "name": "first", "prompt_ids": [1, 2, 3], "vanilla_ids": [7, 10, 20], "speculative_ids": [7, 10, 20],
        "cycles": [
          [
            "tree_tokens": [7, 10, 11, 20], "tree_parents": [-1, 0, 0, 1], "accepted": [0, 1, 3], "next_token": 9,
            "selection_margin": 0.25,
          ]
        ],
        "target_top": [[7, 3.5], [8, 3]], "draft_top": [[10, -0.5]], "min_margin": 0.125,
      ]
    ],
  ]

  private static func read(_ document: JSONValue) throws(GriffinError) -> DecodeTrace {
    try DecodeTrace(document, file: "t.json")
  }

  @Test func everyMemberIsRead() throws {
    let trace = try TraceReadingTests.read(TraceReadingTests.document)
    #expect(trace.producer == "a test" && trace.acceptanceLength == 2.5)
    #expect(trace.settings == DecodeSettings(totalTokens: 24, depth: 3, topK: 4, maxNewTokens: 64, stopTokens: [2, 5]))
    let first = try #require(trace.cases.first)
    #expect(first.name == "first" && first.promptIDs == [1, 2, 3])
    #expect(first.vanillaIDs == [7, 10, 20] && first.speculativeIDs == [7, 10, 20])
    #expect(first.cycles.count == 1)
    #expect(first.cycles[0].treeTokens == [7, 10, 11, 20] && first.cycles[0].treeParents == [-1, 0, 0, 1])
    #expect(first.cycles[0].accepted == [0, 1, 3] && first.cycles[0].nextToken == 9)
    #expect(first.cycles[0].selectionMargin == 0.25)
    #expect(first.targetTop.map(\.token) == [7, 8] && first.targetTop.map(\.score) == [3.5, 3])
    #expect(first.draftTop.map(\.token) == [10] && first.draftTop.map(\.score) == [-0.5])
    #expect(first.minimumMargin == 0.125)
  }

  @Test func whatMayBeAbsentMayBeAbsent() throws {
    for value in [nil, .null] as [JSONValue?] {
      var document = TraceReadingTests.document
      for path in [
        ["producer"], ["settings", "temperature"], ["cases", 0, "target_top"], ["cases", 0, "draft_top"],
        ["cases", 0, "min_margin"],
      ] as [[JSONValue.Step]] { document = document.setting(path, to: value) }
      let trace = try TraceReadingTests.read(document)
      #expect(trace.producer == "" && trace.cases[0].targetTop.isEmpty && trace.cases[0].minimumMargin == nil)
    }
  }

  @Test func unknownMembersArePassedOver() throws {
    var document = TraceReadingTests.document
    for path in [
      ["later"], ["settings", "later"], ["cases", 0, "later"], ["cases", 0, "cycles", 0, "later"],
    ] as [[JSONValue.Step]] {
      document = document.setting(path, to: ["anything": [1, "two"]])
    }
    _ = try TraceReadingTests.read(document)
  }

  private static let cycle: [JSONValue.Step] = ["cases", 0, "cycles", 0]
  private static let ids = "expected an integer from 0 to 2147483647"

  /// A place, what is put there (nil: nothing is left), and what the error says.
  private static let violations: [(path: [JSONValue.Step], value: JSONValue?, message: String)] = [
    (["format"], nil, "the document: format is missing"),
    (["format"], "other", "the document: format is \"other\"; expected \"griffin-trace\""),
    (["format"], 1, "format: expected a string"),
    (["version"], nil, "the document: version is missing"),
    (["version"], "1", "version: expected an integer from 0 to \(Int.max)"),
    (["producer"], 3, "producer: expected a string"),
    (["acceptance_length"], nil, "the document: acceptance_length is missing"),
    (["acceptance_length"], "6", "acceptance_length: expected a number"),
    (["settings"], nil, "the document: settings is missing"),
    (["settings"], [], "settings: expected an object"),
    (["settings", "total_tokens"], nil, "settings: total_tokens is missing"),
    (["settings", "total_tokens"], 0, "settings.total_tokens: expected an integer from 1 to 4096"),
    (["settings", "total_tokens"], 4097, "settings.total_tokens: expected an integer from 1 to 4096"),
    (["settings", "depth"], -1, "settings.depth: expected an integer from 0 to 64"),
    (["settings", "depth"], 65, "settings.depth: expected an integer from 0 to 64"),
    (["settings", "top_k"], 0, "settings.top_k: expected an integer from 1 to 1024"),
    (["settings", "top_k"], 1.5, "settings.top_k: expected an integer from 1 to 1024"),
    (["settings", "max_new_tokens"], 0, "settings.max_new_tokens: expected an integer from 1 to 1000000"),
    (["settings", "max_new_tokens"], 1_000_001, "settings.max_new_tokens: expected an integer from 1 to 1000000"),
    (["settings", "stop_ids"], nil, "settings: stop_ids is missing"),
    (["settings", "stop_ids"], 2, "settings.stop_ids: expected an array"),
    (["settings", "stop_ids"], [2, -1], "settings.stop_ids: [1]: \(ids)"),
    (["settings", "temperature"], "0", "settings.temperature: expected a number"),
    (["cases"], nil, "the document: cases is missing"),
    (["cases"], [:], "cases: expected an array"),
    (["cases"], [], "the document: cases is empty; there is nothing to compare with"),
    (["cases", 0], 3, "cases[0]: expected an object"),
    (["cases", 0, "name"], nil, "cases[0]: name is missing"),
    (["cases", 0, "prompt_ids"], nil, "cases[0]: prompt_ids is missing"),
    (["cases", 0, "prompt_ids"], [], "cases[0]: prompt_ids is empty; a prompt has at least one token"),
    (["cases", 0, "prompt_ids"], [1, "2"], "cases[0].prompt_ids: [1]: \(ids)"),
    (["cases", 0, "prompt_ids"], [2_147_483_648], "cases[0].prompt_ids: [0]: \(ids)"),
    (["cases", 0, "vanilla_ids"], .null, "cases[0]: vanilla_ids is missing"),
    (["cases", 0, "speculative_ids"], "7", "cases[0].speculative_ids: expected an array"),
    (["cases", 0, "cycles"], nil, "cases[0]: cycles is missing"),
    (["cases", 0, "target_top"], [[7]], "cases[0].target_top[0]: expected [token id, score]"),
    (["cases", 0, "target_top"], [[7, 1, 2]], "cases[0].target_top[0]: expected [token id, score]"),
    (["cases", 0, "draft_top"], [[10, -1], ["x", 1]], "cases[0].draft_top[1]: expected [token id, score]"),
    (["cases", 0, "draft_top"], [:], "cases[0].draft_top: expected an array"),
    (["cases", 0, "min_margin"], "x", "cases[0].min_margin: expected a number"),
    (cycle, [], "cases[0].cycles[0]: expected an object"),
    (cycle + ["tree_tokens"], nil, "cases[0].cycles[0]: tree_tokens is missing"),
    (
      cycle + ["tree_tokens"], [7, 10, 11],
      "cases[0].cycles[0]: tree_tokens has 3 entries and tree_parents 4; expected as many, one or more"
    ),
    (
      cycle + ["tree_tokens"], .array([JSONValue](repeating: 7, count: 4097)),
      "cases[0].cycles[0]: tree_tokens has 4097 entries; expected at most 4096"
    ),
    (cycle + ["tree_tokens"], [7, 10, 11, -20], "cases[0].cycles[0].tree_tokens: [3]: \(ids)"),
    (
      cycle + ["tree_parents"], [-1, 0, 2, 1],
      "cases[0].cycles[0]: node 2 has parent 2; expected an earlier node, and -1 for the root alone"
    ),
    (
      cycle + ["tree_parents"], [-1, 0, -1, 1],
      "cases[0].cycles[0]: node 2 has parent -1; expected an earlier node, and -1 for the root alone"
    ),
    (
      cycle + ["tree_parents"], [0, 0, 0, 1],
      "cases[0].cycles[0]: node 0 has parent 0; expected an earlier node, and -1 for the root alone"
    ),
    (cycle + ["tree_parents"], [-2, 0, 0, 1], "cases[0].cycles[0].tree_parents: [0]: expected an integer from -1 to 4096"),
    (cycle + ["accepted"], [], "cases[0].cycles[0]: accepted does not begin with the root, node 0"),
    (cycle + ["accepted"], [1, 3], "cases[0].cycles[0]: accepted does not begin with the root, node 0"),
    (
      cycle + ["accepted"], [0, 3], "cases[0].cycles[0]: accepted goes from node 0 to node 3, which is not its child"
    ),
    (
      cycle + ["accepted"], [0, 1, 4], "cases[0].cycles[0]: accepted goes from node 1 to node 4, which is not its child"
    ),
    (cycle + ["accepted"], [0, 0], "cases[0].cycles[0]: accepted goes from node 0 to node 0, which is not its child"),
    (cycle + ["next_token"], -1, "cases[0].cycles[0].next_token: \(ids)"),
    (cycle + ["selection_margin"], nil, "cases[0].cycles[0]: selection_margin is missing"),
    (cycle + ["selection_margin"], "small", "cases[0].cycles[0].selection_margin: expected a number"),
  ]

  @Test(arguments: violations.indices) func violationsAreRefusedByTheirPlace(index: Int) {
    let (path, value, message) = TraceReadingTests.violations[index]
    #expect(throws: GriffinError(.malformed, file: "t.json", message)) {
      try TraceReadingTests.read(TraceReadingTests.document.setting(path, to: value))
    }
  }

  @Test func otherVersionsAndTemperaturesAreNotRead() {
    #expect(throws: GriffinError(.unsupported, file: "t.json", "trace version 2; this program reads version 1")) {
      try TraceReadingTests.read(TraceReadingTests.document.setting(["version"], to: 2))
    }
    #expect(
      throws: GriffinError(
        .unsupported, file: "t.json", "the trace was sampled at temperature 0.7; only greedy traces are compared")
    ) {
      try TraceReadingTests.read(TraceReadingTests.document.setting(["settings", "temperature"], to: 0.7))
    }
    #expect(throws: GriffinError(.malformed, file: "t.json", "the document: expected an object")) {
      try TraceReadingTests.read([1])
    }
  }

  @Test func filesAreReadStrictly() throws {
    let folder = try TemporaryFolder()
    let text = TraceReadingTests.document.encoded(pretty: true)
    let path = try folder.write(Array(text.utf8), to: "trace.json")
    #expect(try DecodeTrace(path: path).document == TraceReadingTests.read(TraceReadingTests.document).document)
    for wrong in [String(text.dropLast()), text + "x", text.replacing("\"version\"", with: "\"format\""), ""] {
      let path = try folder.write(Array(wrong.utf8), to: "wrong.json")
      let error = #expect(throws: GriffinError.self) { try DecodeTrace(path: path) }
      #expect(error?.kind == .malformed && error?.file == path)
    }
    let error = #expect(throws: GriffinError.self) { try DecodeTrace(path: folder.path("nowhere.json")) }
    #expect(error?.kind == .missing)
  }

  @Test func writtenTracesReadBackAsTheSame() throws {
    let document = try TraceReadingTests.read(TraceReadingTests.document).document
    #expect(try TraceReadingTests.read(document).document == document)
    #expect(document == TraceReadingTests.document.setting(["cases", 0, "target_top"], to: [[7, 3.5], [8, 3.0]]))
  }
}
