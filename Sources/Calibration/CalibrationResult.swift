public import ByteStorage
public import Checkpoints
public import Models

/// What a calibration came to.
public struct CalibrationResult: Sendable {
  public let output: String
  /// SHA-256 of the file.
  public let digest: SHA256Digest
  /// What the file holds, merged matrices included.
  public let sums: ImportanceSums
  public let target: TargetModel
  public let draft: DraftModel?
  public let text: CalibrationText
  /// Parts of the text that were read, their tokens, and the trees drafted meanwhile.
  public let chunks, tokens, trees: Int
  public let seconds: Double
  /// What the user should know and no error says.
  public let warnings: [String]

  /// Entries of one half.
  /// - Parameter prefix: The component's.
  private func entries(_ prefix: String) -> [ImportanceSums.Entry] {
    sums.entries.filter { $0.key.hasPrefix(prefix) && $0.value.counts.contains { $0 > 0 } }.map(\.value)
  }

  /// Tensors that the file has an entry for.
  public var tensorCount: Int { entries("").count }

  /// The contract's document.
  public func document(warnings more: [String] = []) -> JSONValue {
    let half: JSONValue = ["family": .string(target.family.name), "tensors": .integer(entries("target/").count)]
    let other = draft.map { draft -> JSONValue in
      ["kind": .string(draft.kind.name), "tensors": .integer(entries("draft/").count), "trees": .integer(trees)]
    }
    let texts = sums.texts.map { text -> JSONValue in
      let digest: JSONValue = if let digest = text.digest { .string(digest.hexadecimal) } else { .null }
      return ["name": .string(text.name), "sha256": digest]
    }
    return [
      "output": .string(output), "digest": .string(digest.hexadecimal), "tokens": .integer(tokens), "chunks": .integer(chunks),
      "chunk_size": .integer(sums.chunkSize), "tensors": .integer(tensorCount), "target": half, "draft": other ?? .null,
      "texts": .array(texts), "seconds": .number(seconds), "warnings": .array((more + warnings).map { .string($0) }),
    ]
  }
}
