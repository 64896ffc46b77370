import ByteStorage
import Foundation
import TestSupport
import Testing

/// What `scripts/fuzz` does for hours, for a moment: seeds, their mutants, and everything that was ever found.
@Suite(.serialized) struct FuzzTests {
  @Test(arguments: Fuzzer.all.map(\.name)) func seedsAreRead(_ name: String) throws {
    let fuzzer = try #require(Fuzzer.all.first { $0.name == name })
    let seeds = try fuzzer.seeds()
    #expect(seeds.count >= 2)
    for seed in seeds {
      #expect(throws: Never.self, "\(seed.name)") { try fuzzer.read(seed.bytes) }
      #expect(seed.bytes.count <= fuzzer.maximumBytes)
    }
  }

  /// A mutant is refused with an error that says what it is about, or read; nothing else.
  @Test(arguments: Fuzzer.all.map(\.name)) func mutantsAreAnswered(_ name: String) throws {
    let fuzzer = try #require(Fuzzer.all.first { $0.name == name })
    let seeds = try fuzzer.seeds()
    var refusals = 0
    let rounds = name == "bundle" ? 300 : 2000
    for round in 0..<rounds {
      var input = seeds[round % seeds.count].bytes
      var numbers = SeededNumbers(seed: UInt64(round))
      for depth in 0..<Int.random(in: 1...4, using: &numbers) {
        var mutator = Mutator(maximumBytes: fuzzer.maximumBytes, seed: UInt64(round * 8 + depth)) { part, count in
          FuzzTests.change(&part, count, &numbers)
        }
        fuzzer.mutate(&input, &mutator)
      }
      if try answer(fuzzer, input) { refusals += 1 }
    }
    // Mutants that are all refused, or all read, would test little.
    #expect(refusals > rounds / 10 && refusals < rounds, "\(refusals) of \(rounds)")
  }

  /// Inputs that a fuzzer once found, made smaller: `Tests/Fixtures/fuzz/NAME`.
  @Test func findsAreAnswered() throws {
    let folder = Fixtures.path("fuzz")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    for name in names {
      let fuzzer = try #require(Fuzzer.all.first { $0.name == name }, "there is no fuzzer \(name)")
      for find in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)") {
        _ = try answer(fuzzer, Fixtures.bytes("fuzz/\(name)/\(find)"))
      }
    }
  }

  /// - Returns: Whether the input was refused.
  private func answer(_ fuzzer: Fuzzer, _ input: [UInt8]) throws -> Bool {
    do {
      try HangGuard.watch("the fuzzer \(fuzzer.name) with \(Data(input).base64EncodedString())") { try fuzzer.read(input) }
      return false
    } catch let error as GriffinError {
      #expect(!error.message.isEmpty)
      return true
    }
  }

  /// Sets, flips, takes out, repeats or puts in a few bytes.
  private static func change(_ part: inout [UInt8], _ count: Int, _ numbers: inout SeededNumbers) -> Int {
    let room = part.count - count
    guard count > 0 else {
      part[0] = UInt8.random(in: 0...255, using: &numbers)
      return 1
    }
    let place = Int.random(in: 0..<count, using: &numbers)
    switch Int.random(in: 0..<5, using: &numbers) {
    case 0: part[place] = UInt8.random(in: 0...255, using: &numbers)
    case 1: part[place] ^= 1 << UInt8.random(in: 0...7, using: &numbers)
    case 2 where count > 1:
      let length = min(Int.random(in: 1...8, using: &numbers), count - place, count - 1)
      part.removeSubrange(place..<place + length)
      part += [UInt8](repeating: 0, count: length)
      return count - length
    case 3 where room > 0:
      let length = min(Int.random(in: 1...8, using: &numbers), room, count - place)
      part.insert(contentsOf: part[place..<place + length], at: place)
      part.removeLast(length)
      return count + length
    default:
      let value: UInt8 = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &numbers) ?? 0
      for index in place..<min(place + 4, count) { part[index] = value }
    }
    return count
  }
}
