import LinearAlgebra
import Testing

@Suite struct InstructionSetTests {
  @Test func plainIsAlwaysThereAndTheSlowest() {
    #expect(InstructionSet.available.first == .plain)
    #expect(InstructionSet.available == InstructionSet.available.sorted())
    #expect(InstructionSet.available.contains(.best))
    #expect(Compute(threads: 1).instructionSet == .best)
  }

  @Test func setsBelongToOneArchitecture() {
    #if arch(x86_64)
      #expect(!InstructionSet.available.contains(.neon))
    #elseif arch(arm64)
      #expect(InstructionSet.available == [.plain, .neon])
    #endif
  }
}
