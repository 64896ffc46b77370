internal import ByteStorage
internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

/// A text, and what the target thinks at each of its tokens.
struct TextSample: Sendable {
  let tokens: [Int]
  /// Tokens before the part that is learned.
  let start: Int
  /// The target's best token after each.
  var best: [Int] = []
  /// The target's last state at each, `[tokens, hidden_size]`.
  var states: [Float] = []
  /// The states that an EAGLE-3 draft taps, `[tokens, taps * hidden_size]`; empty for others.
  var taps: [Float] = []

  /// Rows of a batch that it makes.
  var rows: Int { tokens.count - 2 }

  init(tokens: [Int], start: Int) { (self.tokens, self.start) = (tokens, start) }
}

/// The target's pass over texts.
final class TextReader {
  private let target: TargetDecoder
  private let tapCount: Int
  private var features, logits: Activations

  private static let chunk = 256

  init(_ model: TargetModel, taps: [Int], compute: Compute) throws {
    target = try TargetDecoder(model, compute: compute, taps: taps)
    tapCount = taps.count
    features = Activations(columns: model.configuration.hiddenSize)
    logits = Activations(columns: model.configuration.vocabularySize)
  }

  /// Floats that are kept of a token.
  var width: Int { (1 + tapCount) * target.configuration.hiddenSize }

  func read(_ tokens: [Int], start: Int, compute: Compute, cancellation: Cancellation) throws -> TextSample {
    var sample = TextSample(tokens: tokens, start: start)
    target.truncate(to: 0)
    for begin in stride(from: 0, to: tokens.count, by: TextReader.chunk) {
      try cancellation.check()
      let chunk = Array(tokens[begin..<min(begin + TextReader.chunk, tokens.count)])
      try target.decode(chunk, isPrefill: true, features: &features)
      try target.logits(features, into: &logits)
      for row in chunk.indices {
        sample.best.append(compute.argmax(logits.row(row)))
        sample.states += features.values(ofRow: row)
        if tapCount > 0 { sample.taps += target.tappedValues(ofRow: row) }
      }
    }
    return sample
  }
}

extension TrainingBatch {
  /// The rows of some texts.
  /// - Parameter noise: Draws what is added to features; nil adds nothing.
  convenience init(_ samples: [TextSample], width: Int, noise: Float, generator: inout SplitMix64) {
    let rows = TextRows(lengths: samples.map(\.rows))
    let tapWidth = samples.first.map { $0.taps.count / $0.tokens.count } ?? 0
    let featureWidth = tapWidth > 0 ? tapWidth : width
    var features = Activations(tokens: rows.count, columns: featureWidth)
    var targets = Activations(tokens: rows.count, columns: width)
    var (tokens, labels, best, isCounted): ([Int], [Int], [Int], [Bool]) = ([], [], [], [])
    for (sample, range) in zip(samples, rows.texts) {
      let size = noise * 512 / Float(max(sample.tokens.count, 512))
      for row in range {
        let place = row - range.lowerBound
        tokens.append(sample.tokens[place + 1])
        labels.append(sample.tokens[place + 2])
        best.append(sample.best[place + 1])
        isCounted.append(place + 1 >= sample.start)
        var feature = features.mutableRow(row)
        var target = targets.mutableRow(row)
        for column in 0..<featureWidth {
          let value = tapWidth > 0 ? sample.taps[place * tapWidth + column] : sample.states[place * width + column]
          feature[column] = size == 0 ? value : value + (Float(generator.uniform()) - 0.5) * size
        }
        for column in 0..<width { target[column] = sample.states[(place + 1) * width + column] }
      }
    }
    self.init(rows: rows, tokens: tokens, labels: labels, best: best, isCounted: isCounted, features: features, targets: targets)
  }
}
