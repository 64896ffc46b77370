import ByteStorage
import Conversion
import Foundation
import TestSupport
import Testing

/// A record beside a partial file is hostile input: whatever it holds, a run refuses or makes an undisturbed run's bytes.
struct HostileRecordTests {
  let folder: TemporaryFolder
  let whole: [UInt8]
  let partial: [UInt8]
  let record: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    var pair = try Pair(folder: folder)
    _ = try ConversionRun(pair.inputs(), output: pair.output).run()
    whole = try folder.read("pair.griffin")
    try FileManager.default.removeItem(atPath: pair.output)
    pair.draft.onRead = { name, _ in if name == "fc.weight" { throw GriffinError(.interrupted, "interrupted") } }
    _ = try? ConversionRun(pair.inputs(), output: pair.output, threads: 1).run()
    partial = try folder.read("pair.griffin.partial")
    record = try folder.read("pair.griffin.partial.state")
  }

  /// - Returns: Whether the run continued; nil where it was refused.
  private func outcome(sourceLocation: SourceLocation = #_sourceLocation) throws -> Resumption? {
    let pair = try Pair(folder: folder)
    do {
      let (result, _) = try ConversionRun(pair.inputs(), output: pair.output, resume: true, threads: 1).run()
      #expect(try folder.read("pair.griffin") == whole, sourceLocation: sourceLocation)
      try FileManager.default.removeItem(atPath: pair.output)
      return result.resumption
    } catch let error as GriffinError {
      #expect(error.kind == .exists, "\(error)", sourceLocation: sourceLocation)
      #expect(error.message.contains("record") || error.message.contains("begun"), "\(error)", sourceLocation: sourceLocation)
      #expect(!FileManager.default.fileExists(atPath: pair.output), sourceLocation: sourceLocation)
      return nil
    }
  }

  private func outcome(of record: [UInt8]) throws -> Resumption? {
    try folder.write(partial, to: "pair.griffin.partial")
    try folder.write(record, to: "pair.griffin.partial.state")
    return try outcome()
  }

  private func lines(_ record: [UInt8]) -> [[UInt8]] { record.split(separator: 10).map { Array($0) } }

  /// A line with its check.
  private func line(_ text: String) -> [UInt8] {
    Array("\(SHA256Digest(of: text.rawBytes).hexadecimal.prefix(16)) \(text)\n".utf8)
  }

  /// The lines that say which conversion it is of.
  private var head: [UInt8] {
    lines(record).filter { !String(decoding: $0, as: UTF8.self).contains("sha256") }.flatMap { $0 + [10] }
  }

  @Test func flippedBytes() throws {
    #expect(try outcome(of: record) == .continued(kept: 3, of: 4))
    var (refused, continued) = (0, 0)
    for offset in stride(from: 0, to: record.count, by: 29) {
      var damaged = record
      damaged[offset] ^= 1 << (offset % 8)
      if try outcome(of: damaged) == nil { refused += 1 } else { continued += 1 }
    }
    // A head that does not check is no head; entries that do not are passed over.
    #expect(refused > 0 && continued > 0)
  }

  @Test func tornRecords() throws {
    for length in stride(from: 0, to: record.count, by: 43) {
      let outcome = try outcome(of: Array(record[..<length]))
      #expect((outcome == nil) == (length < head.count))
    }
    // A line without its end is torn, even if all else of it is there; the next one does not run into it.
    let last = try #require(lines(record).last)
    let torn = Array(record.dropLast())
    guard case .continued(let kept, 4) = try outcome(of: torn) else { throw CocoaError(.coderInvalidValue) }
    #expect(kept == (String(decoding: last, as: UTF8.self).contains("payload") ? 2 : 3))
  }

  @Test func entriesThatCheckAndLie() throws {
    let digest = String(repeating: "0", count: 64)
    let lies = [
      #"{"payload":0,"sha256":"\#(digest)"}"#, #"{"payload":9223372036854775807,"sha256":"\#(digest)"}"#,
      #"{"payload":-1,"sha256":"\#(digest)"}"#, #"{"payload":5,"sha256":"short"}"#, #"{"payload":5}"#, #"{"source":-9,"sha256":"\#(digest)"}"#,
      #"{"payload":5,"sha256":"\#(digest)","errors":{"rmse":-1,"max":1e999,"cosine":"x"}}"#, "[]", "5", "not JSON", "",
      String(repeating: "[", count: 5000),
    ]
    for lie in lies { #expect(try outcome(of: record + line(lie)) == .continued(kept: 3, of: 4), "\(lie.prefix(40))") }
    // Later lines count: payload 5 is said to be another now, and is made again.
    let all = (0..<12).map { #"{"payload":\#($0),"sha256":"\#(digest)"}"# }.flatMap(line)
    #expect(try outcome(of: record + all) == .continued(kept: 0, of: 4))
  }

  @Test func headsThatCheckAndLie() throws {
    let start = try #require(lines(record).first)
    let first = String(decoding: start.dropFirst(17), as: UTF8.self)
    let rest = Array(record.dropFirst(start.count + 1))
    let count = lines(head).count - 1
    #expect(try outcome(of: line(first) + rest) == .continued(kept: 3, of: 4))
    for lie in [
      first.replacing("\"version\":1", with: "\"version\":2"), first.replacing("griffin-partial", with: "griffin-bundle"),
      first.replacing(try Regex("\"inputs\":[0-9]+"), with: "\"inputs\":9223372036854775807"),
      first.replacing(try Regex("\"options\":[0-9]+"), with: "\"options\":-1"),
      first.replacing(try Regex("\"inputs\":[0-9]+"), with: "\"inputs\":\(count)"),
      first.replacing(try Regex("\"plan\":\"[0-9a-f]{4}"), with: "\"plan\":\"0000"), "{}", "[]",
    ] {
      #expect(try outcome(of: line(lie) + rest) == nil, "\(lie)")
    }
  }

  @Test func recordsThatAreNoFilesOrHuge() throws {
    let path = folder.path("pair.griffin.partial.state")
    try folder.write(partial, to: "pair.griffin.partial")
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 1 << 40)
    try handle.close()
    #expect(try outcome() == nil)
    try FileManager.default.removeItem(atPath: path)
    #expect(try outcome() == nil)
    try folder.write(record, to: "elsewhere")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path("elsewhere"))
    #expect(try outcome() == nil)
    #expect(try folder.read("elsewhere") == record)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(try outcome() == nil)
  }
}
