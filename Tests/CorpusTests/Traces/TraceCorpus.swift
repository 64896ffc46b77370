import ByteStorage
import TestSupport

/// `formats/trace.md`, and files of prompts: `formats/tokenizers.md`.
enum TraceCorpus {
  static let hostile = documents + settings + cases + cycles + prompts
  static let page = "trace.md"
  static let verify = ["verify", "pair.griffin", "--trace", "trace.json"]

  /// A trace of one cycle.
  static func document() -> JSONObject {
    [
      "format": "griffin-trace", "version": 1, "producer": "a test", "acceptance_length": 3.0,
      "settings": ["total_tokens": 8, "depth": 2, "top_k": 2, "temperature": 0, "max_new_tokens": 4, "stop_ids": [2]],
      "cases": [.object(recorded())],
    ]
  }

  private static func recorded() -> JSONObject {
    [
      "name": "first", "prompt_ids": [1, 4, 5], "vanilla_ids": [7, 8, 9, 10], "speculative_ids": [7, 8, 9, 10],
      "cycles": [.object(cycle())],
    ]
  }

  private static func cycle() -> JSONObject {
    [
      "tree_tokens": [7, 8, 9, 11], "tree_parents": [-1, 0, 1, 0], "accepted": [0, 1, 2], "next_token": 10,
      "selection_margin": 0.25,
    ]
  }

