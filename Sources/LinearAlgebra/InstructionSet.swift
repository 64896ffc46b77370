/// The processor instructions that the inner loops use. Results have the same bits on each.
public enum InstructionSet: String, CaseIterable, Comparable, Sendable {
  /// Swift alone: the definition that the others are tested against.
  case plain
  /// ARM's 128-bit vectors, present on every arm64 processor.
  case neon
  /// x86 with AVX2, FMA and F16C.
  case avx2
  /// x86 with AVX-512 F, BW, DQ and VL.
  case avx512

  /// The sets that this processor and its operating system support, slowest first; `plain` is always there.
  public static let available: [InstructionSet] = [.plain]

  /// The fastest available set.
  public static var best: InstructionSet { available.last ?? .plain }

  public static func < (left: InstructionSet, right: InstructionSet) -> Bool {
    left.speed < right.speed
  }

  private var speed: Int {
    switch self {
    case .plain: 0
    case .neon: 1
    case .avx2: 2
    case .avx512: 3
    }
  }
}
