package import LinearAlgebra
internal import Models

/// One draft, its optimiser, and the steps that it takes.
package final class DraftTrainer {
  let draft: any TrainableDraft
  let optimiser: AdamW
  let objective: TrainingObjective
  let clipping: Clipping
  /// Roles whose tensors stay as they are.
  var frozen: Set<TensorRole> = []
  private let compute: Compute

  package init(_ draft: any TrainableDraft, objective: TrainingObjective, clipping: Clipping, compute: Compute) {
    (self.draft, self.objective, self.clipping, self.compute) = (draft, objective, clipping, compute)
    optimiser = AdamW(draft.parameters)
  }

  /// The loss of a batch.
  package func loss(_ batch: TrainingBatch) throws -> LossReport { try run(draft, batch, wantsGradient: false) }

  /// Sets the gradients of all parameters to those of a batch's loss, unclipped.
  package func gradients(_ batch: TrainingBatch) throws -> LossReport { try run(draft, batch, wantsGradient: true) }

  /// Takes a step down.
  /// - Returns: What the batch lost before it.
  package func step(_ batch: TrainingBatch, rate: Float) throws -> LossReport {
    let report = try gradients(batch)
    for parameter in draft.parameters where frozen.contains(parameter.role) { parameter.clearGradient(compute) }
    clipping.apply(draft.parameters)
    optimiser.step(rate: rate, frozen: frozen)
    return report
  }

  private func run<Draft: TrainableDraft>(_ draft: Draft, _ batch: TrainingBatch, wantsGradient: Bool) throws -> LossReport {
    var passes: [Draft.Pass] = []
    for _ in 0..<objective.passes {
      if let last = passes.last {
        let features = last.shifted(batch.rows)
        passes.append(try draft.forward(features: features, tokens: batch.tokens, rows: batch.rows, after: passes, compute))
      } else {
        passes.append(try draft.forward(features: batch.features, tokens: batch.tokens, rows: batch.rows, after: [], compute))
      }
    }
    if wantsGradient { for parameter in draft.parameters { parameter.clearGradient(compute) } }
    let gradients = wantsGradient ? passes.map { DraftLoss.Gradient(like: $0) } : nil
    let loss = DraftLoss(objective: objective, head: draft.head, regresses: draft.regresses)
    let report = loss(passes, batch, gradients: gradients, compute)
    for (index, pass) in passes.enumerated().reversed() {
      guard let gradients else { break }
      let gradient = gradients[index]
      let ofFeatures = draft.backward(
        predicted: gradient.predicted, regressed: gradient.regressed, of: pass, rows: batch.rows, compute)
      guard let ofFeatures, index > 0 else { continue }
      DraftTrainer.addShifted(ofFeatures, to: &gradients[index - 1].regressed, batch.rows)
    }
    return report
  }

  /// Each row read the feature of the row before it, whose gradient this is.
  private static func addShifted(_ gradient: borrowing Activations, to regressed: inout Activations, _ rows: TextRows) {
    for (row, position) in rows.positions.enumerated() where position > 0 {
      let source = gradient.row(row)
      var target = regressed.mutableRow(row - 1)
      for column in source.indices { target[column] += source[column] }
    }
  }
}