  /// A trace of any text.
  static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase("trace-\(name)", rule: Rule(page, words), kind: kind, mentions: ["trace.json", mention], arguments: verify) {
      folder in
      try folder.write(TinyBundle.pair(), to: "pair.griffin")
      try folder.write(text(), to: "trace.json")
    }
  }

  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    text(name, words, kind, mention) {
      var trace = document()
      change(&trace)
      return Array(JSONValue.object(trace).encoded().utf8)
    }
  }

  private static let json = "not the JSON subset, a member missing, of another type or out of range"
  private static let limits = "Limits: 64 MiB, nesting 16, 4 million values"

  private static let documents: [HostileCase] = [
    text("empty", json, .malformed, "end of the text") { [] },
    text("not-json", json, .malformed, "byte 0") { Array("format: griffin-trace".utf8) },
    text("a-list", json, .malformed, "object") { Array("[]".utf8) },
    text("cut-off", json, .malformed, "does not end") { Array(JSONValue.object(document()).encoded().utf8.dropLast(60)) },
    text("and-more", json, .malformed, "after the end") { Array((JSONValue.object(document()).encoded() + "[]").utf8) },
    text("not-utf-8", json, .malformed, "UTF-8") { Array(#"{"format":""#.utf8) + [0xFF] + Array(#""}"#.utf8) },
    text("member-twice", json, .malformed, "duplicate key") {
      Array(#"{"format":"griffin-trace","format":"griffin-trace"}"#.utf8)
    },
    text("nested-too-deep", limits, .unsafe, "nested deeper than 16") {
      Array(("{\"a\":" + String(repeating: "[", count: 16)).utf8)
    },
    text("nesting-bomb", limits, .unsafe, "nested deeper than 16") {
      Array(String(repeating: #"{"cases":["#, count: 1 << 19).utf8)
    },
    text("value-bomb", limits, .unsafe, "values") { Array("{\"cases\":[".utf8) + zeros(4_000_001) },
    text("larger-than-its-limit", limits, .unsafe, "67108864") { Array("{}".utf8) + [UInt8](repeating: 0x20, count: 64 << 20) },
    text("of-many-cases-that-are-none", json, .malformed, "cases[0]") {
      Array("{\"cases\":[".utf8) + zeros(3_900_000) + Array("0],".utf8)
        + JSONValue.object(documentWithoutCases()).encoded().utf8.dropFirst()
    },
    refuse("format-missing", json, .malformed, "format is missing") { $0["format"] = nil },
    refuse("format-other", "another `format` or `version`", .malformed, "griffin-bundle") { $0["format"] = "griffin-bundle" },
    refuse("version-missing", json, .malformed, "version is missing") { $0["version"] = nil },
    refuse("version-2", "another `format` or `version`", .unsupported, "version 2") { $0["version"] = 2 },
    refuse("version-0", "another `format` or `version`", .unsupported, "version 0") { $0["version"] = 0 },
    refuse("version-text", json, .malformed, "version") { $0["version"] = "1" },
    refuse("acceptance-length-missing", json, .malformed, "acceptance_length is missing") { $0["acceptance_length"] = nil },
    refuse("acceptance-length-text", json, .malformed, "acceptance_length") { $0["acceptance_length"] = "3" },
    refuse("producer-a-number", json, .malformed, "producer") { $0["producer"] = 7 },
    refuse("cases-missing", json, .malformed, "cases is missing") { $0["cases"] = nil },
    refuse("cases-empty", "one or more of §3", .malformed, "cases is empty") { $0["cases"] = [] },
    refuse("cases-an-object", json, .malformed, "cases: expected an array") { $0["cases"] = [:] },
    refuse("case-a-number", json, .malformed, "cases[0]") { $0["cases"] = [1] },
  ]

  /// `0,` so many times.
  private static func zeros(_ count: Int) -> [UInt8] {
    (0..<2 * count).map { $0 & 1 == 0 ? 0x30 : 0x2C }
  }

  private static func documentWithoutCases() -> JSONObject {
    var trace = document()
    trace["cases"] = nil
    return trace
  }

  private static func set(
    _ name: String, _ words: String, _ key: String, _ value: JSONValue, _ kind: GriffinError.Kind = .malformed,
    _ mention: String? = nil
  ) -> HostileCase {
    refuse("settings-\(name)", words, kind, mention ?? key) { trace in
      var settings = trace["settings"]?.object ?? [:]
      settings[key] = value
      trace["settings"] = .object(settings)
    }
  }

  private static let settings: [HostileCase] = [
    refuse("settings-missing", json, .malformed, "settings is missing") { $0["settings"] = nil },
    refuse("settings-a-list", json, .malformed, "settings") { $0["settings"] = [] },
    set("no-nodes", "1 to 4096", "total_tokens", 0), set("too-many-nodes", "1 to 4096", "total_tokens", 4097),
    set("nodes-of-63-bits", "1 to 4096", "total_tokens", .integer(.max)), set("nodes-missing", json, "total_tokens", .null),
    set("depth-negative", "0 to 64", "depth", -1), set("depth-bomb", "0 to 64", "depth", 65),
    set("depth-fraction", json, "depth", 2.5),
    set("no-beams", "1 to 1024", "top_k", 0), set("too-many-beams", "1 to 1024", "top_k", 1025),
    set("no-tokens", "1 to 1,000,000", "max_new_tokens", 0),
    set("too-many-tokens", "1 to 1,000,000", "max_new_tokens", 1_000_001),
    set("sampled", "a temperature above 0", "temperature", 0.7, .unsupported),
    set("temperature-negative", "a temperature above 0", "temperature", -1, .unsupported),
    set("stop-id-negative", json, "stop_ids", [-2]), set("stop-id-text", json, "stop_ids", ["</s>"]),
    set("stop-ids-a-number", json, "stop_ids", 2),
  ]

  private static func recorded(
    _ name: String, _ words: String, _ key: String, _ value: JSONValue, _ kind: GriffinError.Kind = .malformed,
    _ mention: String? = nil
  ) -> HostileCase {
    refuse("case-\(name)", words, kind, mention ?? key) { trace in
      var recorded = recorded()
      recorded[key] = value
      trace["cases"] = [.object(recorded)]
    }
  }

  private static let vocabulary = "an id outside the model's vocabulary"

  private static let cases: [HostileCase] = [
    recorded("without-a-name", json, "name", .null), recorded("name-a-number", json, "name", 1),
    recorded("prompt-missing", json, "prompt_ids", .null), recorded("prompt-empty", "at least one", "prompt_ids", []),
    recorded("prompt-id-negative", json, "prompt_ids", [1, -4]),
    recorded("prompt-id-of-31-bits", json, "prompt_ids", [1, 2_147_483_648]),
    recorded("prompt-id-text", json, "prompt_ids", ["a"]), recorded("prompt-a-text", json, "prompt_ids", "Hello"),
    recorded("prompt-id-beyond-the-vocabulary", vocabulary, "prompt_ids", [1, 32], .usage, "32"),
    recorded("vanilla-missing", json, "vanilla_ids", .null), recorded("vanilla-id-fraction", json, "vanilla_ids", [7.5]),
    recorded("speculative-missing", json, "speculative_ids", .null), recorded("cycles-missing", json, "cycles", .null),
    recorded("cycles-an-object", json, "cycles", [:]), recorded("cycle-a-list", json, "cycles", [[]], .malformed, "cycles[0]"),
    recorded("target-top-of-ids", json, "target_top", [7]), recorded("target-top-of-three", json, "target_top", [[7, 1.5, 2]]),
    recorded("draft-top-text", json, "draft_top", [["a", 1]]), recorded("margin-text", json, "min_margin", "small"),
  ]

  private static func cycle(
    _ name: String, _ words: String, _ mention: String, change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    refuse("tree-\(name)", words, .malformed, mention) { trace in
      var (recorded, cycle) = (recorded(), cycle())
      change(&cycle)
      recorded["cycles"] = [.object(cycle)]
      trace["cases"] = [.object(recorded)]
    }
  }

  private static let order = "a tree whose parents do not come first, an accepted list that is no path"

  private static let cycles: [HostileCase] = [
    cycle("tokens-missing", json, "tree_tokens is missing") { $0["tree_tokens"] = nil },
    cycle("tokens-empty", "a token a node, at most 4096", "tree_tokens has 0") {
      ($0["tree_tokens"], $0["tree_parents"]) = ([], [])
    },
    cycle("tokens-negative", json, "tree_tokens") { $0["tree_tokens"] = [7, -8, 9, 11] },
    cycle("of-4097-nodes", "a token a node, at most 4096", "4097") { cycle in
      cycle["tree_tokens"] = .array([JSONValue](repeating: 7, count: 4097))
      cycle["tree_parents"] = .array((-1..<4096).map { .integer($0) })
    },
    cycle("of-half-a-million-nodes", "a token a node, at most 4096", "500000") { cycle in
      cycle["tree_tokens"] = .array([JSONValue](repeating: 7, count: 500_000))
      cycle["tree_parents"] = .array([JSONValue](repeating: 0, count: 500_000))
    },
    cycle("parents-too-few", "as long; -1 for the root alone", "tree_parents 3") { $0["tree_parents"] = [-1, 0, 1] },
    cycle("parents-too-many", "as long; -1 for the root alone", "tree_parents 5") { $0["tree_parents"] = [-1, 0, 1, 0, 0] },
    cycle("parent-of-itself", order, "node 2 has parent 2") { $0["tree_parents"] = [-1, 0, 2, 0] },
    cycle("parents-in-a-circle", order, "node 1 has parent 2") { $0["tree_parents"] = [-1, 2, 1, 0] },
    cycle("parent-beyond", json, "tree_parents") { $0["tree_parents"] = [-1, 0, 1, 5000] },
    cycle("parent-below", json, "tree_parents") { $0["tree_parents"] = [-1, 0, 1, -2] },
    cycle("two-roots", order, "node 3 has parent -1") { $0["tree_parents"] = [-1, 0, 1, -1] },
    cycle("no-root", order, "node 0 has parent 0") { $0["tree_parents"] = [0, 0, 1, 0] },
    cycle("accepted-empty", order, "accepted") { $0["accepted"] = [] },
    cycle("accepted-without-the-root", order, "root") { $0["accepted"] = [1, 2] },
    cycle("accepted-beyond", order, "from node 0 to node 4") { $0["accepted"] = [0, 4] },
    cycle("accepted-no-child", order, "from node 0 to node 2") { $0["accepted"] = [0, 2] },
    cycle("accepted-twice", order, "from node 0 to node 0") { $0["accepted"] = [0, 0] },
    cycle("accepted-negative", json, "accepted") { $0["accepted"] = [0, -1] },
    cycle("next-token-missing", json, "next_token is missing") { $0["next_token"] = nil },
    cycle("next-token-text", json, "next_token") { $0["next_token"] = "a" },
    cycle("margin-missing", json, "selection_margin is missing") { $0["selection_margin"] = nil },
    cycle("margin-null", json, "selection_margin is missing") { $0["selection_margin"] = .null },
  ]
}
