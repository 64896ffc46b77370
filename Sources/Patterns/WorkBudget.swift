internal import ByteStorage

/// How much matching a text may cost: steps that are left, shared by every pattern that the text goes through.
///
/// A step is an instruction tried or a character passed; what a text of ordinary words takes is some tens a byte.
public struct WorkBudget: Sendable {
  var steps: Int

  /// Steps that any text has, and those that it has for each of its bytes.
  public static let base = 1 << 22
  public static let perByte = 1 << 9

  public init(byteCount: Int) { steps = WorkBudget.base + byteCount * WorkBudget.perByte }

  mutating func spend(_ count: Int, on pattern: TextPattern) throws(GriffinError) {
    steps -= count
    guard steps >= 0 else {
      throw GriffinError(
        .unsafe,
        "the expression \(pattern.quoted) takes more than \(WorkBudget.perByte) steps for each byte of this text, and \(WorkBudget.base) beside them; a catastrophic pattern is not run to its end"
      )
    }
  }
}
