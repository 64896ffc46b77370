internal import ByteStorage

/// What was measured, beside the recipe that is to be: a run that ended is continued from it.
///
/// A line holds the identity of what is measured, then one each measurement. `formats/recipe.md` is the specification.
final class AllocationJournal {
  private static let format = "griffin-allocation"
  private static let version = 1
  private static let limits = JSONLimits(bytes: 128 << 10, depth: 8, values: 1 << 12, stringBytes: 1 << 12)

  private let record: PartialRecord
  private var losses: [String: MeasuredLoss] = [:]
  private var wholes: [String: LossProbe.Whole] = [:]

  /// Begins a record, or takes over what an earlier run left.
  /// - Parameter identity: What losses depend on.
  /// - Throws: `exists` where what was left is of something else; `space`, `uncreatable` or `io`.
  init(_ output: OutputFile, identity: JSONObject) throws(GriffinError) {
    record = output.record
    var head: JSONObject = ["format": .string(AllocationJournal.format), "version": .integer(AllocationJournal.version)]
    for member in identity.members { head[member.key] = member.value }
    let first = JSONValue.object(head).encoded()
    guard output.isResumed else {
      try output.reserve(byteCount: 1)
      try record.begin([first])
      return
    }
    guard let lines = record.reopen(), lines.first == .some(first) else {
      throw GriffinError(
        .exists, file: output.partialPath, "what was measured cannot be continued: it is of another model, text or choice of types",
        hints: ["--force starts again from nothing"])
    }
    for case let line? in lines.dropFirst() { read(line) }
  }

  private func read(_ line: String) {
    guard let value = try? JSONValue.parse(line.rawBytes, limits: AllocationJournal.limits, file: record.path) else { return }
    if let key = value["group"]?.string, let error = value["error"]?.double {
      losses[key] = MeasuredLoss(error: error, divergence: value["kl"]?.double, acceptance: value["acceptance"]?.double)
    } else if let key = value["choice"]?.string, let divergence = value["kl"]?.double, let agreement = value["top1"]?.double {
      wholes[key] = LossProbe.Whole(divergence: divergence, agreement: agreement, acceptance: value["acceptance"]?.double)
    }
  }

  /// Whole choices that are measured.
  var wholeCount: Int { wholes.count }

  func loss(of key: String) -> MeasuredLoss? { losses[key] }

  func note(_ loss: MeasuredLoss, of key: String) {
    losses[key] = loss
    record.append(
      JSONValue.object([
        "group": .string(key), "error": .number(loss.error), "kl": .optional(loss.divergence), "acceptance": .optional(loss.acceptance),
      ]).encoded())
  }

  func whole(of key: String) -> LossProbe.Whole? { wholes[key] }

  func note(_ whole: LossProbe.Whole, of key: String) {
    wholes[key] = whole
    record.append(
      JSONValue.object([
        "choice": .string(key), "kl": .number(whole.divergence), "top1": .number(whole.agreement), "acceptance": .optional(whole.acceptance),
      ]).encoded())
  }
}
