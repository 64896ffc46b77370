internal import Bundles
public import ByteStorage
internal import Synchronization

/// Does units of a plan and notes each as done.
public struct UnitWorker: Sendable {
  /// What became of the units that were asked for.
  public struct Outcome: Sendable, Hashable {
    public let done: Int
    /// Units that were done and whole before.
    public let kept: Int
    /// Bytes of the source that were read.
    public let byteCount: Int
  }

  private let plan: PlanFile
  private let planPath: String
  private let conversion: ConversionPlan
  private let place: UnitPlace
  private let threads: Int
  private let cancellation: Cancellation
  private let progress: ProgressMeter.Report?

  /// - Parameters:
  ///   - planPath: Where the plan is; records are kept beside it where the output is shared.
  ///   - conversion: What `PlanFile.conversion` gives.
  public init(
    _ plan: PlanFile, at planPath: String, _ conversion: ConversionPlan, place: UnitPlace, threads: Int, cancellation: Cancellation = Cancellation(),
    progress: ProgressMeter.Report? = nil
  ) {
    (self.plan, self.planPath, self.conversion, self.place) = (plan, planPath, conversion, place)
    (self.threads, self.cancellation, self.progress) = (threads, cancellation, progress)
  }

  /// Does units that are not done yet.
  /// - Throws: `space` or `io` where writing fails; what reading the sources throws; `changed`; `interrupted`.
  public func run(_ units: [Int]) throws(GriffinError) -> Outcome {
    let folder = place.records(of: planPath)
    try FileSystem.makeFolder(folder)
    var shared: SharedFile?
    if case .shared(let output) = place {
      shared = try SharedFile(path: output + OutputFile.partialSuffix, byteCount: conversion.bundle.fileByteCount)
    }
    let (table, output, rowCounts) = (PieceTable(conversion.jobs), shared, plan.rowCounts)
    let meter = ProgressMeter(total: units.reduce(0) { $0 + plan.units[$1].byteCount }, report: progress)
    let kept = Atomic(0)
    let bytes = Atomic(0)
    try Workers.run(threads, jobs: units.count, makeState: { ByteBuffer(byteCount: ConversionPlan.chunkByteCount) }) { job, buffer throws(GriffinError) in
      let (number, unit) = (units[job], plan.units[units[job]])
      let sink = try sink(number, output, rowCounts)
      if case .success(let record) = UnitRecord.read(number, of: plan, inFolder: folder),
        try isWhole(unit, record, sink, rowCounts, &buffer)
      {
        kept.add(1, ordering: .relaxed)
        return meter.add(unit.byteCount)
      }
      let start = ContinuousClock.now
      var writer = PayloadWriter(
        sink, chunkByteCount: ConversionPlan.chunkByteCount, measuresErrors: false, cancellation: cancellation, meter: meter)
      var digests: [SHA256Digest] = []
      for piece in unit.pieces { digests.append(try writer.perform(piece, of: table)) }
      try conversion.inputs.checkUnchanged()
      // The record comes when the bytes are safe.
      if !sink.places.isEmpty { try sink.file.synchronize() }
      let record = UnitRecord(digests: digests, byteCount: unit.byteCount, seconds: start.secondsSince)
      try record.write(number, of: plan, inFolder: folder)
      bytes.add(unit.byteCount, ordering: .relaxed)
    }
    let before = kept.load(ordering: .relaxed)
    return Outcome(done: units.count - before, kept: before, byteCount: bytes.load(ordering: .relaxed))
  }

  /// Where a unit's bytes go.
  private func sink(_ number: Int, _ shared: SharedFile?, _ rowCounts: [Int: Int]) throws(GriffinError) -> UnitSink {
    let ranges = plan.units[number].pieces.compactMap { PieceRange($0, plan.manifest, rowCounts: rowCounts) }
    var places: [Int: Int] = [:]
    if let shared {
      for range in ranges { places[range.payload] = plan.manifest.payloads[range.payload].offset }
      return UnitSink(file: shared, places: places)
    }
    var next = 0
    for range in ranges {
      places[range.payload] = next - range.offset
      next += range.byteCount
    }
    guard case .folder(let folder) = place else { preconditionFailure("a shared output is open") }
    let path = FileSystem.path(folder, UnitRecord.name(number) + UnitPlace.ending)
    return UnitSink(file: try SharedFile(path: path, byteCount: next), places: places)
  }

  /// Whether what was written is still there.
  private func isWhole(
    _ unit: WorkUnit, _ record: UnitRecord, _ sink: UnitSink, _ rowCounts: [Int: Int], _ buffer: inout ByteBuffer
  ) throws(GriffinError) -> Bool {
    for (piece, digest) in zip(unit.pieces, record.digests) {
      guard let range = PieceRange(piece, plan.manifest, rowCounts: rowCounts) else { continue }
      guard try sink.digest(of: range, through: &buffer, cancellation: cancellation) == digest else { return false }
    }
    return true
  }
}
