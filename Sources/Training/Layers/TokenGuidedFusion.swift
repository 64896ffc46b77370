internal import LinearAlgebra

/// GRIFFIN's entrance: `x = fc [e ; f] + b`, then `x + down silu(up [norm(postNorm(x)) ; norm(e)])`; one norm serves both halves.
///
/// - Source: arXiv 2502.11018, section 3.2.
struct TokenGuidedFusion {
  let projection: Linear
  let postNorm, inputNorm: Normalization
  let up, down: Linear

  /// The output, and what the gradient needs.
  final class Kept {
    let embedded, joined, projected, normed, expansion, expanded, output: Activations
    init(
      embedded: consuming Activations, joined: consuming Activations, projected: consuming Activations, normed: consuming Activations,
      expansion: consuming Activations, expanded: consuming Activations, output: consuming Activations
    ) {
      self.embedded = embedded
      self.joined = joined
      self.projected = projected
      self.normed = normed
      self.expansion = expansion
      self.expanded = expanded
      self.output = output
    }
  }

  func forward(
    embedded: consuming Activations, features: borrowing Activations, _ compute: Compute
  ) -> Kept {
    let joined = compute.joined(embedded, features)
    let projected = projection.forward(joined, compute)
    let normed = postNorm.forward(projected, compute)
    let left = inputNorm.forward(normed, compute)
    let right = inputNorm.forward(embedded, compute)
    let expansion = compute.joined(left, right)
    let expanded = up.forward(expansion, compute)
    var output = compute.copy(projected)
    let inner = Silu.forward(expanded, compute)
    let added = down.forward(inner, compute)
    compute.add(added, into: &output)
    return Kept(
      embedded: embedded, joined: joined, projected: projected, normed: normed, expansion: expansion, expanded: expanded, output: output)
  }

  /// Embedding and features are given, so their gradients are nobody's.
  func backward(_ gradient: borrowing Activations, _ kept: Kept, _ compute: Compute) {
    var ofProjected = compute.copy(gradient)
    let inner = Silu.forward(kept.expanded, compute)
    var ofExpanded = down.backward(gradient, input: inner, compute)
    Silu.backward(&ofExpanded, input: kept.expanded, value: inner)
    let ofExpansion = up.backward(ofExpanded, input: kept.expansion, compute)
    let width = kept.embedded.columns
    let left = compute.columns(0..<width, of: ofExpansion)
    let right = compute.columns(width..<2 * width, of: ofExpansion)
    _ = inputNorm.backward(right, input: kept.embedded)
    let ofNormed = inputNorm.backward(left, input: kept.normed)
    let added = postNorm.backward(ofNormed, input: kept.projected)
    compute.add(added, into: &ofProjected)
    projection.accumulate(ofProjected, input: kept.joined, compute)
  }
}
