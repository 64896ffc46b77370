import Bundles
import ByteStorage
import Foundation
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

  /// 500 bits over a tiny bundle, in every kind of place; each is found, and the message names the place.
  @Test func findsEveryFlippedBitAndNamesItsPlace() throws {
    let vector = try Vector.named("pair.griffin")
    let (bytes, places) = (try vector.bytes, try Places(vector))
    var numbers = SeededNumbers(seed: 20)
    var counts: [String: Int] = [:]
    for index in 0..<500 {
      // All of the file, and again what is small in it.
      let ranges = [0..<bytes.count, 0..<128, 128..<places.manifestEnd] + places.owned.map(\.range)
      let offset = Int.random(in: ranges[index % ranges.count], using: &numbers)
      let bit = Int.random(in: 0..<8, using: &numbers)
      let comment: Comment = "bit \(bit) of byte \(offset)"
      do {
        let found = try failures(flipping: bit, ofByte: offset, in: bytes, threads: 1 + index % 2)
        #expect(offset >= places.manifestEnd, comment)
        let failure = try #require(found.first, comment)
        #expect(found.count == 1, comment)
        if let owner = places.owned.first(where: { $0.range.contains(offset) }) {
          counts[owner.isAttachment ? "attachment" : "tensor", default: 0] += 1
          #expect(failure.offset == owner.range.lowerBound && failure.byteCount == owner.range.count, comment)
          #expect(owner.names.allSatisfy { failure.message.contains($0) }, comment)
          #expect(failure.tensors == (owner.isAttachment ? [] : owner.names), comment)
        } else {
          counts["padding", default: 0] += 1
          #expect(failure.message == "padding: byte \(offset) is \(1 << bit), expected 0", comment)
          #expect((failure.offset..<failure.offset + failure.byteCount).contains(offset), comment)
        }
      } catch let error as GriffinError {
        let place = try #require(error.offset, comment)
        #expect(offset < places.manifestEnd && (place < 128) == (offset < 128), comment)
        counts[offset < 128 ? "header" : "manifest", default: 0] += 1
      }
    }
    for place in ["header", "manifest", "padding", "attachment", "tensor"] { #expect(counts[place, default: 0] > 20, "\(place)") }
    #expect(counts.values.reduce(0, +) == 500)
  }

  /// What lies where, by the manifest's own text.
  private struct Places {
    let manifestEnd: Int
    private(set) var owned: [(range: Range<Int>, names: [String], isAttachment: Bool)] = []

    init(_ vector: Vector) throws {
      let text = try BundleForge(vector).manifest
      manifestEnd = 128 + text.utf8.count
      let manifest = try JSONValue.parse(text.rawBytes, limits: .config)
      for (index, payload) in (manifest["payloads"]?.array ?? []).enumerated() {
        let (offset, count) = (try #require(payload["offset"]?.integer), try #require(payload["bytes"]?.integer))
        func names(_ key: String) -> [String] {
          (manifest[key]?.array ?? []).filter { $0["payload"]?.integer == index }.compactMap { $0["name"]?.string }
        }
        let attachments = names("attachments")
        guard count > 0 else { continue }
        owned.append((offset..<offset + count, attachments + names("tensors"), !attachments.isEmpty))
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
    let last = Locked((0, 0))
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
