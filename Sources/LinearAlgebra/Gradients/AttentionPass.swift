/// What one pass of a draft keeps of its attention: what later passes attend to, and what its own gradient needs.
///
/// Sound to share: its matrices stay where they are, and of the gradients each head's columns are written by one thread.
public final class AttentionPass: @unchecked Sendable {  // see above
  /// `[rows, heads * head_dim]` and `[rows, key heads * head_dim]`, rotated.
  public internal(set) var queries, keys: Activations
  public internal(set) var values: Activations
  /// Of the loss, summed over this pass and those after it.
  public internal(set) var keyGradient, valueGradient: Activations

  public init(queries: consuming Activations, keys: consuming Activations, values: consuming Activations) {
    let (rows, columns) = (keys.tokens, keys.columns)
    precondition(queries.tokens == rows && values.tokens == rows && values.columns == columns, "matrix shapes do not fit")
    self.queries = queries
    self.keys = keys
    self.values = values
    keyGradient = Activations(tokens: rows, columns: columns)
    valueGradient = Activations(tokens: rows, columns: columns)
  }
}
