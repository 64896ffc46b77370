import Foundation
import LinearAlgebra
import Synchronization
import Tensors
import Testing

private final class Counter: Sendable {
  let value = Atomic<Int>(0)
}

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 8]) func everyIndexIsVisitedOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threadCount == threads)
    for count in [0, 1, 2, 7, 1000] {
      let visits = (0..<count).map { _ in Counter() }
      pool.forEach(count) { index in visits[index].value.add(1, ordering: .relaxed) }
      #expect(visits.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
    }
  }

  @Test(arguments: [1, 2, 3]) func rangesCoverEveryRowOnce(threads: Int) throws {
    // Whole and partial panels, with more rows than one thread takes at once.
    for rows in [1, 7, 8, 9, 1001] {
      let matrix = try StoredMatrix(.f32, rows: rows, columns: 512, seed: 21)
      var numbers = Numbers(seed: 22)
      let x = numbers.activations(17, 512)
      var alone = Activations(columns: rows)
      var shared = Activations(columns: rows)
      try Compute(threads: 1, instructionSet: .plain).multiply(x, by: matrix.weights, into: &alone)
      try Compute(threads: threads).multiply(x, by: matrix.weights, into: &shared)
      #expect(shared.bits == alone.bits)
    }
  }

  @Test func manyShortLoopsInARow() {
    let pool = ThreadPool(threads: 3)
    let sum = Atomic<Int>(0)
    for round in 0..<20_000 {
      pool.forEach(4) { sum.add($0 + 1, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == (round + 1) * 10)
    }
  }

  @Test func helpersWakeUpAfterSleeping() {
    let pool = ThreadPool(threads: 2)
    for _ in 0..<20 {
      let sum = Atomic<Int>(0)
      pool.forEach(50) { sum.add($0, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 1225)
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  @Test func loopsInsideLoopsAreRunByTheirCaller() {
    let pool = ThreadPool(threads: 2)
    let sum = Atomic<Int>(0)
    pool.forEach(10) { outer in
      pool.forEach(10) { inner in sum.add(outer * inner, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 2025)
  }

  @Test func severalCallersShareAPool() async {
    let pool = ThreadPool(threads: 3)
    let total = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let sum = Atomic<Int>(0)
          for _ in 0..<200 { pool.forEach(16) { sum.add($0, ordering: .relaxed) } }
          return sum.load(ordering: .relaxed)
        }
      }
      return await group.reduce(0, +)
    }
    #expect(total == 8 * 200 * 120)
  }

  @Test func poolsComeAndGo() {
    for _ in 0..<200 {
      let pool = ThreadPool(threads: 4)
      let sum = Atomic<Int>(0)
      pool.forEach(8) { sum.add($0, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == 28)
    }
  }

  @Test func longIterationsAreWaitedFor() {
    let pool = ThreadPool(threads: 2)
    let done = Atomic<Int>(0)
    pool.forEach(2) { _ in
      Thread.sleep(forTimeInterval: 0.02)
      done.add(1, ordering: .relaxed)
    }
    #expect(done.load(ordering: .relaxed) == 2)
  }
}
