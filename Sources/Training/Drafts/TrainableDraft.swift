package import LinearAlgebra

/// A draft that can be trained: its passes over whole texts, and their gradients. One implementation a kind.
package protocol TrainableDraft: AnyObject {
  associatedtype Pass: DraftPass

  /// Everything that is trained, in an order that is always the same.
  var parameters: [Parameter] { get }
  var head: DraftHead { get }
  /// Whether the gradient of a pass flows on through the features that it read of the one before.
  var followsFeatures: Bool { get }
  /// Whether features are held against those of the target.
  var regresses: Bool { get }

  /// - Parameters:
  ///   - features: Of the target in the first pass, `[rows, columns]`; else what the pass before regressed, a row later.
  ///   - tokens: The token after each feature.
  ///   - earlier: The passes before this one over the same rows, the first first.
  func forward(
    features: borrowing Activations, tokens: [Int], rows: TextRows, after earlier: [Pass], _ compute: Compute) throws -> Pass

  /// Adds up the gradients of all parameters but the head's; later passes have been here before.
  /// - Parameters:
  ///   - predicted: The gradient of what the head read, `[rows, hidden_size]`.
  ///   - regressed: That of the features.
  /// - Returns: That of the features which the pass read; nil where `followsFeatures` is false.
  func backward(
    predicted: borrowing Activations, regressed: borrowing Activations, of pass: Pass, rows: TextRows, _ compute: Compute) -> Activations?
}

/// A pass of a draft over the rows of some texts, each a pair of a feature and the token after it.
package class DraftPass {
  /// What the head reads.
  final let predicted: Activations
  /// The features that the next pass reads, a row later.
  final let regressed: Activations
  /// The features that came in, as wide as those of a later pass.
  final let entered: Activations

  init(predicted: consuming Activations, regressed: consuming Activations, entered: consuming Activations) {
    self.predicted = predicted
    self.regressed = regressed
    self.entered = entered
  }

  /// What the next pass reads: each row the feature of the row before it, the first of a text what it was.
  final func shifted(_ rows: TextRows) -> Activations {
    var shifted = Activations(tokens: rows.count, columns: entered.columns)
    for (row, position) in rows.positions.enumerated() {
      if position == 0 { shifted.copyRow(row, of: entered, to: row) } else { shifted.copyRow(row - 1, of: regressed, to: row) }
    }
    return shifted
  }
}
