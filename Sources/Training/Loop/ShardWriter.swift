internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

/// Makes the shards of a run: answers that the target writes, or texts as they are, with the target's features.
///
/// What a shard holds follows from the prompts, the seed and the shards before it, so a run that was broken off makes the same.
struct ShardWriter {
  let target: TargetModel
  /// Speculates, so that answers come sooner; nil where there is none yet.
  let draft: DraftModel?
  let data: AlignmentData
  let options: TrainingSettings
  let stopTokens: Set<Int>
  let compute: Compute
  let cancellation: Cancellation
  /// Told of tokens that are there.
  let onTokens: (Int) -> Void

  /// Bytes of features in a shard.
  private static let shardByteCount = 32 << 20
  private static let shardTokens = 8192

  /// Makes what is not there yet.
  /// - Parameter taps: Layers of the target whose input the draft reads.
  /// - Returns: For each shard, the rows of its texts.
  func run(_ folder: WorkFolder, taps: [Int]) throws -> [[Int]] {
    let reader = try TextReader(target, taps: taps, compute: compute)
    let decoder = data.kind == .prompts ? try PairDecoder(target: target, draft: draft, compute: compute) : nil
    let limit = max(min(ShardWriter.shardTokens, ShardWriter.shardByteCount / (4 * reader.width)), 64)
    let hidden = target.configuration.hiddenSize
    var (rows, tokens, next): ([[Int]], Int, Int) = ([], 0, 0)
    // Where none of the prompts has an answer to learn from, they are not asked again.
    func end(_ tokens: Int) -> Int { tokens == 0 ? data.training.count : answerCount }
    while tokens < options.tokens, next < end(tokens) {
      let path = folder.shard(rows.count)
      var shard: FeatureShard
      if FileSystem.kind(of: path) == .file {
        shard = try FeatureShard(path: path, width: reader.width, hidden: hidden, vocabularySize: target.configuration.vocabularySize)
        guard shard.firstAnswer == next, shard.nextAnswer > next else {
          throw GriffinError(.malformed, file: path, "the shard does not follow the one before it", hints: ["start again without --resume"])
        }
      } else {
        shard = FeatureShard(firstAnswer: next)
        while shard.tokenCount < limit, tokens + shard.tokenCount < options.tokens, shard.nextAnswer < end(tokens + shard.tokenCount) {
          try cancellation.check()
          let (text, start) = try text(shard.nextAnswer, decoder)
          shard.nextAnswer += 1
          guard text.count >= 3, text.count > start + 1 else { continue }
          shard.samples.append(try reader.read(text, start: start, compute: compute, cancellation: cancellation))
          onTokens(min(tokens + shard.tokenCount, options.tokens))
        }
        try shard.write(to: path, width: reader.width)
      }
      (next, tokens) = (shard.nextAnswer, tokens + shard.tokenCount)
      rows.append(shard.samples.map(\.rows))
      onTokens(min(tokens, options.tokens))
    }
    return rows
  }

  /// Texts are read once; prompts are answered again, differently, until there is enough.
  private var answerCount: Int {
    data.training.isEmpty ? 0 : data.kind == .texts ? data.training.count : data.training.count * ShardWriter.rounds
  }
  private static let rounds = 10_000

  /// The ids of a text, and where what is learned begins.
  private func text(_ index: Int, _ decoder: PairDecoder?) throws -> (tokens: [Int], start: Int) {
    guard let decoder else { return (data.training[index], 0) }
    let (prompt, round) = (data.training[index % data.training.count], index / data.training.count)
    var settings = DecodeSettings(maxNewTokens: options.answerTokens, stopTokens: stopTokens)
    if round > 0 {
      var generator = SplitMix64(seed: options.seed ^ UInt64(index))
      settings.sampling = SamplingSettings(temperature: 1, topK: 0, topP: 1, seed: generator.next())
    }
    try decoder.prepare(prompt: prompt, cancellation: cancellation)
    let answer = decoder.canSpeculate
      ? try decoder.decodeSpeculatively(settings, cancellation: cancellation).ids
      : try decoder.decodePlainly(settings, cancellation: cancellation).ids
    return (prompt + answer, prompt.count)
  }
}
