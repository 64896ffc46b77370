import ByteStorage
import LinearAlgebra
import Models
import Testing

import Training

/// Gradients against PyTorch's, and against what the loss does when a weight moves.
@Suite struct GradientTests {
  static let kinds = ["griffin", "eagle", "eagle3"]

  @Test(arguments: kinds) func gradientsArePyTorchs(kind: String) throws {
    let drawn = try DrawnDraft(kind)
    let draft = try drawn.trainable()
    let trainer = DraftTrainer(draft, objective: try drawn.objective(), clipping: .norm(1), compute: drawn.compute)
    let report = try trainer.gradients(try drawn.batch())
    let expected = try #require(drawn.vectors["loss"]?.double)
    #expect(abs(report.total - expected) < 1e-5 * expected)
    let passes = try #require(drawn.vectors["passes"]?.array)
    #expect(report.passes.map(\.rows) == passes.compactMap { $0.array?[0].integer })
    // Every tensor that PyTorch trains is trained here.
    #expect(try Set(draft.parameters.map(drawn.name)) == Set(#require(drawn.vectors["gradients"]?.object).members.map(\.key)))
    for parameter in draft.parameters {
      let (error, name) = (relativeError(values(parameter.gradient), try drawn.expected("gradients", parameter)), try drawn.name(of: parameter))
      #expect(error < 1e-4, "\(name)")
    }
  }

  @Test(arguments: kinds) func twentyStepsArePyTorchs(kind: String) throws {
    let drawn = try DrawnDraft(kind)
    func number(_ key: String) throws -> Double { try #require(drawn.vectors[key]?.double) }
    let draft = try drawn.trainable()
    let trainer = DraftTrainer(draft, objective: try drawn.objective(), clipping: .norm(Float(try number("norm"))), compute: drawn.compute)
    let schedule = LearningRate(peak: Float(try number("peak")), warmUp: Int(try number("warm_up")), steps: Int(try number("steps")))
    let batch = try drawn.batch()
    var losses: [Float] = []
    for step in 0..<schedule.steps { losses.append(Float(try trainer.step(batch, rate: schedule.rate(at: step)).total)) }
    #expect(relativeError(losses, try #require(drawn.vectors["losses"]?.array).compactMap(\.double).map { Float($0) }) < 1e-4)
    for parameter in draft.parameters {
      let (error, name) = (relativeError(values(parameter.values), try drawn.expected("trained", parameter)), try drawn.name(of: parameter))
      #expect(error < 1e-4, "\(name)")
    }
  }

  /// Along each gradient the loss changes as the gradient says. A mask may jump, so there is none; and where a pass takes the features of the
  /// one before as given, the gradient says nothing of how those move, so there is one pass.
  @Test(arguments: kinds) func gradientsAreWhatTheLossDoes(kind: String) throws {
    let drawn = try DrawnDraft(kind)
    let draft = try drawn.trainable()
    var objective = try drawn.objective()
    (objective.masksMisaligned, objective.passes) = (false, draft.followsFeatures ? 3 : 1)
    let trainer = DraftTrainer(draft, objective: objective, clipping: .norm(1), compute: drawn.compute)
    let batch = try drawn.batch()
    _ = try trainer.gradients(batch)
    for parameter in draft.parameters {
      let (gradient, start) = (values(parameter.gradient), values(parameter.values))
      let squares = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
      let step = 2e-3 / squares.squareRoot()
      func loss(_ sign: Double) throws -> Double {
        parameter.values = DrawnDraft.matrix(
          zip(start, gradient).map { Float(Double($0) + sign * step * Double($1)) }, columns: parameter.columns)
        return try trainer.loss(batch).total
      }
      let slope = (try loss(1) - loss(-1)) / (2 * step)
      parameter.values = DrawnDraft.matrix(start, columns: parameter.columns)
      let name = try drawn.name(of: parameter)
      #expect(abs(slope - squares) < 0.02 * squares, "\(name): \(slope) where \(squares) is expected")
    }
  }

  @Test(arguments: kinds) func threadsChangeNothing(kind: String) throws {
    let gradients = try [1, 2, 5].map { threads in
      let drawn = try DrawnDraft(kind, threads: threads)
      let draft = try drawn.trainable()
      let trainer = DraftTrainer(draft, objective: try drawn.objective(), clipping: .norm(1), compute: drawn.compute)
      _ = try trainer.gradients(try drawn.batch())
      return draft.parameters.map { values($0.gradient) }
    }
    #expect(gradients[0] == gradients[1] && gradients[0] == gradients[2])
  }

  @Test func theLearningRateRisesAndFalls() {
    let schedule = LearningRate(peak: 1, warmUp: 4, steps: 12)
    #expect((0..<13).map { schedule.rate(at: $0) } == [0.25, 0.5, 0.75, 1, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0])
  }
}
