import Bundles
import ByteStorage
import Foundation
import Synchronization
import TestSupport
import Testing

struct IntegrityTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func failures(flipping bit: Int, ofByte offset: Int, in bytes: [UInt8], threads: Int) throws -> [IntegrityFailure] {
    var bytes = bytes
    bytes[offset] ^= 1 << UInt8(bit)
    let path = try folder.write(bytes, to: "damaged.griffin")
    return try ModelBundle.open(path: path).verifyPayloads(threads: threads)
  }

  @Test(arguments: [1, 2]) func namesTheTensorsOfADamagedPayload(threads: Int) throws {
    let bytes = try Vector.named("pair.griffin").bytes
    let shared = try failures(flipping: 3, ofByte: 65536 + 15, in: bytes, threads: threads)
    #expect(shared.map(\.tensors) == [["target/model.embed_tokens.weight", "draft/embed_tokens.weight"]])
    #expect(shared.map(\.offset) == [65536])
    #expect(shared.first?.message.hasPrefix("tensor target/model.embed_tokens.weight, draft/embed_tokens.weight: SHA-256 is ") == true)
    let scalar = try failures(flipping: 0, ofByte: 131_072, in: bytes, threads: threads)
    #expect(scalar.map(\.tensors) == [["draft/scalar"]])
  }

  @Test func namesThePlaceOfDamagedPadding() throws {
    let bytes = try Vector.named("pair.griffin").bytes
    // After the manifest, after a payload, after the last payload.
    for offset in [16383, 65536 + 16, bytes.count - 1] {
      let failures = try failures(flipping: 7, ofByte: offset, in: bytes, threads: 2)
      #expect(failures.map(\.message) == ["padding: byte \(offset) is 128, expected 0"])
      #expect(failures.first?.tensors.isEmpty == true)
      #expect(failures.first.map { ($0.offset..<$0.offset + $0.byteCount).contains(offset) } == true)
    }
  }

  @Test func findsEveryFlippedBit() throws {
    var numbers = SeededNumbers(seed: 20)
    for vector in Vector.all {
      let bytes = try vector.bytes
      let manifestEnd = try 128 + BundleForge(vector).manifest.utf8.count
      for index in 0..<150 {
        // Half of them where there is more than padding.
        let offset = Int.random(in: 0..<(index % 2 == 0 ? bytes.count : manifestEnd), using: &numbers)
        let bit = Int.random(in: 0..<8, using: &numbers)
        do {
          let found = try failures(flipping: bit, ofByte: offset, in: bytes, threads: 1)
          #expect(!found.isEmpty, "bit \(bit) of byte \(offset) of \(vector.file)")
          #expect(offset >= manifestEnd)
        } catch let error as GriffinError {
          #expect(offset < manifestEnd, "\(error)")
        }
      }
    }
  }

  @Test func listsAllThatIsWrongInTheOrderOfTheFile() throws {
    var bytes = try Vector.named("pair.griffin").bytes
    for offset in [131_072, 20_000, 98_304, 65_536] { bytes[offset] ^= 1 }
    let failures = try ModelBundle.open(path: folder.write(bytes, to: "damaged")).verifyPayloads(threads: 2)
    #expect(failures.map(\.offset) == [16384 + 54, 65_536, 98_304, 131_072])
  }

  @Test func tellsProgressAndCanBeInterrupted() throws {
    let bundle = try ModelBundle.open(path: Vector.named("pair.griffin").path)
    let last = Mutex((0, 0))
    _ = try bundle.verifyPayloads(threads: 2) { done, total in last.withLock { $0 = (done, total) } }
    let (done, total) = last.withLock { $0 }
    #expect(done == total)
    #expect(total == bundle.file.byteCount - (try 128 + BundleForge(.named("pair.griffin")).manifest.utf8.count))
    let cancellation = Cancellation()
    cancellation.cancel()
    let error = #expect(throws: GriffinError.self) { try bundle.verifyPayloads(threads: 2, cancellation: cancellation) }
    #expect(error?.kind == .interrupted)
  }

  @Test func noticesAFileThatChangesMeanwhile() throws {
    let path = try folder.write(Vector.named("pair.griffin").bytes, to: "changing")
    let bundle = try ModelBundle.open(path: path)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 100_000)
    try handle.close()
    let error = #expect(throws: GriffinError.self) { try bundle.verifyPayloads(threads: 1) }
    #expect(error?.kind == .changed)
  }
}
