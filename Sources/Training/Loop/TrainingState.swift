internal import ByteStorage
internal import LinearAlgebra
internal import Models

/// How far training has come: what a run that was broken off goes on from, to the same bytes (`formats/align.md`, section 3).
struct TrainingState {
  static let magic = Array("GRFSTATE".utf8)
  static let version: UInt32 = 1

  /// Steps that were taken.
  var step = 0
  /// The step of the best state so far, and its acceptance length; that of the draft as it was at first.
  var bestStep = 0
  var bestLength = 0.0
  /// Measurements since the best one.
  var fruitless = 0
  /// Acceptance on the validation prompts: steps and lengths, the draft as it was first.
  var curve: [(step: Int, length: Double)] = []
  /// What each step's batch lost before it.
  var losses: [Double] = []
  /// Values of the best state, by parameter.
  var best: [[Float]] = []
  var isFinished = false

  /// The best state by role.
  func bestValues(of parameters: [Parameter]) -> [TensorRole: [Float]] {
    Dictionary(uniqueKeysWithValues: zip(parameters.map(\.role), best))
  }

  mutating func keepBest(_ parameters: [Parameter]) {
    best = parameters.map(\.stored)
  }

  /// Writes the state with the optimiser's.
  func write(to path: String, _ optimiser: AdamW) throws(GriffinError) {
    var bytes = TrainingState.magic
    bytes.append(littleEndian: TrainingState.version)
    bytes.append(littleEndian: UInt32(isFinished ? 1 : 0))
    for value in [step, bestStep, fruitless, optimiser.steps, curve.count, losses.count] { bytes.append(littleEndian: UInt64(value)) }
    bytes.append(littleEndian: bestLength.bitPattern)
    for point in curve {
      bytes.append(littleEndian: UInt64(point.step))
      bytes.append(littleEndian: point.length.bitPattern)
    }
    for loss in losses { bytes.append(littleEndian: loss.bitPattern) }
    for (index, parameter) in optimiser.parameters.enumerated() {
      TrainingState.append(parameter.values, to: &bytes)
      TrainingState.append(optimiser.moments[index].first, to: &bytes)
      TrainingState.append(optimiser.moments[index].second, to: &bytes)
      for value in best[index] { bytes.append(littleEndian: value.bitPattern) }
    }
    try SealedFile.write(bytes, to: path)
  }

  private static func append(_ matrix: borrowing Activations, to bytes: inout [UInt8]) {
    for row in 0..<matrix.tokens {
      let values = matrix.row(row)
      for index in values.indices { bytes.append(littleEndian: values[index].bitPattern) }
    }
  }

  init() {}

  /// Takes a state over, and the optimiser's with it.
  /// - Throws: `malformed` where the file is not what `write` wrote for such a draft.
  init(path: String, into optimiser: AdamW) throws(GriffinError) {
    let contents = try FileContents.file(InputFile(path: path)).read()
    let bytes = contents.bytes
    let magic = TrainingState.magic
    func failure(_ what: String) -> GriffinError { SealedFile.failure(path, what) }
    let end = SealedFile.end(of: bytes)
    guard end >= 64, bytes.equals(at: 0, magic.rawBytes, 0..<magic.count),
      SealedFile.isWhole(bytes),
      bytes.littleEndian(UInt32.self, at: 8) == TrainingState.version
    else { throw failure("the file is no state of training, or damaged") }
    isFinished = bytes.littleEndian(UInt32.self, at: 12) == 1
    var offset = 16
    func word() -> UInt64 {
      defer { offset += 8 }
      return bytes.littleEndian(UInt64.self, at: offset) ?? 0
    }
    func whole() -> Int { Int(clamping: word()) }
    (step, bestStep, fruitless, optimiser.steps) = (whole(), whole(), whole(), whole())
    let (points, lossCount) = (whole(), whole())
    bestLength = Double(bitPattern: word())
    let floats = optimiser.parameters.reduce(0) { $0 + $1.rows * $1.columns }
    guard points <= 4096, lossCount <= 1 << 32, end - offset == 16 * points + 8 * lossCount + 16 * floats else { throw failure("the state is of another draft") }
    for _ in 0..<points { curve.append((whole(), Double(bitPattern: word()))) }
    for _ in 0..<lossCount { losses.append(Double(bitPattern: word())) }
    for (index, parameter) in optimiser.parameters.enumerated() {
      TrainingState.read(bytes, at: &offset, into: &parameter.values)
      TrainingState.read(bytes, at: &offset, into: &optimiser.moments[index].first)
      TrainingState.read(bytes, at: &offset, into: &optimiser.moments[index].second)
      best.append(SealedFile.floats(bytes, at: &offset, count: parameter.rows * parameter.columns))
    }
  }

  private static func read(_ bytes: RawSpan, at offset: inout Int, into matrix: inout Activations) {
    for row in 0..<matrix.tokens {
      var values = matrix.mutableRow(row)
      for index in values.indices { values[index] = Float(bitPattern: bytes.littleEndian(UInt32.self, at: offset + 4 * index) ?? 0) }
      offset += 4 * values.count
    }
  }
}
