import ByteStorage
import TestSupport

/// Split models (G12 and G13).
extension GGUFCorpus {
  static func part(_ number: Int) -> String { "model-0000\(number)-of-00003.gguf" }

  static let splitArguments = ["convert", "--target", part(1), "-o", "out.griffin"]

  private static func split(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String..., arguments: [String] = splitArguments,
    change: @escaping @Sendable (inout [GGUFBuilder]) -> Void
  ) -> HostileCase {
    HostileCase("gguf-split-\(name)", rule: Rule("gguf.md", words), kind: kind, mentions: mentions, arguments: arguments) { folder in
      try folder.writeSplit(change)
    }
  }

  private static let own = "G13. Each part MUST state its own number and the same count"
  private static let first = "G12. A file whose `split.count` is above 1 is a part"

  static let splits: [HostileCase] = [
    split("part-missing", "A missing part is named", .missing, part(3)) { $0.removeLast() },
    split("second-part-named", "another part than the first is refused", .inconsistent, part(2), "part 2 of 3",
      arguments: ["convert", "--target", part(2), "-o", "out.griffin"]) { _ in },
    split("parts-swapped", own, .inconsistent, part(2), "part 3 of 3") { $0.swapAt(1, 2) },
    split("number-twice", own, .inconsistent, part(3), "part 2") { $0[2]["split.no"] = .uint16(1) },
    split("number-beyond-the-count", own, .malformed, part(1), "split.no") { $0[0]["split.no"] = .uint16(3) },
    split("number-negative", own, .malformed, part(1), "split.no") { $0[0]["split.no"] = .int32(-1) },
    split("number-missing", own, .malformed, part(1), "split.no") { $0[0]["split.no"] = nil },
    split("count-other", own, .inconsistent, part(2), "of 4") { $0[1]["split.count"] = .uint16(4) },
    split("count-huge", "at most 1000 parts", .malformed, part(1), "split.count", "4294967295") { $0[0]["split.count"] = .uint32(.max) },
    split("count-larger-than-its-name", first, .inconsistent, part(1), "name does not say so") { $0[0]["split.count"] = .uint16(5) },
    split("no-part-at-all", own, .inconsistent, part(2), "is no part") { parts in
      for key in ["split.no", "split.count"] { parts[1][key] = nil }
    },
    split("of-another-model", "where stated, MUST be the same in all", .inconsistent, part(2), "7 tensors") {
      $0[1]["split.tensors.count"] = .int32(7)
    },
    split("tensor-too-few", "the number of tensors of all together", .inconsistent, part(1), "20 tensors") { $0[2].tensors.removeLast() },
    split("tensor-in-two", "no tensor is in two parts", .inconsistent, part(3), "is also in") { $0[2].tensors.append($0[1].tensors[0]) },
    split("part-of-another-version", "G2 | version", .unsupported, part(2), "version 9") { $0[1].version = 9 },
  ]
}

extension CorpusFolder {
  /// Writes the tiny model in three parts; only the first has metadata of its own.
  func writeSplit(_ change: (inout [GGUFBuilder]) -> Void = { _ in }) throws {
    let whole = GGUFBuilder.tiny()
    let ends = [0, 8, 15, whole.tensors.count]
    var parts = (0..<3).map { number in
      var part = number == 0 ? whole : GGUFBuilder()
      part.tensors = Array(whole.tensors[ends[number]..<ends[number + 1]])
      part["split.no"] = .uint16(UInt16(number))
      part["split.count"] = .uint16(3)
      part["split.tensors.count"] = .int32(Int32(whole.tensors.count))
      return part
    }
    change(&parts)
    for (number, part) in parts.enumerated() { try write(part.bytes, to: GGUFCorpus.part(number + 1)) }
  }
}
