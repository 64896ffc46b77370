internal import LinearAlgebra
internal import Models
internal import SpeculativeDecoding

/// Self-attention with rotary positions over passes of a draft, see `PassAttention`.
struct RotaryAttention {
  let query, key, value, output: Linear
  let configuration: TransformerConfiguration
  private let rotary, reversed: RotaryTable

  init(query: Linear, key: Linear, value: Linear, output: Linear, configuration: TransformerConfiguration) {
    (self.query, self.key, self.value, self.output, self.configuration) = (query, key, value, output, configuration)
    rotary = RotaryTable(configuration)
    reversed = RotaryTable(configuration, isReversed: true)
  }

  /// The output, and what the gradient needs beside the input.
  final class Kept {
    /// The passes that this one saw, itself last.
    let passes: [AttentionPass]
    let attended, output: Activations
    init(passes: [AttentionPass], attended: consuming Activations, output: consuming Activations) {
      self.passes = passes
      self.attended = attended
      self.output = output
    }

    /// What later passes attend to.
    var newest: AttentionPass { passes[passes.count - 1] }
  }

  private func attention(_ rows: TextRows) -> PassAttention {
    PassAttention(
      heads: configuration.headCount, keyHeads: configuration.keyValueHeadCount, headDimension: configuration.headDimension,
      texts: rows.texts)
  }

  /// - Parameter earlier: The passes before this one over the same rows, the first first.
  func forward(
    _ x: borrowing Activations, rows: TextRows, after earlier: [AttentionPass], _ compute: Compute
  ) -> Kept {
    var queries = query.forward(x, compute)
    var keys = key.forward(x, compute)
    rotate(&queries, configuration.headCount, rows, rotary, compute)
    rotate(&keys, configuration.keyValueHeadCount, rows, rotary, compute)
    let passes = earlier + [AttentionPass(queries: queries, keys: keys, values: value.forward(x, compute))]
    let attended = attention(rows).forward(passes, compute)
    let output = output.forward(attended, compute)
    return Kept(passes: passes, attended: attended, output: output)
  }

  /// The gradients of keys and values of earlier passes are added to theirs; later passes have been here before.
  /// - Returns: The gradient of `x`.
  func backward(
    _ gradient: borrowing Activations, input x: borrowing Activations, _ kept: Kept, rows: TextRows, _ compute: Compute
  ) -> Activations {
    let ofAttended = output.backward(gradient, input: kept.attended, compute)
    var ofQueries = attention(rows).backward(kept.passes, ofAttended, compute)
    let pass = kept.newest
    var ofKeys = compute.copy(pass.keyGradient)
    rotate(&ofQueries, configuration.headCount, rows, reversed, compute)
    rotate(&ofKeys, configuration.keyValueHeadCount, rows, reversed, compute)
    var result = query.backward(ofQueries, input: x, compute)
    let throughKeys = key.backward(ofKeys, input: x, compute)
    compute.add(throughKeys, into: &result)
    let throughValues = value.backward(pass.valueGradient, input: x, compute)
    compute.add(throughValues, into: &result)
    return result
  }

  private func rotate(_ x: inout Activations, _ heads: Int, _ rows: TextRows, _ table: RotaryTable, _ compute: Compute) {
    compute.rope(&x, heads: heads, headDimension: configuration.headDimension, positions: rows.positions, table: table)
  }
}

/// The rows of some texts, one after the other.
package struct TextRows: Sendable {
  package let texts: [Range<Int>]
  /// Of each row within its text.
  let positions: [Int]

  package var count: Int { positions.count }

  package init(lengths: [Int]) {
    var (texts, positions): ([Range<Int>], [Int]) = ([], [])
    for length in lengths {
      texts.append(positions.count..<positions.count + length)
      positions += 0..<length
    }
    (self.texts, self.positions) = (texts, positions)
  }
}
