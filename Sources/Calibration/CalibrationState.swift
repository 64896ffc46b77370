internal import ByteStorage
internal import Checkpoints

/// What a calibration leaves beside its output, so that a later run can go on: `formats/imatrix.md`, section 4.
///
/// The partial file has two places for sums, written in turn, and the record says what is whole in which: whatever ends the
/// process leaves one of them.
struct CalibrationState {
  /// How far the sums in a place have come.
  private struct Mark {
    let chunks, tokens, trees, place: Int
    let digest: String

    var line: String {
      let value: JSONValue = [
        "chunks": .integer(chunks), "tokens": .integer(tokens), "trees": .integer(trees), "place": .integer(place),
        "sha256": .string(digest),
      ]
      return value.encoded()
    }

    init(chunks: Int, tokens: Int, trees: Int, place: Int, digest: String) {
      (self.chunks, self.tokens, self.trees, self.place, self.digest) = (chunks, tokens, trees, place, digest)
    }

    init?(_ value: JSONValue) {
      guard let chunks = value["chunks"]?.integer, let tokens = value["tokens"]?.integer, let trees = value["trees"]?.integer,
        let place = value["place"]?.integer, let digest = value["sha256"]?.string, chunks > 0, (0...1).contains(place), tokens >= 0, trees >= 0
      else { return nil }
      (self.chunks, self.tokens, self.trees, self.place, self.digest) = (chunks, tokens, trees, place, digest)
    }
  }

  private static let format = "griffin-calibration"
  private static let limits = JSONLimits(bytes: 4096, depth: 3, values: 32, stringBytes: 1024)

  private let file: OutputFile
  private let byteCount: Int
  private var place = 0

  /// Begins a state, or takes over the one that is there.
  /// - Parameter force: Whether one that cannot be continued is begun again.
  /// - Returns: A line on why it was begun again, where it was.
  /// - Throws: `exists` where the partial file is of another calibration; `space` and `io`.
  static func open(
    _ file: OutputFile, _ plan: CalibrationPlan, collector: ActivationCollector, force: Bool
  ) throws(GriffinError) -> (state: CalibrationState, warning: String?) {
    var state = CalibrationState(file: file, byteCount: collector.stateByteCount)
    let head = CalibrationState.head(plan)
    var warning: String?
    if file.isResumed {
      let lines = file.record.reopen()
      if let problem = CalibrationState.difference(lines ?? [], head) {
        let message = "the partial file is of another calibration: \(problem)"
        guard force else {
          throw GriffinError(
            .exists, file: file.partialPath, message,
            hints: ["--force with --resume starts again where a file cannot be continued; without, it always does"])
        }
        warning = "\(file.partialPath): \(message); started again".printable
        try file.restart()
      } else {
        state.restore((lines ?? []).dropFirst(head.count).compactMap(\.self), collector)
        return (state, nil)
      }
    }
    try file.checkRoom(byteCount: 2 * state.byteCount)
    try file.record.begin(head)
    return (state, warning)
  }

  /// Notes what the collector has.
  /// - Throws: `space` and `io`.
  mutating func save(_ collector: ActivationCollector) throws(GriffinError) {
    let bytes = collector.state
    try file.write(bytes.rawBytes, at: place * byteCount)
    try file.synchronize()
    let mark = Mark(
      chunks: collector.sums.chunkCount, tokens: collector.tokenCount, trees: collector.treeCount, place: place,
      digest: SHA256Digest(of: bytes.rawBytes).hexadecimal)
    file.record.append(mark.line)
    place = 1 - place
  }

  /// Takes up the newest sums that are whole; without any, a run begins at the start.
  private mutating func restore(_ lines: [String], _ collector: ActivationCollector) {
    for line in lines.reversed() {
      guard let mark = (try? JSONValue.parse(line.rawBytes, limits: CalibrationState.limits)).flatMap(Mark.init) else { continue }
      var buffer = ByteBuffer(byteCount: byteCount)
      var bytes = buffer.mutableBytes
      guard file.read(at: mark.place * byteCount, into: &bytes) else { continue }
      let read = buffer.bytes
      guard SHA256Digest(of: read).hexadecimal == mark.digest else { continue }
      collector.restore(read, chunks: mark.chunks, tokens: mark.tokens, trees: mark.trees)
      place = 1 - mark.place
      return
    }
  }

  private init(file: OutputFile, byteCount: Int) { (self.file, self.byteCount) = (file, byteCount) }

  private static func head(_ plan: CalibrationPlan) -> [String] {
    let first: JSONValue = ["format": .string(format), "version": .integer(1), "parts": .integer(plan.parts.count)]
    let parts = plan.parts.map { part -> JSONValue in ["part": .string(part.name), "value": .string(part.value)] }
    return ([first] + parts).map { $0.encoded() }
  }

  /// What differs, in words; nil where a record begins as `head` says.
  private static func difference(_ lines: [String?], _ head: [String]) -> String? {
    guard lines.count >= head.count, lines[0] == head[0] else { return "its record is missing, damaged or of another kind" }
    for (line, expected) in zip(lines, head) where line != expected {
      let part = (try? JSONValue.parse(expected.rawBytes, limits: limits))?["part"]?.string ?? "a line of its record"
      return "\(part) differs"
    }
    return nil
  }
}

extension ActivationCollector {
  /// Sums and counts in the order of the entries' names.
  private var ordered: [String] { sums.entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// Bytes of `state`.
  var stateByteCount: Int { sums.entries.values.reduce(0) { $0 + 4 * ($1.sums.count + $1.counts.count) } }

  /// All sums and counts, little-endian.
  var state: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(stateByteCount)
    for name in ordered {
      guard let entry = sums.entries[name] else { continue }
      for value in entry.sums + entry.counts { bytes.append(littleEndian: value.bitPattern) }
    }
    return bytes
  }

  /// Takes sums and counts back.
  /// - Precondition: `bytes` has `stateByteCount` bytes.
  func restore(_ bytes: RawSpan, chunks: Int, tokens: Int, trees: Int) {
    var offset = 0
    func next() -> Float {
      defer { offset += 4 }
      return Float(bitPattern: bytes.littleEndian(UInt32.self, at: offset) ?? 0)
    }
    for name in ordered {
      guard var entry = sums.entries[name] else { continue }
      for index in entry.sums.indices { entry.sums[index] = next() }
      for index in entry.counts.indices { entry.counts[index] = next() }
      sums.entries[name] = entry
    }
    sums.chunkCount = chunks
    (tokenCount, treeCount) = (tokens, trees)
  }
}
