import ByteStorage
import Verification

extension Fuzzer {
  static let trace = Fuzzer(
    name: "trace", description: "a decode trace: the document, and that what is written of it reads the same",
    maximumBytes: 8192,
    read: { input in
      let trace = try DecodeTrace(path: WorkFolder.write(input, to: "trace.json"))
      _ = DecodeTrace.acceptanceLength(of: trace.cases.flatMap { $0.cycles.map(\.accepted) })
      let document = trace.document
      let again = try DecodeTrace(document, file: nil)
      precondition(again.document == document, "a trace that is written reads otherwise")
    },
    seeds: {
      let cycle = #"{"tree_tokens":[5,7,8],"tree_parents":[-1,0,1],"accepted":[0,1],"next_token":9,"selection_margin":0.25}"#
      let root = #"{"tree_tokens":[9],"tree_parents":[-1],"accepted":[0],"next_token":2,"selection_margin":1e-3}"#
      return [Seed("short", document("[\(cycle)]", "")), Seed("long", document("[\(cycle),\(root)]", scores))]
    },
    mutate: { input, mutator in JSONText.change(&input, limit: mutator.maximumBytes, &mutator) })

  private static let scores = #","target_top":[[5,1.5],[6,-0.25]],"draft_top":[[7,-0.5]],"min_margin":0.125"#

  private static func document(_ cycles: String, _ rest: String) -> [UInt8] {
    Array(
      #"{"format":"griffin-trace","version":1,"producer":"a","acceptance_length":2,"settings":{"total_tokens":8,"depth":2,"top_k":2,"temperature":0,"max_new_tokens":8,"stop_ids":[2]},"cases":[{"name":"a","prompt_ids":[1,3],"vanilla_ids":[5,7],"speculative_ids":[5,7],"cycles":\#(cycles)\#(rest)}]}"#
        .utf8)
  }
}
