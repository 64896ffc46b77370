import CAllocations
import LinearAlgebra
import Tensors
import Testing

/// Operations allocate nothing once scratch memory has grown, but for the one closure that a loop hands to helper threads.
@Suite(.enabled(if: allocations_of_this_thread() >= 0, "allocations are not counted here"))
struct AllocationTests {
  @Test(arguments: [1, 2], [1, 2, 5, 40]) func operationsAllocateOnlyAtFirst(threads: Int, tokens: Int) throws {
    let matrix = try StoredMatrix(.f16, rows: 640, columns: 640, seed: 31)
    var numbers = Numbers(seed: 32)
    let x = numbers.activations(tokens, 640)
    let compute = Compute(threads: threads)
    let weight = [Float](repeating: 1, count: 640)
    var y = Activations(columns: 640, capacity: tokens)
    var z = Activations(columns: 640, capacity: tokens)
    var counts: [Int] = []
    counts.reserveCapacity(10)
    for _ in 0..<10 {
      let before = allocations_of_this_thread()
      try compute.multiply(x, by: matrix.weights, into: &y)
      compute.rmsNorm(y, weight: weight, epsilon: 1e-5, into: &z)
      compute.siluMultiply(gate: &z, up: y)
      compute.add(z, into: &y)
      counts.append(allocations_of_this_thread() - before)
    }
    // The product alone is work enough to be shared. Memory for a helper is made when it first comes, which on a busy machine is late.
    let later = counts.dropFirst().reduce(0, +)
    #expect(later <= (threads > 1 ? 9 + threads - 1 : 0), "\(counts)")
  }
}
