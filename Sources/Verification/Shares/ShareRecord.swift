internal import ByteStorage
internal import Conversion
internal import Models
internal import SpeculativeDecoding
internal import Tokenization

/// What a share of a verification saw, as a file keeps it until all shares are put together.
///
/// `formats/verification.md` is normative.
public struct ShareRecord: Sendable {
  static let formatName = "griffin-verification-share"
  static let formatVersion = 1

  /// What decides what is seen, by the names that users know it by: shares of one verification have the same.
  let parts: [(name: String, value: String)]
  /// Whose it is.
  let share: Share
  /// What was seen of each unit, by its place among all.
  let units: [Int: UnitObservation]
  /// Named in errors; nil for what was not read from a file.
  let file: String?

  init(parts: [(name: String, value: String)], share: Share, units: [Int: UnitObservation], file: String? = nil) {
    (self.parts, self.share, self.units, self.file) = (parts, share, units, file)
  }

  /// What decides what a verification sees.
  static func parts(_ agenda: Agenda, _ side: Verifier.Side, against other: ModelSource.Pair?) throws -> [(name: String, value: String)] {
    func identity(_ target: TargetModel?) throws -> String { try target.map { try $0.tensors.identity($0.configuration) } ?? "none" }
    func identity(_ draft: DraftModel?) throws -> String {
      try draft.map { "\($0.kind.name) \(try $0.tensors.identity($0.configuration))" } ?? "none"
    }
    let settings = agenda.settings
    var hasher = SHA256Hasher()
    for unit in agenda.units {
      let line = unit.line
      hasher.update(line.rawBytes)
    }
    let stops = settings.stopTokens.sorted().map(String.init).joined(separator: " ")
    return [
      ("the target", try identity(side.target)), ("the draft", try identity(side.draft)),
      ("the target of --against", try identity(other?.target)), ("its draft", try identity(other?.draft)),
      ("the tree", "\(settings.totalTokens) tokens, depth \(settings.depth), top \(settings.topK)"),
      ("what ends a generation", "\(settings.maxNewTokens) tokens, or one of [\(stops)]"),
      ("how prompts are written", agenda.processing.format.document.encoded()),
      ("the prompts and texts", hasher.finalize().hexadecimal),
    ]
  }
}

extension Verifier {
  /// What is seen of the units: of all, of a share, or as shares recorded it.
  func observations(
    _ agenda: Agenda, _ observer: UnitObserver, _ side: Side, _ request: VerificationRequest, into report: inout VerificationReport
  ) throws -> [UnitObservation] {
    guard request.share != nil || !request.merged.isEmpty else { return try agenda.units.map(observer.observe) }
    let parts = try ShareRecord.parts(agenda, side, against: request.against)
    guard let share = request.share else { return try merged(request.merged, agenda, parts) }
    var units: [Int: UnitObservation] = [:]
    for unit in agenda.unitsHere { units[unit] = try observer.observe(agenda.units[unit]) }
    report.record = ShareRecord(parts: parts, share: share, units: units)
    report.checks.append(
      VerificationReport.Check(
        "share", isOK: true,
        "\(units.count) of \(agenda.units.count) prompts and texts, share \(share.index) of \(share.count); --merge judges the whole"))
    return agenda.unitsHere.compactMap { units[$0] }
  }

  /// - Throws: `inconsistent` where a record is of another verification, or units are missing.
  private func merged(
    _ records: [ShareRecord], _ agenda: Agenda, _ parts: [(name: String, value: String)]
  ) throws(GriffinError) -> [UnitObservation] {
    var units: [Int: UnitObservation] = [:]
    for record in records {
      if let (mine, theirs) = zip(parts, record.parts).first(where: { $0 != $1 }) {
        throw GriffinError(
          .inconsistent, file: record.file,
          "it is of another verification: \(mine.name) was \(theirs.value.shortened(to: 120).printable), and is \(mine.value.shortened(to: 120).printable) here",
          hints: ["give --merge the same bundle, prompts and flags as the shares had"])
      }
      if let unit = record.units.keys.max(), unit >= agenda.units.count {
        throw GriffinError(.malformed, file: record.file, "it has unit \(unit); there are \(agenda.units.count)")
      }
      units.merge(record.units) { first, _ in first }
    }
    let missing = agenda.units.indices.filter { units[$0] == nil }
    guard missing.isEmpty else {
      let known = Set(records.map(\.share))
      let count = records[0].share.count
      let absent = (0..<count).filter { !known.contains(Share($0, of: count)) }
      throw GriffinError(
        .inconsistent, file: records[0].file,
        "\(missing.count) of \(agenda.units.count) prompts and texts are in no share that was given, the first of them number \(missing[0])",
        hints: absent.isEmpty ? [] : ["run verify --shard \(absent[0])/\(count), and give what it records too"])
    }
    return agenda.units.indices.compactMap { units[$0] }
  }
}
