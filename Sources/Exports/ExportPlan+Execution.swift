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
  ///   - check: Reads back what was written, at the path that it is given in the output's stead; where it throws, nothing is left.
  /// - Throws: `exists` or `uncreatable` where the output cannot be made; `space` or `io` where writing fails; `malformed` where a
  ///   payload is damaged; `unsupported` for a value that the type it is to have cannot hold; `interrupted`. Nothing is left then.
  package func write(
    to output: String, force: Bool, threads: Int, cancellation: Cancellation, progress: ProgressMeter.Report? = nil,
    check: (_ path: String) throws(GriffinError) -> Void = { (_) throws(GriffinError) in }
  ) throws(GriffinError) {
    let place = try OutputPlace(self, output, force: force)
    var outputs: [OutputFile] = []
    for index in files.indices { outputs.append(try place.file(index)) }
    try outputs.first?.checkRoom(byteCount: byteCount)
    for (file, output) in zip(files, outputs) {
      try output.reserve(byteCount: file.byteCount)
      try output.write(file.head.rawBytes, at: 0)
    }
    try writeTensors(to: outputs, threads: threads, cancellation: cancellation, progress: progress)
    try cancellation.check()
    for output in outputs { try output.commit() }
    try check(place.partialPath)
    try cancellation.check()
    try place.commit()
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

/// Where an export is made until it takes its name.
private enum OutputPlace {
  case folder(OutputFolder, [ExportFile])
  case files(OutputFileGroup, first: String)

  init(_ plan: ExportPlan, _ output: String, force: Bool) throws(GriffinError) {
    switch plan.layout {
    case .folder: self = .folder(try OutputFolder(path: output, force: force), plan.files)
    case .files:
      let paths = plan.files.map { plan.path(of: $0, output: output) }
      self = .files(try OutputFileGroup(path: output, files: paths, force: force), first: FileSystem.split(output).name)
    }
  }

  /// What stands for the output's path meanwhile.
  var partialPath: String {
    switch self {
    case .folder(let folder, _): folder.partialPath
    case .files(let group, let name): FileSystem.path(group.partialPath, name)
    }
  }

  func file(_ index: Int) throws(GriffinError) -> OutputFile {
    switch self {
    case .folder(let folder, let files): try folder.file(files[index].name)
    case .files(let group, _): try group.file(index)
    }
  }

  func commit() throws(GriffinError) {
    switch self {
    case .folder(let folder, _): try folder.commit()
    case .files(let group, _): try group.commit()
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
