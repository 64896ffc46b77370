import ByteStorage
import TestSupport

/// `formats/gguf.md`, rule by rule.
enum GGUFCorpus {
  static let hostile = head + pairs + alignment + tensors + offsets + model + tokenizer + splits

  /// The tiny model with one thing wrong.
  static func refuse(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String...,
    change: @escaping @Sendable (inout GGUFBuilder) throws -> Void
  ) -> HostileCase {
    HostileCase(
      "gguf-\(name)", rule: Rule("gguf.md", words), kind: kind, mentions: ["model.gguf"] + mentions, arguments: CorpusArguments.gguf
    ) { folder in
      var file = GGUFBuilder.tiny()
      try change(&file)
      try folder.write(file.bytes, to: "model.gguf")
    }
  }

  /// Other bytes under the name of a GGUF file.
  static func refuseFile(
    _ name: String, _ words: String, page: String = "gguf.md", _ kind: GriffinError.Kind, _ mentions: String...,
    bytes: @escaping @Sendable () -> [UInt8]
  ) -> HostileCase {
    HostileCase(
      "gguf-\(name)", rule: Rule(page, words), kind: kind, mentions: ["model.gguf"] + mentions, arguments: CorpusArguments.gguf
    ) { folder in try folder.write(bytes(), to: "model.gguf") }
  }

  private static func accept(
    _ name: String, _ words: String, warnings: [String] = [], change: @escaping @Sendable (inout GGUFBuilder) -> Void
  ) -> AcceptedCase {
    AcceptedCase("gguf-\(name)", rule: Rule("gguf.md", words), warnings: warnings, arguments: CorpusArguments.gguf) { folder in
      var file = GGUFBuilder.tiny()
      change(&file)
      try folder.write(file.bytes, to: "model.gguf")
    }
  }

  static let accepted: [AcceptedCase] = [
    accept("baseline", "What is read of a GGUF file") { _ in },
    accept("version-two", "MUST be 2 or 3") { $0.version = 2 },
    accept("alignment-one", "a power of two up to 2^20") { file in
      file["general.alignment"] = .uint32(1)
      file.alignment = 1
    },
    accept("alignment-4096", "a power of two up to 2^20") { file in
      file["general.alignment"] = .uint32(4096)
      file.alignment = 4096
    },
    accept("tensors-out-of-order", "tensors follow one another") { file in
      // The list is backwards, the data are not.
      var offset = 0
      let count = file.tensors.count
      for index in 0..<count {
        file.tensors[index].offsetError = Int64(offset)
        offset += file.tensors[index].bytes.count
      }
      let bytes = file.tensors.flatMap(\.bytes)
      file.tensors.reverse()
      for index in 0..<count { file.tensors[index].bytes = [] }
      // Without bytes of their own all lie at 0, plus what was said above; the first carries the data of all.
      file.tensors[count - 1].bytes = bytes
    },
    accept("keys-of-others", "others are passed over") { file in
      file["x.nested"] = .array(of: 9, count: 2, GGUFBuilder.Value.integers([1]).bytes + GGUFBuilder.Value.strings(["a"]).bytes)
      file["x.empty"] = .array(of: 8, count: 0, [])
      file["x.text"] = .string(String(repeating: "x", count: 100_000))
    },
    accept("without-a-tokenizer", "a warning") { file in
      file.pairs.removeAll { $0.key.hasPrefix("tokenizer.") }
    },
    accept("ids-of-none", "all bits set for none") { $0["tokenizer.ggml.bos_token_id"] = .uint32(.max) },
    accept("not-a-number", "Values decode bit for bit") {
      $0.tensors[0].bytes.replaceSubrange(0..<8, with: [0, 0, 192, 127, 0, 0, 128, 255])
    },
    AcceptedCase("gguf-split-baseline", rule: Rule("gguf.md", "A file whose `split.count` is above 1 is a part"), arguments: splitArguments) {
      folder in try folder.writeSplit()
    },
  ]
}
