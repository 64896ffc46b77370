internal import ByteStorage

/// What each piece of a conversion is made of: by payload, and by weight file.
///
/// One process that converts and workers that share a plan do the same pieces through it (`PayloadWriter.perform`); they differ in how
/// pieces are cut and in where it is noted that one is done.
struct PieceTable: Sendable {
  typealias Payload = (tensor: StoredTensor, conversion: TensorConversion, name: String)

  private var payloads: [Int: Payload] = [:]
  private var files: [Int: InputFile] = [:]

  init(_ jobs: [ConversionJob]) {
    for job in jobs {
      switch job {
      case .payload(let index, let tensor, let conversion, let name): payloads[index] = (tensor, conversion, name)
      case .provenance(let index, let file): files[index] = file
      }
    }
  }

  subscript(payload index: Int) -> Payload {
    guard let payload = payloads[index] else { preconditionFailure("a piece of another conversion") }
    return payload
  }

  subscript(file index: Int) -> InputFile {
    guard let file = files[index] else { preconditionFailure("a piece of another conversion") }
    return file
  }
}

extension PayloadWriter {
  /// Does a piece.
  /// - Returns: SHA-256 of what was written, or of the weight file.
  /// - Throws: What `write` and reading throw.
  mutating func perform(_ piece: WorkUnit.Piece, of table: PieceTable) throws(GriffinError) -> SHA256Digest {
    switch piece {
    case .payload(let index, let rows):
      let (tensor, conversion, name) = table[payload: index]
      return try write(tensor, by: conversion, toPayload: index, name: name, rows: rows)
    case .hash(let index): return try hash(table[file: index])
    }
  }
}

extension ConversionPlan {
  /// All pieces as threads of one process take them, in the order of its jobs.
  ///
  /// Jobs of a far source are taken in pieces: its files are read once, from one end to the other, and hashed as they come by. On disk a tensor
  /// is one thread's, which reads where it likes.
  func pieces(_ record: ConversionRecord?) -> [WorkUnit.Piece] {
    var isFar = false
    for job in jobs {
      guard let file = job.farFile, case .provenance(let index, _) = job else { continue }
      isFar = true
      if record?.hashed[index] == nil { file.follow() }
    }
    return jobs.flatMap { job -> [WorkUnit.Piece] in
      switch job {
      case .provenance(let index, _): return [.hash(index)]
      case .payload(let index, _, let conversion, _):
        let isWhole = !isFar || record?.finished[index] != nil || conversion.isMeasured(measuresErrors)
        return (isWhole ? [nil] : job.pieces).map { .payload(index, rows: $0) }
      }
    }
  }
}
