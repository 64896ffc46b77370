import ByteStorage
import Statistics
import Training

/// What training gave, as text for people, as JSON, and as the remark in the bundle.
struct AlignmentReport {
  private let outcome: Alignment.Outcome
  private let isWritten: Bool
  private let output: String
  private let identity: JSONValue

  init(_ outcome: Alignment.Outcome, isWritten: Bool, output: String, identity: JSONValue) {
    (self.outcome, self.isWritten, self.output, self.identity) = (outcome, isWritten, output, identity)
  }

  /// Everything that the result follows from.
  static func identity(
    _ subject: AlignmentSubject, _ options: TrainingSettings, _ items: [[Int]], kind: AlignmentData.Kind, method: String
  ) -> JSONValue {
    var bytes: [UInt8] = []
    for item in items {
      bytes.append(littleEndian: UInt32(item.count))
      for id in item { bytes.append(littleEndian: UInt32(id)) }
    }
    return [
      "version": 1, "method": .string(method), "from": subject.origin, "options": options.document,
      "data": ["kind": .string(kind.rawValue), "count": .integer(items.count), "sha256": .string(SHA256Digest(of: bytes.rawBytes).hexadecimal)],
    ]
  }

  private var measured: JSONObject {
    var object: JSONObject = [
      "acceptance_length_before": .number(outcome.before), "acceptance_length": .number(outcome.after),
      "interval": outcome.interval.document, "measured_tokens": .integer(outcome.measuredTokens),
      "trained_tokens": .integer(outcome.trainedTokens), "steps": .integer(outcome.steps), "best_step": .integer(outcome.bestStep),
    ]
    if let loss = outcome.loss {
      object["loss"] = [
        "acceptance_length_source": .number(loss.original), "acceptance_length": .number(loss.present),
        "interval": loss.interval.document, "measured_tokens": .integer(loss.measuredTokens),
      ]
    }
    return object
  }

  /// The remark: where the draft is from, how it was trained, and what that gave.
  var remark: JSONValue {
    var object = identity.object ?? [:]
    for member in measured.members { object[member.key] = member.value }
    return .object(object)
  }

  func document(digest: SHA256Digest?, warnings: [String]) -> JSONValue {
    var object: JSONObject = [
      "output": isWritten ? .string(output) : .null, "digest": digest.map { .string($0.hexadecimal) } ?? .null,
      "gain": .bool(outcome.isGain),
    ]
    for member in measured.members { object[member.key] = member.value }
    object["curve"] = .array(outcome.curve.map { .array([.integer($0.step), .number($0.length)]) })
    object["losses"] = .array(outcome.losses.map { .number($0) })
    object["options"] = identity["options"] ?? .null
    object["warnings"] = .array(warnings.map { .string($0) })
    return .object(object)
  }

  private static func line(_ before: Double, _ after: Double, _ interval: Interval, _ tokens: Int) -> String {
    func number(_ value: Double) -> String { value.isFinite ? Formatting.fixed(value, 3) : "?" }
    return
      "acceptance length \(Formatting.fixed(before, 3)) -> \(Formatting.fixed(after, 3)), difference \(number(interval.low)) to "
      + "\(number(interval.high)) over \(tokens) held-out tokens"
  }

  var text: String {
    var lossLine = ""
    if let loss = outcome.loss {
      let interval = Interval(-loss.interval.high, -loss.interval.low)
      let line = AlignmentReport.line(loss.original, loss.present, interval, loss.measuredTokens)
      guard loss.isLoss || isWritten || outcome.steps > 0 else { return "nothing was lost, nothing written: from --against to the bundle \(line)" }
      lossLine = "\(loss.isLoss ? "lost" : "nothing was lost"): from --against to the bundle \(line)\n"
    }
    let numbers = AlignmentReport.line(outcome.before, outcome.after, outcome.interval, outcome.measuredTokens)
    guard isWritten else { return "\(lossLine)no gain, nothing written: \(numbers)" }
    return lossLine + "\(outcome.isGain ? "better" : "no gain"): \(numbers); \(outcome.steps) steps over \(outcome.trainedTokens) tokens, step \(outcome.bestStep) is kept\n\(output)"
  }
}
