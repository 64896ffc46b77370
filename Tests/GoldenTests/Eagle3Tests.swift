import LinearAlgebra
import Models
import SpeculativeDecoding
import TestSupport
import Testing

/// The EAGLE-3 draft against arrays of the released implementation.
struct Eagle3Tests {
  private static let tolerance: Float = 2e-5

  private static func difference(_ matrix: borrowing Activations, _ recorded: NumPyArray) -> Float {
    guard matrix.tokens * matrix.columns == recorded.values.count else { return .infinity }
    var largest: Float = 0
    for token in 0..<matrix.tokens {
      for (mine, other) in zip(matrix.values(ofRow: token), recorded.values[(token * matrix.columns)...]) {
        largest = max(largest, abs(mine - other))
      }
    }
    return largest
  }

  @Test func everyStepOfAPass() throws {
    let pair = try GoldenPair("llama3-eagle3")
    let (text, compute) = (try pair.text(), Compute(threads: 2))
    let hidden = pair.target.configuration.hiddenSize
    let taps = try #require(pair.draft.configuration.eagle3).tappedLayers(ofTarget: pair.target.configuration.layerCount)
    #expect(taps == [2, 4, 5])

    // [3, tokens, hidden] as recorded; side by side as the draft reads them.
    let recorded = try pair.array("taps")
    let target = try TargetDecoder(pair.target, compute: compute, taps: taps)
    var features = Activations(columns: hidden)
    try target.decode(text, features: &features)
    var tapped = Activations(tokens: text.count, columns: 3 * hidden)
    for token in text.indices {
      let row = target.tappedValues(ofRow: token)
      for tap in 0..<3 {
        let place = (tap * text.count + token) * hidden
        for column in 0..<hidden {
          #expect(abs(row[tap * hidden + column] - recorded.values[place + column]) < Eagle3Tests.tolerance)
        }
      }
      var target = tapped.mutableRow(token)
      for (column, value) in row.enumerated() { target[column] = value }
    }

    let draft = try Eagle3DraftDecoder(pair.draft, context: DraftContext(target: target, compute: compute))
    var first = Activations(columns: 3 * hidden)
    compute.copyRows(Array(0..<31), of: tapped, into: &first)
    var regressed = Activations(columns: hidden)
    try draft.pass(
      features: first, tokens: Array(text[1...31]), positions: Array(0..<31),
      visible: (0..<31).map { VisibleRows(prefix: $0 + 1) }, regressed: &regressed)
    #expect(Eagle3Tests.difference(draft.attended, try pair.array("draft_attn")) < Eagle3Tests.tolerance)
    #expect(Eagle3Tests.difference(regressed, try pair.array("draft_hidden")) < Eagle3Tests.tolerance)
    var logits = Activations(columns: draft.outputWidth)
    try draft.logits(from: 0, into: &logits)
    #expect(Eagle3Tests.difference(logits, try pair.array("draft_logits")) < 5e-5)

    // The fed-back pass continues from the last row, without fusion.
    let best = compute.argmax(logits.row(30))
    #expect(best == 744 && draft.token(ofOutput: best) == 1108)
    var last = Activations(columns: hidden)
    compute.copyRows([30], of: regressed, into: &last)
    try draft.pass(
      features: last, tokens: [1108], positions: [31], visible: [VisibleRows(prefix: 32)], regressed: &regressed)
    #expect(Eagle3Tests.difference(regressed, try pair.array("draft_step2_hidden")) < Eagle3Tests.tolerance)
    try draft.logits(from: 0, into: &logits)
    #expect(Eagle3Tests.difference(logits, try pair.array("draft_step2_logits")) < 5e-5)
  }
}
