import ByteStorage
import Foundation
import TestSupport

/// `formats/plan.md`.
enum PlanCorpus {
  private static let page = "plan.md"

  static let hostile: [HostileCase] = [
    text("not-json", "A JSON document", .malformed, "byte 0") { Array("plan".utf8) },
    text("too-deep", "32 deep", .unsafe, "deeper than 32") { Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8) },
    refuse("of-another-format", "MUST be `griffin-plan`", .malformed, "griffin-plan") { $0["format"] = "griffin-tree" },
    refuse("of-another-version", "readers refuse others", .unsupported, "version 1") { $0["version"] = 2 },
    refuse("of-other-encoders", "MUST be the reader's", .unsupported, "encoders") { $0["encoders"] = 99 },
    refuse("without-sources", "MUST be a string", .malformed, "sources") { $0["sources"] = ["target": nil] },
    refuse("with-a-file-of-no-size", "what is read", .malformed, "files") { $0["files"] = [["name": "a"]] },
    refuse("without-a-manifest", "the bundle's manifest with final offsets", .malformed, "manifest") { $0["manifest"] = nil },
    refuse("with-an-empty-manifest", "the bundle's manifest with final offsets", .malformed, "format") { $0["manifest"] = [:] },
    refuse("without-units", "MUST NOT be empty", .malformed, "units") { $0["units"] = [] },
    refuse("with-a-unit-of-nothing", "A unit has `bytes`", .malformed, "units") { $0["units"] = [["bytes": 1, "pieces": []]] },
    refuse("with-rows-that-go-back", "its rows from A up to B", .malformed, "units") {
      $0["units"] = [["bytes": 1, "pieces": [["payload": 0, "rows": [3, 1]]]]]
    },
    refuse("with-a-payload-left-out", "MUST be in exactly one unit", .malformed, "some payloads are in no unit") {
      $0["units"] = [["bytes": 1, "pieces": [["source": 0]]]]
    },
    refuse("with-a-payload-far-off", "MUST be in exactly one unit", .malformed, "payload 999") {
      $0["units"] = [["bytes": 1, "pieces": [["payload": 999]]]]
    },
    refuse("with-a-payload-twice", "MUST be in exactly one unit", .malformed, "named before") { plan in
      plan["units"] = .array((plan["units"]?.array ?? []) + (plan["units"]?.array ?? []))
    },
    refuse("of-a-target-that-is-gone", "A worker opens the sources again", .missing, "nowhere") { $0["sources"] = ["target": "nowhere"] },
    refuse("of-a-file-of-another-size", "A file of another size is refused", .inconsistent, "model.safetensors") { plan in
      plan["files"] = .array((plan["files"]?.array ?? []).map { changing($0, "bytes", 7) })
    },
    refuse("of-a-file-of-another-date-and-content", "whose sample differs", .inconsistent, "model.safetensors") { plan in
      plan["files"] = .array((plan["files"]?.array ?? []).map { changing(changing($0, "modified", 7), "sample", .string(String(repeating: "0", count: 64))) })
    },
  ]

  private static func changing(_ value: JSONValue, _ key: String, _ new: JSONValue) -> JSONValue {
    guard var object = value.object else { return value }
    object[key] = new
    return .object(object)
  }

  private static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, _ text: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "plan-\(name)", rule: Rule(page, words), kind: kind, mentions: [mention], arguments: ["work", "p.json", "--units-to", "units"]
    ) { folder in
      try folder.write(text(), to: "p.json")
    }
  }

  private static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    HostileCase(
      "plan-\(name)", rule: Rule(page, words), kind: kind, mentions: [mention], arguments: ["work", "p.json", "--units-to", "units"]
    ) { folder in
      try folder.writeTarget()
      var plan = try folder.plan(ofTarget: "target")
      change(&plan)
      try folder.write(JSONValue.object(plan).encoded(), to: "p.json")
    }
  }
}

extension CorpusFolder {
  /// The plan of a conversion of a target, as the command writes it.
  fileprivate func plan(ofTarget target: String) throws -> JSONObject {
    let process = Process()
    process.executableURL = BuiltCommand.url
    process.arguments = ["convert", "--target", target, "--plan-out", "valid.json"]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    let bytes = try read("valid.json")
    try remove("valid.json")
    let span = bytes.rawBytes
    let limits = JSONLimits(bytes: 1 << 24, depth: 32, values: 1 << 20, stringBytes: 1 << 16)
    guard let plan = try JSONValue.parse(span, limits: limits, file: "valid.json").object else { throw CocoaError(.fileReadCorruptFile) }
    return plan
  }
}
