public import ByteStorage

/// How far a plan's units have come, by their records.
public struct PlanStatus: Sendable {
  public let unitCount: Int
  public let byteCount: Int
  /// Numbers of units whose record is there and of this plan.
  public let done: [Int]
  /// Numbers of units without a record, or with one that cannot be used.
  public let left: [Int]
  /// Of `left`, those with a record that cannot be used, or whose file is missing or of another size.
  public let damaged: [Int]
  /// Bytes of the source that done units stand for.
  public let doneByteCount: Int
  /// Bytes of the source that a worker has done a second; nil where nothing is done.
  public let rate: Double?

  /// Reads records, and no payloads.
  /// - Parameters:
  ///   - place: Where units were left.
  ///   - planPath: Where the plan is.
  public init(_ plan: PlanFile, at planPath: String, place: UnitPlace) {
    let folder = place.records(of: planPath)
    let rowCounts = plan.rowCounts
    var (done, left, damaged): ([Int], [Int], [Int]) = ([], [], [])
    var (bytes, seconds, worked) = (0, 0.0, 0)
    for (number, unit) in plan.units.enumerated() {
      guard let found = UnitRecord.read(number, of: plan, inFolder: folder) else {
        left.append(number)
        continue
      }
      guard case .success(let record) = found, PlanStatus.hasItsFile(number, unit, plan, place, rowCounts) else {
        left.append(number)
        damaged.append(number)
        continue
      }
      done.append(number)
      bytes += unit.byteCount
      (seconds, worked) = (seconds + record.seconds, worked + record.byteCount)
    }
    (self.done, self.left, self.damaged) = (done, left, damaged)
    (unitCount, doneByteCount) = (plan.units.count, bytes)
    byteCount = plan.units.reduce(0) { $0 + $1.byteCount }
    rate = seconds > 0 ? Double(worked) / seconds : nil
  }

  private static func hasItsFile(_ number: Int, _ unit: WorkUnit, _ plan: PlanFile, _ place: UnitPlace, _ rowCounts: [Int: Int]) -> Bool {
    guard case .folder(let folder) = place else { return true }
    let bytes = unit.pieces.compactMap { PieceRange($0, plan.manifest, rowCounts: rowCounts) }.reduce(0) { $0 + $1.byteCount }
    guard bytes > 0 else { return true }
    return (try? InputFile(path: FileSystem.path(folder, UnitRecord.name(number) + UnitPlace.ending)))?.byteCount == bytes
  }

  /// Seconds that one worker would take for the rest, at the rate of those before; nil where nothing is done.
  public var secondsLeft: Double? { rate.map { Double(byteCount - doneByteCount) / max($0, 1) } }

  /// Numbers as job arrays take them: `3,7-9`.
  public static func array(_ numbers: [Int]) -> String {
    var parts: [String] = []
    var start: Int?
    for (index, number) in numbers.enumerated() {
      if start == nil { start = number }
      if index + 1 < numbers.count, numbers[index + 1] == number + 1 { continue }
      parts.append(start == number ? "\(number)" : "\(start ?? number)-\(number)")
      start = nil
    }
    return parts.joined(separator: ",")
  }

  /// Shards of so many in which a unit is left.
  public func shardsLeft(of count: Int) -> [Int] { Set(left.map { $0 % count }).sorted() }

  public var document: JSONObject {
    [
      "units": .integer(unitCount), "done": .integer(done.count), "missing": .integer(left.count - damaged.count), "damaged": .integer(damaged.count),
      "bytes": .integer(byteCount), "bytes_done": .integer(doneByteCount), "bytes_per_second": rate.map { .number($0) } ?? .null,
      "seconds_left": secondsLeft.map { .number($0) } ?? .null, "left": .string(PlanStatus.array(left)),
    ]
  }
}
