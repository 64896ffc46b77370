internal import ByteStorage

/// What a thread takes at a time: a job, or some rows of one.
struct ConversionTask: Sendable {
  let job: Int
  /// nil for all.
  let rows: Range<Int>?

  /// Everything to do, in order.
  ///
  /// Jobs of a far source are taken in pieces: its files are read once, from one end to the other, and hashed as they come by. On disk a tensor is
  /// one thread's, which reads where it likes.
  static func all(of plan: ConversionPlan, _ record: ConversionRecord?) -> [ConversionTask] {
    var isFar = false
    for job in plan.jobs {
      guard let file = job.farFile, case .provenance(let index, _) = job else { continue }
      isFar = true
      if record?.hashed[index] == nil { file.follow() }
    }
    return plan.jobs.enumerated().flatMap { number, job in
      var rows = isFar ? job.pieces : [nil]
      if case .payload(let index, _, let conversion, _) = job, record?.finished[index] != nil || conversion.isMeasured(plan.measuresErrors) {
        rows = [nil]
      }
      return rows.map { ConversionTask(job: number, rows: $0) }
    }
  }
}
