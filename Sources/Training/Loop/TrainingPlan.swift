internal import SpeculativeDecoding

/// Which texts every step learns from, decided before the first.
struct TrainingPlan {
  struct Step {
    let shard: Int
    /// Places of the texts in their shard.
    let texts: [Int]
  }

  let steps: [Step]

  /// - Parameter rows: For each shard, rows of its texts.
  init(rows: [[Int]], epochs: Int, batchRows: Int, seed: UInt64) {
    var steps: [Step] = []
    for epoch in 0..<epochs {
      var generator = SplitMix64(seed: seed &+ UInt64(epoch) &* 0x9E37_79B9 ^ 0x706C_616E)
      // A shard's texts stay together, so that each shard is read once an epoch.
      for shard in AlignmentData.shuffled(Array(rows.indices), &generator) {
        var (texts, count): ([Int], Int) = ([], 0)
        for text in AlignmentData.shuffled(Array(rows[shard].indices), &generator) {
          if !texts.isEmpty, count + rows[shard][text] > batchRows {
            steps.append(Step(shard: shard, texts: texts))
            (texts, count) = ([], 0)
          }
          texts.append(text)
          count += rows[shard][text]
        }
        if !texts.isEmpty { steps.append(Step(shard: shard, texts: texts)) }
      }
    }
    self.steps = steps
  }
}
