import ByteStorage
import Testing

struct BackgroundWorkTests {
  @Test func givesWhatItMade() throws {
    let works = (0..<20).map { number in BackgroundWork { () throws(GriffinError) in number * number } }
    for (number, work) in works.enumerated() { #expect(try work.take() == number * number) }
  }

  @Test func throwsWhatItThrew() {
    let work = BackgroundWork { () throws(GriffinError) -> Int in throw GriffinError(.malformed, "no number") }
    #expect { try work.take() } throws: { ($0 as? GriffinError)?.kind == .malformed }
  }

  /// Work that nobody asks for has ended when it is gone.
  @Test func endsBeforeItIsGone() {
    let steps = Locked(0)
    do { _ = BackgroundWork { () throws(GriffinError) in for _ in 0..<1000 { steps.withLock { $0 += 1 } } } }
    #expect(steps.withLock { $0 } == 1000)
  }
}
