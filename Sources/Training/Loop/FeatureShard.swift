internal import ByteStorage

/// Texts with the target's features, in one file of the work folder (`formats/align.md`, section 3).
struct FeatureShard {
  static let magic = Array("GRFSHARD".utf8)
  static let version: UInt32 = 1
  private static let headByteCount = 32

  /// Answers that were written before this shard's, those without a text of three tokens included, and after it.
  var firstAnswer, nextAnswer: Int
  var samples: [TextSample] = []

  var tokenCount: Int { samples.reduce(0) { $0 + $1.tokens.count } }

  init(firstAnswer: Int) { (self.firstAnswer, nextAnswer) = (firstAnswer, firstAnswer) }

  /// - Parameter width: Floats that are kept of a token.
  func write(to path: String, width: Int) throws(GriffinError) {
    var bytes = FeatureShard.magic
    bytes.append(littleEndian: FeatureShard.version)
    bytes.append(littleEndian: UInt32(width))
    bytes.append(littleEndian: UInt32(firstAnswer))
    bytes.append(littleEndian: UInt32(nextAnswer))
    bytes.append(littleEndian: UInt64(samples.count))
    for sample in samples {
      bytes.append(littleEndian: UInt32(sample.tokens.count))
      bytes.append(littleEndian: UInt32(sample.start))
      for value in sample.tokens + sample.best { bytes.append(littleEndian: UInt32(value)) }
      bytes.reserveCapacity(bytes.count + 4 * (sample.states.count + sample.taps.count))
      for value in sample.states + sample.taps { bytes.append(littleEndian: value.bitPattern) }
    }
    try SealedFile.write(bytes, to: path)
  }

  /// - Parameters:
  ///   - hidden: Floats of a token's last state; the rest of `width` are taps.
  /// - Throws: `malformed` where the file is not what `write` wrote for such a model.
  init(path: String, width: Int, hidden: Int, vocabularySize: Int) throws(GriffinError) {
    let contents = try FileContents.file(InputFile(path: path)).read()
    let bytes = contents.bytes
    let magic = FeatureShard.magic
    func failure(_ what: String) -> GriffinError { SealedFile.failure(path, what) }
    let end = SealedFile.end(of: bytes)
    guard end >= FeatureShard.headByteCount, bytes.equals(at: 0, magic.rawBytes, 0..<magic.count) else {
      throw failure("the file is no shard of features")
    }
    guard SealedFile.isWhole(bytes) else {
      throw failure("the file's SHA-256 is not the one at its end: it is damaged")
    }
    var offset = FeatureShard.magic.count
    func next() -> Int? {
      guard offset + 4 <= end else { return nil }
      defer { offset += 4 }
      return bytes.littleEndian(UInt32.self, at: offset).map { Int($0) }
    }
    guard next() == Int(FeatureShard.version), next() == width, let first = next(), let after = next(), let count = next(), next() == 0 else {
      throw failure("the shard is of another version or model")
    }
    (firstAnswer, nextAnswer) = (first, after)
    for _ in 0..<count {
      guard let tokens = next(), let start = next(), tokens >= 3, start <= tokens, tokens <= (end - offset) / (8 + 4 * width) else {
        throw failure("the shard ends early")
      }
      var ids: [Int] = []
      for _ in 0..<2 * tokens {
        guard let id = next(), id < vocabularySize else { throw failure("a token lies outside the vocabulary") }
        ids.append(id)
      }
      var sample = TextSample(tokens: Array(ids[..<tokens]), start: start)
      sample.best = Array(ids[tokens...])
      sample.states = SealedFile.floats(bytes, at: &offset, count: tokens * hidden)
      sample.taps = SealedFile.floats(bytes, at: &offset, count: tokens * (width - hidden))
      samples.append(sample)
    }
    guard offset == end else { throw failure("the shard has bytes after its last text") }
  }
}
