import ByteStorage
import TestSupport

/// `formats/safetensors.md`, rule by rule.
enum SafetensorsCorpus {
  static let hostile = header + json + names + entries + shapes + offsets + foreign

  /// A target whose one file is wrong.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    change: @escaping @Sendable (inout SafetensorsBuilder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "safetensors-\(name)", rule: Rule("safetensors.md", words), kind: kind, mentions: ["model.safetensors"] + mentions
    ) { folder in try folder.writeTarget(change) }
  }

  /// A target with other bytes in the place of its file.
  static func refuseFile(
    _ name: String, _ words: String, page: String = "safetensors.md", _ kind: GriffinError.Kind = .malformed, _ mentions: String...,
    bytes: @escaping @Sendable () throws -> [UInt8]
  ) -> HostileCase {
    HostileCase("safetensors-\(name)", rule: Rule(page, words), kind: kind, mentions: ["model.safetensors"] + mentions) { folder in
      try folder.writeTarget()
      try folder.write(bytes(), to: "target/model.safetensors")
    }
  }
}
