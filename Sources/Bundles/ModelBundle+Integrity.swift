public import ByteStorage
internal import Tensors

/// A part of a bundle that is not what its manifest says.
public struct IntegrityFailure: Sendable, Hashable {
  /// Where the part begins in the file.
  public let offset: Int
  public let byteCount: Int
  /// The tensors whose bytes are concerned; none for padding and attachments.
  public let tensors: [String]
  /// One line: what was found and what was expected.
  public let message: String
}

extension ModelBundle {
  /// Bytes that one thread reads and hashes at a time; small enough to stay in its cache.
  private static let chunkByteCount = 256 << 10

  /// A stretch of the file to check.
  private enum Part {
    case payload(Int)
    case padding(Range<Int>)

    func byteCount(in manifest: Manifest) -> Int {
      switch self {
      case .payload(let index): manifest.payloads[index].byteCount
      case .padding(let range): range.count
      }
    }
  }

  /// Reads every byte after the manifest and compares it with what the manifest promises: payloads by their
  /// SHA-256, attachments by their content, padding by being zero. (Header and manifest were checked on opening.)
  ///
  /// - Parameters:
  ///   - threads: Threads to read and hash on. Memory is bounded by 256 KiB a thread and one attachment each.
  ///   - cancellation: Looked at between chunks.
  ///   - progress: Told of bytes done and bytes in all, from one thread at a time.
  /// - Returns: What is wrong, in the order of the file; empty where nothing is.
  /// - Throws: `io`, `changed` or `interrupted` where checking could not be completed.
  public func verifyPayloads(
    threads: Int, cancellation: Cancellation = Cancellation(), progress: ProgressMeter.Report? = nil
  ) throws(GriffinError) -> [IntegrityFailure] {
    // The largest first, so that no thread is left alone with a long one at the end.
    let parts = parts.sorted { $0.byteCount(in: manifest) > $1.byteCount(in: manifest) }
    let meter = ProgressMeter(total: parts.reduce(0) { $0 + $1.byteCount(in: manifest) }, report: progress)
    let tensorNames = tensorNamesByPayload
    let failures = Guarded<[IntegrityFailure]>([])
    try Workers.run(threads, jobs: parts.count, makeState: { ByteBuffer(byteCount: ModelBundle.chunkByteCount) }) {
      job, buffer throws(GriffinError) in
      let failure =
        switch parts[job] {
        case .payload(let index):
          try checkPayload(index, tensors: tensorNames[index], &buffer, cancellation, meter)
        case .padding(let range): try checkPadding(range, &buffer, cancellation, meter)
        }
      if let failure { failures.withLock { $0.append(failure) } }
    }
    try file.checkUnchanged()
    return failures.withLock { $0 }.sorted { $0.offset < $1.offset }
  }

  private var parts: [Part] {
    var parts: [Part] = []
    var end = BundleFormat.headerByteCount + manifestByteCount
    for (index, payload) in manifest.payloads.enumerated() {
      if end < payload.offset { parts.append(.padding(end..<payload.offset)) }
      parts.append(.payload(index))
      end = payload.offset + payload.byteCount
    }
    if end < file.byteCount { parts.append(.padding(end..<file.byteCount)) }
    return parts
  }

  private var tensorNamesByPayload: [[String]] {
    var names = [[String]](repeating: [], count: manifest.payloads.count)
    for tensor in manifest.tensors { names[tensor.payload].append(tensor.descriptor.name) }
    return names
  }

  private func checkPayload(
    _ index: Int, tensors: [String], _ buffer: inout ByteBuffer, _ cancellation: Cancellation, _ meter: ProgressMeter
  ) throws(GriffinError) -> IntegrityFailure? {
    let payload = manifest.payloads[index]
    var hasher = SHA256Hasher()
    try forEachChunk(payload.offset..<payload.offset + payload.byteCount, &buffer, cancellation, meter) { bytes, _ in
      hasher.update(bytes)
      return true
    }
    let found = hasher.finalize()
    func failure(_ message: String) -> IntegrityFailure {
      IntegrityFailure(offset: payload.offset, byteCount: payload.byteCount, tensors: tensors, message: message)
    }
    let attachment = manifest.attachments.first { $0.payload == index }
    guard found == payload.digest else {
      let owner = attachment.map { "attachment \($0.name)" } ?? "tensor \(tensors.joined(separator: ", "))"
      return failure("\(owner): SHA-256 is \(found), expected \(payload.digest)")
    }
    guard let attachment else { return nil }
    do throws(GriffinError) {
      _ = try content(of: attachment)
      return nil
    } catch {
      guard error.kind == .malformed || error.kind == .unsafe else { throw error }
      return failure(error.message)
    }
  }

  private func checkPadding(
    _ range: Range<Int>, _ buffer: inout ByteBuffer, _ cancellation: Cancellation, _ meter: ProgressMeter
  ) throws(GriffinError) -> IntegrityFailure? {
    var failure: IntegrityFailure?
    try forEachChunk(range, &buffer, cancellation, meter) { bytes, offset in
      for index in 0..<bytes.byteCount where bytes[index] != 0 {
        failure = IntegrityFailure(
          offset: range.lowerBound, byteCount: range.count, tensors: [],
          message: "padding: byte \(offset + index) is \(bytes[index]), expected 0")
        return false
      }
      return true
    }
    return failure
  }

  /// - Parameter body: Takes a chunk and its offset in the file; false ends the loop.
  private func forEachChunk(
    _ range: Range<Int>, _ buffer: inout ByteBuffer, _ cancellation: Cancellation, _ meter: ProgressMeter,
    _ body: (RawSpan, Int) -> Bool
  ) throws(GriffinError) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      try cancellation.check()
      let count = min(range.upperBound - offset, buffer.byteCount)
      var chunk = buffer.mutablePrefix(count)
      try file.read(at: offset, into: &chunk)
      meter.add(count)
      guard body(buffer.bytes.extracting(0..<count), offset) else { return }
      offset += count
    }
  }
}
