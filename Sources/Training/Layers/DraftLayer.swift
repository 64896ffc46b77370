internal import LinearAlgebra

/// A decoder layer of a draft: `a = r + attention(n)`, `y = [a …] + feedForward(norm(a))`, where `r` is the residual and `n` what attention
/// reads. Of a dual head the residual enters both halves.
struct DraftLayer {
  let attention: RotaryAttention
  let postAttentionNorm: Normalization
  let feedForward: GatedFeedForward

  /// The output, and what the gradient needs beside the attention's input.
  final class Kept {
    let attention: RotaryAttention.Kept
    let attended, normed, output: Activations
    let feedForward: GatedFeedForward.Kept
    init(
      attention: RotaryAttention.Kept, attended: consuming Activations, normed: consuming Activations,
      feedForward: GatedFeedForward.Kept, output: consuming Activations
    ) {
      self.attention = attention
      self.attended = attended
      self.normed = normed
      self.feedForward = feedForward
      self.output = output
    }
  }

  /// Of a layer's two inputs.
  struct Gradient: ~Copyable {
    var input, residual: Activations
  }

  func forward(
    _ x: borrowing Activations, residual: borrowing Activations, rows: TextRows, after earlier: [AttentionPass], _ compute: Compute
  ) -> Kept {
    let ofAttention = attention.forward(x, rows: rows, after: earlier, compute)
    var attended = compute.copy(ofAttention.output)
    compute.add(residual, into: &attended)
    let normed = postAttentionNorm.forward(attended, compute)
    let ofFeedForward = feedForward.forward(normed, compute)
    var output = compute.copy(ofFeedForward.output)
    for start in stride(from: 0, to: output.columns, by: attended.columns) { compute.add(attended, into: &output, at: start) }
    return Kept(attention: ofAttention, attended: attended, normed: normed, feedForward: ofFeedForward, output: output)
  }

  /// - Returns: The gradients of what attention read and of the residual.
  func backward(
    _ gradient: borrowing Activations, input x: borrowing Activations, _ kept: Kept, rows: TextRows, _ compute: Compute
  ) -> Gradient {
    let width = kept.attended.columns
    let ofNormed = feedForward.backward(gradient, input: kept.normed, kept.feedForward, compute)
    var ofAttended = postAttentionNorm.backward(ofNormed, input: kept.attended)
    for start in stride(from: 0, to: gradient.columns, by: width) {
      let part = compute.columns(start..<start + width, of: gradient)
      compute.add(part, into: &ofAttended)
    }
    let ofInput = attention.backward(ofAttended, input: x, kept.attention, rows: rows, compute)
    return Gradient(input: ofInput, residual: ofAttended)
  }
}
