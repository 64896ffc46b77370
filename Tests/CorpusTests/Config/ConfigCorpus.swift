import ByteStorage
import Models
import TestSupport

/// `formats/families.md` and `formats/griffin-draft.md`: what a config.json may say.
enum ConfigCorpus {
  static let hostile = documents + sizes + rotation + families + drafts + pairs
  static let page = "families.md"
  static let file = "config.json"

  /// A target whose configuration was changed.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    change: @escaping @Sendable (inout JSONObject) -> Void
  ) -> HostileCase {
    HostileCase("config-\(name)", rule: Rule(page, words), kind: kind, mentions: [file] + mentions) { folder in
      try folder.writeTarget()
      var config = try TinyCheckpoint.target().config
      change(&config)
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    }
  }

  /// A target whose configuration has one other member.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String..., set key: String,
    _ value: JSONValue
  ) -> HostileCase {
    HostileCase("config-\(name)", rule: Rule(page, words), kind: kind, mentions: [file] + mentions) { folder in
      try folder.writeTarget()
      var config = try TinyCheckpoint.target().config
      config[key] = value
      try folder.write(JSONValue.object(config).encoded(), to: "target/config.json")
    }
  }

  /// A target whose configuration is another text.
  static func text(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String,
    _ bytes: @escaping @Sendable (String) -> [UInt8]
  ) -> HostileCase {
    HostileCase("config-\(name)", rule: Rule(page, words), kind: kind, mentions: [file, mention]) { folder in
      try folder.writeTarget()
      try folder.write(bytes(TinyCheckpoint.target().configText), to: "target/config.json")
    }
  }

  /// The last bracket of a document, with something before it.
  static func adding(_ members: String) -> @Sendable (String) -> [UInt8] {
    { text in Array((text.dropLast(text.hasSuffix("\n") ? 2 : 1) + "," + members + "}").utf8) }
  }
}

extension CorpusFolder {
  /// Writes a draft of one safetensors file into `draft`.
  func writeDraft(
    _ model: TinyModel? = nil, config change: (inout JSONObject) -> Void = { _ in },
    file changeFile: (inout SafetensorsBuilder) throws -> Void = { _ in }
  ) throws {
    let draft = try model ?? TinyCheckpoint.draft()
    var config = draft.config
    change(&config)
    var file = SafetensorsBuilder(draft.source)
    try changeFile(&file)
    try write(file.bytes, to: "draft/model.safetensors")
    try write(JSONValue.object(config).encoded(), to: "draft/config.json")
  }
}
