internal import Bundles
public import ByteStorage
internal import Synchronization

/// Makes a bundle of a plan whose units are all done.
public struct PlanFinish: Sendable {
  private let plan: PlanFile
  private let planPath: String
  private let conversion: ConversionPlan
  private let place: UnitPlace
  private let output: String
  private let force: Bool
  private let threads: Int
  private let cancellation: Cancellation
  private let progress: ProgressMeter.Report?

  /// - Parameters:
  ///   - conversion: What `PlanFile.conversion` gives: attachments come from the sources.
  ///   - output: The bundle to be.
  public init(
    _ plan: PlanFile, at planPath: String, _ conversion: ConversionPlan, place: UnitPlace, output: String, force: Bool, threads: Int,
    cancellation: Cancellation = Cancellation(), progress: ProgressMeter.Report? = nil
  ) {
    (self.plan, self.planPath, self.conversion, self.place) = (plan, planPath, conversion, place)
    (self.output, self.force, self.threads) = (output, force, threads)
    (self.cancellation, self.progress) = (cancellation, progress)
  }

  /// Checks every unit's bytes against its record, copies them where they lie apart, and writes manifest and header.
  /// - Returns: The bundle's digest.
  /// - Throws: `inconsistent` where units are missing or not what their records say; `exists` where workers still write; what writing throws.
  public func run() throws(GriffinError) -> SHA256Digest {
    let records = try self.records()
    try conversion.inputs.checkOutput(path: output)
    let isShared = if case .shared = place { true } else { false }
    let file = try OutputFile(path: output, force: force, leftover: isShared ? .resume : force ? .replace : .refuse)
    var isSound = false
    defer {
      // What workers wrote stays for them to mend.
      if isShared, !isSound { file.keep() }
    }
    if isShared, !file.isResumed {
      isSound = true
      throw GriffinError(.missing, file: file.partialPath, "what workers wrote is not there", hints: ["griffin work PLAN --output \(output) makes it"])
    }
    let writer = try BundleWriter(plan: conversion.bundle, output: file)
    for (index, attachment) in conversion.attachments.enumerated() { try writer.write(attachment.frame.rawBytes, toPayload: index, at: 0) }
    let damaged = try gather(records, writer)
    guard damaged.isEmpty else {
      throw GriffinError(
        .inconsistent, file: planPath, "units \(PlanStatus.array(damaged)) are not what their records say",
        hints: ["griffin work PLAN does them again"])
    }
    var payloads = conversion.bundle.manifest.payloads.map(\.digest)
    var provenance = conversion.bundle.manifest.provenance.map(\.digest)
    var divided: Set<Int> = []
    for (unit, record) in zip(plan.units, records) {
      for (piece, digest) in zip(unit.pieces, record.digests) {
        switch piece {
        case .payload(let index, nil): payloads[index] = digest
        case .payload(let index, _?): divided.insert(index)
        case .hash(let index): provenance[index] = digest
        }
      }
    }
    for (index, digest) in try digests(of: divided.sorted(), writer) { payloads[index] = digest }
    try cancellation.check()
    let digest = try writer.finish(payloadDigests: payloads, provenanceDigests: provenance)
    isSound = true
    return digest
  }

  private func records() throws(GriffinError) -> [UnitRecord] {
    let folder = place.records(of: planPath)
    var records: [UnitRecord] = []
    var left: [Int] = []
    for number in plan.units.indices {
      if case .success(let record)? = UnitRecord.read(number, of: plan, inFolder: folder) { records.append(record) } else { left.append(number) }
    }
    guard left.isEmpty else {
      throw GriffinError(
        .inconsistent, file: planPath, "\(left.count) of \(plan.units.count) units are not done: \(PlanStatus.array(left).shortened(to: 200))",
        hints: ["griffin work PLAN does them; griffin status PLAN says how far they are"])
    }
    return records
  }

  /// Reads every unit, and copies it where it lies apart.
  /// - Returns: Numbers of units that are not what their records say.
  private func gather(_ records: [UnitRecord], _ writer: BundleWriter) throws(GriffinError) -> [Int] {
    let (damaged, rowCounts) = (Locked([Int]()), plan.rowCounts)
    let meter = ProgressMeter(total: conversion.bundle.fileByteCount, report: progress)
    try Workers.run(threads, jobs: plan.units.count, makeState: { ByteBuffer(byteCount: ConversionPlan.chunkByteCount) }) { number, buffer throws(GriffinError) in
      let ranges = plan.units[number].pieces.map { PieceRange($0, plan.manifest, rowCounts: rowCounts) }
      var source: InputFile?
      if case .folder(let folder) = place, ranges.contains(where: { $0 != nil }) {
        let path = FileSystem.path(folder, UnitRecord.name(number) + UnitPlace.ending)
        guard let file = try? InputFile(path: path), file.byteCount == ranges.reduce(0, { $0 + ($1?.byteCount ?? 0) }) else {
          return damaged.withLock { $0.append(number) }
        }
        source = file
      }
      var position = 0
      for (range, digest) in zip(ranges, records[number].digests) {
        guard let range else { continue }
        var found: SHA256Digest?
        if let source {
          var hasher = SHA256Hasher()
          try source.forEachChunk(of: position..<position + range.byteCount, through: &buffer, cancellation: cancellation) {
            bytes, offset throws(GriffinError) in
            hasher.update(bytes)
            try writer.write(bytes, toPayload: range.payload, at: range.offset + offset - position)
          }
          found = hasher.finalize()
          position += range.byteCount
        } else {
          found = try writer.digest(of: range, through: &buffer, cancellation: cancellation)
          guard found != nil else { throw unreadable }
        }
        meter.add(range.byteCount)
        guard found == digest else { return damaged.withLock { $0.append(number) } }
      }
    }
    return damaged.withLock { $0.sorted() }
  }

  private var unreadable: GriffinError { GriffinError(.io, file: output, "what workers wrote cannot be read") }

  /// Digests of payloads that several units made.
  private func digests(of payloads: [Int], _ writer: BundleWriter) throws(GriffinError) -> [Int: SHA256Digest] {
    let found = Locked([Int: SHA256Digest]())
    try Workers.run(threads, jobs: payloads.count, makeState: { ByteBuffer(byteCount: ConversionPlan.chunkByteCount) }) { job, buffer throws(GriffinError) in
      let whole = 0..<conversion.bundle.manifest.payloads[payloads[job]].byteCount
      guard let digest = try writer.digest(ofPayload: payloads[job], whole, through: &buffer, cancellation: cancellation) else {
        throw unreadable
      }
      found.withLock { $0[payloads[job]] = digest }
    }
    return found.withLock(\.self)
  }
}
