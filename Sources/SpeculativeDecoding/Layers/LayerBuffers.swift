internal import LinearAlgebra
internal import Models

/// Scratch that the layers of a model take turns with.
struct LayerBuffers: ~Copyable {
  /// What attention reads: the norm of the residual, unless a draft joins something wider.
  var attentionInput: Activations
  var normed, queries, keys, values, attended, gated, upped: Activations
  /// Heads after their norms, before rotation; as wide as queries and keys.
  var normedQueries, normedKeys: Activations
  /// Logits of the router, rows that go through one expert, and what comes out of it.
  var routed, chosen, expert: Activations
  /// Inside an expert, and inside the one that all tokens share with what it is weighed by.
  var expertGated, expertUpped, sharedGated, sharedUpped, shares: Activations

  /// Buffers grow with use, so those that a model has no use for stay a row.
  /// - Parameter attentionInputs: Columns that attention reads; nil for hidden_size.
  init(_ configuration: TransformerConfiguration, attentionInputs: Int? = nil) {
    attentionInput = Activations(columns: attentionInputs ?? configuration.hiddenSize)
    normed = Activations(columns: configuration.hiddenSize)
    queries = Activations(columns: configuration.queryWidth)
    keys = Activations(columns: configuration.keyValueWidth)
    values = Activations(columns: configuration.keyValueWidth)
    attended = Activations(columns: configuration.queryWidth)
    gated = Activations(columns: configuration.intermediateSize)
    upped = Activations(columns: configuration.intermediateSize)
    normedQueries = Activations(columns: configuration.queryWidth)
    normedKeys = Activations(columns: configuration.keyValueWidth)
    routed = Activations(columns: configuration.experts?.count ?? 1)
    chosen = Activations(columns: configuration.hiddenSize)
    expert = Activations(columns: configuration.hiddenSize)
    let (wide, shared) = (configuration.experts?.intermediateSize, configuration.experts?.sharedIntermediateSize)
    expertGated = Activations(columns: wide ?? configuration.intermediateSize)
    expertUpped = Activations(columns: wide ?? configuration.intermediateSize)
    sharedGated = Activations(columns: shared ?? 1)
    sharedUpped = Activations(columns: shared ?? 1)
    shares = Activations(columns: 1)
  }
}
