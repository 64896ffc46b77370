public import ByteStorage
internal import Conversion
internal import SpeculativeDecoding

extension ShareRecord {
  /// The record as a document, in the member order of `formats/verification.md`.
  public var document: JSONValue {
    .object([
      "format": .string(ShareRecord.formatName),
      "version": .integer(ShareRecord.formatVersion),
      "of": .array(parts.map { .object(["part": .string($0.name), "value": .string($0.value)]) }),
      "share": .integers([share.index, share.count]),
      "units": .array(
        units.sorted { $0.key < $1.key }.map { unit, seen in
          .object([
            "unit": .integer(unit),
            "cases": .array(seen.cases.map(\.record)),
            "others": .array(seen.others.map(\.record)),
            "windows": .array(seen.windows.map(\.record)),
          ])
        }),
    ])
  }
}

extension CaseResult {
  /// As a trace has it, and what a trace leaves out.
  fileprivate var record: JSONValue {
    .object([
      "trace": DecodeTrace.Case(self).document,
      "tree_scores": .array(cycles.map { .string(Base64.encode($0.tree.scores.flatMap { $0.bitPattern.littleEndianBytes })) }),
      "first_divergence": firstDivergence?.document ?? .null,
      "seconds_vanilla": .number(secondsVanilla),
      "seconds_speculative": .number(secondsSpeculative),
      "phase_seconds": phases?.document ?? .null,
    ])
  }
}

extension WindowObservation {
  fileprivate var record: JSONValue {
    .object([
      "tokens": .integer(tokenCount),
      "misses": misses?.record ?? .null,
      "misses_source": otherMisses?.record ?? .null,
      "comparison": comparison?.record ?? .null,
    ])
  }
}

extension WindowObservation.Misses {
  fileprivate var record: JSONValue {
    .object([
      "first_pass": .string(String(aligned.map { $0.map { $0 ? "1" : "0" } ?? "-" })),
      "trials": .integers(counts.trials),
      "successes": .integers(counts.successes),
    ])
  }
}

extension TextComparison {
  fileprivate var record: JSONValue {
    func packed(_ values: [Double]) -> JSONValue { .string(Base64.encode(values.flatMap { $0.bitPattern.littleEndianBytes })) }
    return .object([
      "kl": packed(divergences), "overlap": packed(overlaps), "agree": .string(String(agreements.map { $0 ? "1" : "0" })),
      "loss": packed(losses), "loss_source": packed(otherLosses),
    ])
  }
}

extension FixedWidthInteger {
  fileprivate var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
  }
}
