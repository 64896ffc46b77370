import ByteStorage
import Synchronization
import Testing

struct WorkersTests {
  @Test(arguments: [1, 2, 7, 1000]) func runsEveryJobOnce(threads: Int) throws {
    let counts = Locked([Int](repeating: 0, count: 500))
    try Workers.run(threads, jobs: 500, makeState: { 0 }) { job, _ throws(GriffinError) in
      counts.withLock { $0[job] += 1 }
    }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: 500))
  }

  @Test func runsNothingWhereThereIsNothingToDo() throws {
    try Workers.run(4, jobs: 0, makeState: { 0 }) { _, _ throws(GriffinError) in
      throw GriffinError(.io, "a job was run")
    }
  }

  @Test func beginsNoJobAfterAFailureAndReportsTheFirst() throws {
    let begun = Locked(0)
    let error = #expect(throws: GriffinError.self) {
      try Workers.run(2, jobs: 100_000, makeState: { 0 }) { job, _ throws(GriffinError) in
        begun.withLock { $0 += 1 }
        if job >= 10 { throw GriffinError(.io, "job \(job)") }
      }
    }
    #expect(error?.message == "job 10")
    #expect(begun.withLock { $0 } <= 12)
  }

  @Test func keepsOneStateAThread() throws {
    let states = Atomic(0)
    try Workers.run(3, jobs: 50, makeState: { states.add(1, ordering: .relaxed) }) { _, _ throws(GriffinError) in }
    #expect((1...3).contains(states.load(ordering: .relaxed)))
  }

  @Test func progressGrowsToTheTotal() {
    let seen = Locked<[Int]>([])
    let meter = ProgressMeter(total: 10_000) { done, _ in seen.withLock { $0.append(done) } }
    for _ in 0..<10_000 { meter.add(1) }
    let numbers = seen.withLock { $0 }
    #expect(numbers == numbers.sorted())
    #expect(numbers.last == 10_000)
    #expect(numbers.count <= 1001)
  }

  @Test func cancellationIsInterruption() throws {
    let cancellation = Cancellation()
    try cancellation.check()
    cancellation.cancel()
    let error = #expect(throws: GriffinError.self) { try cancellation.check() }
    #expect(error?.kind == .interrupted)
  }
}
