internal import Statistics
internal import Verification

/// What each group is expected to lose with each type: measured, or carried over from a measured type by the weighed errors of both.
///
/// Losses of groups add up: to second order the divergence is a sum of squares of what each moves, and cross terms have no common sign.
package struct LossModel: Sendable {
  /// By group and option, nats a token.
  package let losses: [[Double]]

  /// - Parameters:
  ///   - measured: By group and option; the last option is how the source has it and loses nothing.
  package init(_ measured: [[MeasuredLoss]]) {
    losses = measured.map { options in
      let known = options.compactMap { loss in loss.divergence.flatMap { $0 > 0 && loss.error > 0 ? (error: loss.error, divergence: $0) : nil } }
      return options.map { loss in loss.divergence ?? LossModel.carried(to: loss.error, from: known) }
    }
  }

  /// Divergence grows as the error does, with a power that two measured types tell; one alone is taken as proportional.
  private static func carried(to error: Double, from known: [(error: Double, divergence: Double)]) -> Double {
    guard error > 0 else { return 0 }
    func distance(_ left: Double, _ right: Double) -> Double { SpecialFunctions.logarithm(left / right) }
    let near = known.sorted { abs(distance(error, $0.error)) < abs(distance(error, $1.error)) }
    guard let first = near.first else { return error }
    var power = 1.0
    if near.count > 1, near[1].error != first.error {
      power = distance(near[1].divergence, first.divergence) / distance(near[1].error, first.error)
      power = min(2, max(0.5, power))
    }
    return first.divergence * SpecialFunctions.exponential(power * distance(error, first.error))
  }
}
