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

  /// The error for who does not go on with a damaged bundle.
  /// - Parameters:
  ///   - file: The bundle.
  ///   - deed: What is not done with one, such as `packed`.
  package func refusal(of file: String, deed: String) -> GriffinError {
    GriffinError(
      .malformed, file: file, tensor: tensors.first, offset: offset, message,
      hints: ["a damaged bundle is not \(deed); get it again, or convert it again"])
  }
}

extension ModelBundle {
  /// Bytes that one thread reads and hashes at a time; small enough to stay in its cache, and few calls.
  private static let chunkByteCount = 1 << 20

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
  ///   - threads: Threads to read and hash on. Memory is bounded by 1 MiB a thread and one attachment each.
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
    let failures = Locked<[IntegrityFailure]>([])
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
    let gaps = manifest.gaps(from: BundleFormat.headerByteCount + manifestByteCount, fileByteCount: file.byteCount)
    return manifest.payloads.indices.map(Part.payload) + gaps.map(Part.padding)
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
    let found = try SHA256Digest(of: file, in: payload.range, through: &buffer, cancellation: cancellation, meter: meter)
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
    let found = try file.firstNonzeroByte(in: range, through: &buffer, cancellation: cancellation)
    meter.add(range.count)
    return found.map {
      IntegrityFailure(
        offset: range.lowerBound, byteCount: range.count, tensors: [], message: "padding: byte \($0.offset) is \($0.byte), expected 0")
    }
  }
}
