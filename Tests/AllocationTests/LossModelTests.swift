import Allocation
import Testing

/// Losses of types that were not tried.
struct LossModelTests {
  @Test func oneTriedTypeIsTakenAsProportional() {
    let losses = LossModel([[MeasuredLoss(error: 0.04), MeasuredLoss(error: 0.01, divergence: 0.1), MeasuredLoss(error: 0, divergence: 0)]]).losses
    #expect(abs(losses[0][0] - 0.4) < 1e-12 && losses[0][1] == 0.1 && losses[0][2] == 0)
  }

  @Test func twoTriedTypesTellAPower() {
    // 0.5 is 2 to the power of -1, and 0.25 of the error 2 to the power of -2: the loss is as the root of the error.
    let losses = LossModel([[MeasuredLoss(error: 0.04, divergence: 0.2), MeasuredLoss(error: 0.01, divergence: 0.1), MeasuredLoss(error: 0.0025)]]).losses
    #expect(abs(losses[0][2] - 0.05) < 1e-12)
  }

  @Test func whatWasMeasuredIsTakenAsItIs() {
    let losses = LossModel([[MeasuredLoss(error: 0.04, divergence: 0), MeasuredLoss(error: 0.01, divergence: 0.1)], [MeasuredLoss(error: 0.3)]]).losses
    #expect(losses[0] == [0, 0.1] && losses[1] == [0.3])
  }
}
