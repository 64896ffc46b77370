package import ByteStorage
internal import Conversion
internal import Tensors

extension ExportPlan {
  /// Bytes that one thread reads at a time.
  private static let chunkByteCount = 1 << 20

  /// Writes every file and gives them their names. The bytes do not depend on the number of threads. Every payload that is read
  /// is held against its digest, so that damage does not travel.
  ///
  /// - Parameters:
  ///   - output: The path of the folder, or of the first file.
  ///   - force: Replace what is there.
  ///   - cancellation: Looked at between chunks.
  ///   - progress: Told of bytes done and bytes in all.
  ///   - check: Reads back what was written, at the path that it is given; where it throws, nothing is left.
  /// - Throws: `exists` or `uncreatable` where the output cannot be made; `space` or `io` where writing fails; `malformed` where a
  ///   payload is damaged; `unsupported` for a value that the type it is to have cannot hold; `interrupted`. Nothing is left then.
  package func write(
    to output: String, force: Bool, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report? = nil,
    check: (_ path: String) throws(GriffinError) -> Void = { (_) throws(GriffinError) in }
  ) throws(GriffinError) {
    let folder = layout == .folder ? try OutputFolder(path: output, force: force) : nil
    var outputs: [OutputFile] = []
    for file in files {
      if let folder {
        outputs.append(try folder.file(file.name))
      } else {
        outputs.append(try OutputFile(path: path(of: file, output: output), force: force))
      }
    }
    try outputs.first?.checkRoom(byteCount: byteCount)
    for (file, output) in zip(files, outputs) {
      try output.reserve(byteCount: file.byteCount)
      try output.write(file.head.rawBytes, at: 0)
    }
    try writeTensors(to: outputs, threads: threads, cancellation: cancellation, progress: progress)
    try cancellation.check()
    for output in outputs { try output.commit() }
    do throws(GriffinError) {
      try check(folder?.partialPath ?? output)
    } catch {
      // Files beside one another have their names by now.
      if folder == nil { for output in outputs { FileSystem.remove(output.path) } }
      throw error
    }
    try folder?.commit()
  }

  private func writeTensors(
    to outputs: [OutputFile], threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report?
  ) throws(GriffinError) {
    let sink = ExportSink(files, outputs)
    let jobs = sink.places.map(\.tensor)
    let meter = ProgressMeter(total: jobs.reduce(0) { $0 + $1.stored.descriptor.byteCount }, report: progress)
    let makeState: @Sendable () -> PayloadWriter = {
      PayloadWriter(
        sink, chunkByteCount: ExportPlan.chunkByteCount, measuresErrors: false, cancellation: cancellation, meter: meter)
    }
    try Workers.run(threads, jobs: jobs.count, makeState: makeState) { job, state throws(GriffinError) in
      let tensor = jobs[job]
      for payload in tensor.payloads { try state.check(payload) }
      _ = try state.write(tensor.stored, by: tensor.conversion, toPayload: job, name: tensor.descriptor.name)
    }
  }
}

/// The files of an export, as places for payloads: the tensors of all files, one after another.
private struct ExportSink: PayloadSink {
  struct Place {
    let tensor: ExportTensor
    let output: OutputFile
    let range: Range<Int>
  }

  let places: [Place]

  init(_ files: [ExportFile], _ outputs: [OutputFile]) {
    places = zip(files, outputs).flatMap { file, output in
      file.tensors.map { Place(tensor: $0.tensor, output: output, range: $0.offset..<$0.offset + $0.tensor.descriptor.byteCount) }
    }
  }

  func write(_ bytes: RawSpan, toPayload index: Int, at offset: Int) throws(GriffinError) {
    let place = places[index]
    precondition(offset >= 0 && offset + bytes.byteCount <= place.range.count, "bytes outside their tensor")
    try place.output.write(bytes, at: place.range.lowerBound + offset, ofRun: place.range)
  }

  func read(payload index: Int, at offset: Int, into buffer: inout MutableRawSpan) -> Bool {
    places[index].output.read(at: places[index].range.lowerBound + offset, into: &buffer)
  }
}
