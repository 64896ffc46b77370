public import CKernels

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
  public static let available: [InstructionSet] = allCases.filter { set in
    set.kernelSet.map(ck_supports) ?? true
  }

  /// The fastest available set.
  public static var best: InstructionSet { available.last ?? .plain }

  /// The kernels' name of the set; nil where Swift alone computes.
  public var kernelSet: ck_set? {
    switch self {
    case .plain: nil
    case .neon: ck_neon
    case .avx2: ck_avx2
    case .avx512: ck_avx512
    }
  }

  public static func < (left: InstructionSet, right: InstructionSet) -> Bool {
    left.order < right.order
  }

  /// The place in `allCases`, which goes from slow to fast.
  private var order: Int {
    switch self {
    case .plain: 0
    case .neon: 1
    case .avx2: 2
    case .avx512: 3
    }
  }
}
