package import LinearAlgebra
internal import Models

/// A text on its way through a target, between two layers: what an experiment on one layer starts from.
package final class TextStates {
  package let tokens: [Int]
  /// The layer that comes next.
  package fileprivate(set) var nextLayer = 0
  /// `[tokens, hidden_size]`: the residual stream; after the last layer what its final norm makes of it.
  fileprivate(set) var states: Activations
  /// `[tokens, taps * hidden_size]`, the tapped states side by side.
  fileprivate var tapped: Activations

  fileprivate init(_ tokens: [Int], hiddenSize: Int, taps: Int) {
    self.tokens = tokens
    states = Activations(tokens: tokens.count, columns: hiddenSize)
    tapped = Activations(tokens: taps == 0 ? 0 : tokens.count, columns: max(taps, 1) * hiddenSize)
  }

  /// The same text at the same place, to go on from on another way.
  package func copy(compute: Compute) -> TextStates {
    let taps = tapped.tokens == 0 ? 0 : tapped.columns / states.columns
    let copy = TextStates(tokens, hiddenSize: states.columns, taps: taps)
    copy.nextLayer = nextLayer
    compute.copyColumns(0..<states.columns, of: states, into: &copy.states, at: 0)
    if taps > 0 { compute.copyColumns(0..<tapped.columns, of: tapped, into: &copy.tapped, at: 0) }
    return copy
  }
}

/// A target's pass over a text, layer by layer, so that a layer can be tried in several forms without the ones before it.
///
/// Texts go the way of prompts, whose bits are its own and the same for any number of threads.
extension TargetDecoder {
  /// A text before the first layer.
  /// - Parameter tokens: Ids within the vocabulary, as many as memory is to hold at a time.
  /// - Throws: What the source throws.
  package func begin(_ tokens: [Int]) throws -> TextStates {
    let text = TextStates(tokens, hiddenSize: configuration.hiddenSize, taps: taps.count)
    try enter(tokens, into: &text.states)
    return text
  }

  /// Takes a text through layers; through the last one, and its final norm.
  /// - Parameter end: The layer before which to stop; nil for none.
  /// - Throws: What the source throws.
  package func advance(_ text: TextStates, to end: Int? = nil) throws {
    let positions = Array(text.tokens.indices)
    let pass = pass(positions, visible: positions.map { VisibleRows(prefix: $0 + 1) }, isPrefill: true)
    let last = end ?? configuration.layerCount
    truncate(to: 0)
    for index in text.nextLayer..<max(last, text.nextLayer) {
      try apply(index, pass, to: &text.states, tapped: &text.tapped)
      // The whole text has been through: no later layer looks at these keys and values.
      clearCache(ofLayer: index)
    }
    text.nextLayer = last
    guard end == nil else { return }
    finish(&text.states)
  }

  /// The output head for some tokens of a text that has come through.
  /// - Parameter logits: `[tokens, vocab_size]`.
  package func logits(_ text: TextStates, _ tokens: Range<Int>, into logits: inout Activations) throws {
    var part = Activations(columns: configuration.hiddenSize)
    compute.copyRows(Array(tokens), of: text.states, into: &part)
    try self.logits(part, into: &logits)
  }

  /// What a draft reads of a text that has come through, with this target's choices.
  package func reading(of text: TextStates) throws -> TextReading {
    let reading = TextReading(tokens: text.tokens, isScored: false, columns: max(taps.count, 1) * configuration.hiddenSize)
    if taps.isEmpty {
      compute.copyColumns(0..<text.states.columns, of: text.states, into: &reading.features, at: 0)
    } else {
      compute.copyColumns(0..<text.tapped.columns, of: text.tapped, into: &reading.features, at: 0)
    }
    var logits = Activations(columns: configuration.vocabularySize)
    for start in stride(from: 0, to: text.tokens.count, by: TargetDecoder.rowsAtATime) {
      let range = start..<min(start + TargetDecoder.rowsAtATime, text.tokens.count)
      try self.logits(text, range, into: &logits)
      for row in 0..<range.count {
        reading.choices.append(ModelChoice(token: compute.argmax(logits.row(row)), logProbability: nil))
      }
    }
    return reading
  }

  /// Rows whose logits are held at a time.
  package static let rowsAtATime = 64
}
