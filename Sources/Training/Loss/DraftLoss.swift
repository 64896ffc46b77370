internal import LinearAlgebra

/// The loss of a draft's passes and its gradient, by which passes are gone back through.
///
/// Passes are masked as GRIFFIN's token-alignable training means it: row `s` of pass `j` counts where row `s - 1` counted in the pass
/// before and had this row's token among its best predictions. (The released code masks row `s - 1` in the second pass.)
struct DraftLoss {
  /// Of one pass.
  final class Gradient {
    var predicted, regressed: Activations
    init(like pass: DraftPass) {
      predicted = Activations(tokens: pass.predicted.tokens, columns: pass.predicted.columns)
      regressed = Activations(tokens: pass.regressed.tokens, columns: pass.regressed.columns)
    }
  }

  let objective: TrainingObjective
  let head: DraftHead
  let regresses: Bool

  /// Rows whose logits are there at a time.
  private static let chunk = 128

  /// - Parameter gradients: One for each pass, of zeros; nil where the loss alone is wanted.
  func callAsFunction(
    _ passes: [DraftPass], _ batch: TrainingBatch, gradients: [Gradient]?, _ compute: Compute
  ) -> LossReport {
    var report = LossReport(passes: passes.count)
    var isAlive = [[Bool]](repeating: [Bool](repeating: false, count: batch.rows.count), count: passes.count)
    for row in 0..<batch.rows.count { isAlive[0][row] = batch.isCounted[row] && head.ownID(of: batch.best[row]) >= 0 }
    let firstCount = isAlive[0].count { $0 }
    for start in stride(from: 0, to: batch.rows.count, by: DraftLoss.chunk) {
      // A row that counts in any pass would count in the first.
      let chunk = (start..<min(start + DraftLoss.chunk, batch.rows.count)).filter { isAlive[0][$0] }
      guard !chunk.isEmpty else { continue }
      var features = Activations(columns: batch.targets.columns)
      compute.copyRows(chunk, of: batch.targets, into: &features)
      let targetLogits = head.targetLogits(features, compute)
      for (index, pass) in passes.enumerated() {
        let places = chunk.indices.filter { isAlive[index][chunk[$0]] }
        guard !places.isEmpty else { continue }
        let rows = places.map { chunk[$0] }
        let results = entropy(
          pass, rows: rows, target: targetLogits, places: places, batch: batch, gradient: gradients?[index],
          scale: regresses ? 1 : weight(index) / Float(firstCount), compute)
        for (row, result) in zip(rows, results) {
          report.add(result, pass: index)
          let next = row + 1
          guard index + 1 < passes.count, next < batch.rows.count, batch.rows.positions[next] > 0 else { continue }
          let isAligned = !objective.masksMisaligned || result.labelRank < objective.alignedCount
          isAlive[index + 1][next] = isAligned && isAlive[0][next]
        }
        guard regresses else { continue }
        report.add(regression: DraftLoss.regression(pass.regressed, batch.targets, rows: rows), pass: index)
        if let gradient = gradients?[index] {
          DraftLoss.regress(pass.regressed, batch.targets, rows: rows, weight: objective.regression, into: &gradient.regressed)
        }
      }
    }
    finish(&report, gradients, firstCount: firstCount)
    return report
  }

  private func weight(_ pass: Int) -> Float { (0..<pass).reduce(1) { weight, _ in weight * objective.decay } }

  /// The head's part of some rows, whose gradient joins that of the pass.
  private func entropy(
    _ pass: DraftPass, rows: [Int], target: borrowing Activations, places: [Int], batch: TrainingBatch, gradient: Gradient?, scale: Float,
    _ compute: Compute
  ) -> [CrossEntropy.Row] {
    var predicted = Activations(columns: pass.predicted.columns)
    compute.copyRows(rows, of: pass.predicted, into: &predicted)
    let normed = head.normed(predicted, compute)
    var logits = head.logits(normed, compute)
    var wanted = Activations(columns: target.columns)
    compute.copyRows(places, of: target, into: &wanted)
    let results = compute.crossEntropy(
      target: &wanted, prediction: &logits, labels: rows.map { head.ownID(of: batch.labels[$0]) },
      terms: CrossEntropy(weight: objective.entropy, topWeight: objective.topEntropy, topCount: objective.topCount), scale: scale)
    if let gradient {
      let ofPredicted = head.backward(logits, predicted: predicted, normed: normed, compute)
      for (place, row) in rows.enumerated() { gradient.predicted.copyRow(place, of: ofPredicted, to: row) }
    }
    return results
  }

  /// SmoothL1, a mean over columns and a sum over rows.
  private static func regression(_ found: borrowing Activations, _ wanted: borrowing Activations, rows: [Int]) -> Double {
    var sum = 0.0
    for row in rows {
      let (own, target) = (found.values(ofRow: row), wanted.values(ofRow: row))
      var rowSum = 0.0
      for index in own.indices {
        let distance = own[index] - target[index]
        let size = abs(distance)
        rowSum += Double(size < 1 ? 0.5 * distance * distance : size - 0.5)
      }
      sum += rowSum / Double(own.count)
    }
    return sum
  }

  /// Its gradient, times `weight`.
  private static func regress(
    _ found: borrowing Activations, _ wanted: borrowing Activations, rows: [Int], weight: Float, into gradient: inout Activations
  ) {
    for row in rows {
      let own = found.row(row)
      let wanted = wanted.row(row)
      var target = gradient.mutableRow(row)
      for index in own.indices { target[index] = weight * min(max(own[index] - wanted[index], -1), 1) / Float(own.count) }
    }
  }

  /// Sums become means over the rows that counted.
  private func finish(_ report: inout LossReport, _ gradients: [Gradient]?, firstCount: Int) {
    for index in report.passes.indices {
      let count = regresses ? report.passes[index].rows : firstCount
      guard count > 0 else { continue }
      report.divide(pass: index, by: Double(count))
      report.total += Double(weight(index)) * report.passes[index].total(objective, regresses: regresses)
      guard regresses, let gradient = gradients?[index] else { continue }
      let factor = weight(index) / Float(count)
      scale(&gradient.predicted, by: factor)
      scale(&gradient.regressed, by: factor)
    }
  }
}

/// `x *= factor`.
func scale(_ x: inout Activations, by factor: Float) {
  for token in 0..<x.tokens {
    var values = x.mutableRow(token)
    for index in values.indices { values[index] *= factor }
  }
}
