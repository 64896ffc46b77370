import ByteStorage
import Foundation
import TestSupport
import Testing

/// The readers for other languages, `formats/readers/griffin.h` and `scripts/python`: they read what griffin reads, refuse what it
/// refuses, and survive everything. The one in C runs under the address sanitizer.
struct ReaderTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What a program printed, and how it ended.
  private struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  private struct NotBuilt: Error { let text: String }

  private static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    for name in ["output", "errors"] { try folder.write([], to: name) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("output")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("errors")))
    try process.run()
    HangGuard.wait(for: process)
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: String(decoding: try folder.read("output"), as: UTF8.self), errors: String(decoding: try folder.read("errors"), as: UTF8.self))
  }

  /// The sample program, built once, with warnings as errors.
  private static let program = Result<(path: String, folder: TemporaryFolder), any Error> {
    let folder = try TemporaryFolder()
    let source = root.appending(path: "formats/readers/list.c").path
    let flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
    // A Swift toolchain brings clang; another compiler does as well.
    let compiler = ["sh", "-c", "exec \"$(command -v clang || command -v cc)\" \"$@\"", "sh"]
    let built = try run(compiler + flags + ["-o", folder.path("list"), source], in: folder)
    guard built.status == 0 else { throw NotBuilt(text: built.errors) }
    return (folder.path("list"), folder)
  }

  /// Rules that a reader of bundles does not check on opening: of models, of payloads and of what attachments hold.
  private static let bundles = BundleCorpus.headers + BundleCorpus.manifests + BundleCorpus.components + BundleCorpus.tensors
    + BundleCorpus.payloads

  @Test(arguments: bundles) func theReaderInCRefusesWhatGriffinRefuses(_ hostile: HostileCase) throws {
    let (folder, scratch) = (try CorpusFolder(), try TemporaryFolder())
    try hostile.make(folder)
    let path = try scratch.write(folder.read(BundleCorpus.file), to: "b.griffin")
    let outcome = try ReaderTests.run([try ReaderTests.program.get().path, path], in: scratch)
    #expect(outcome.status == 65, "\(outcome.status) \(outcome.output) \(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: "), "\(outcome.errors)")
  }

  /// No byte of a bundle, changed, takes the reader in C beyond the file; every byte that a digest covers is missed by none.
  @Test func theReaderInCSurvivesEveryTruncationAndFlip() throws {
    let (scratch, vector) = (try TemporaryFolder(), try TinyBundle.vector())
    let program = try ReaderTests.program.get().path
    for length in stride(from: 0, to: vector.count, by: 4099) {
      try scratch.write(Array(vector.prefix(length)), to: "b.griffin")
      #expect(try ReaderTests.run([program, scratch.path("b.griffin"), "--check"], in: scratch).status == 65)
    }
    for place in stride(from: 0, to: 2200, by: 53) {
      var bytes = vector
      bytes[place] ^= 0x10
      try scratch.write(bytes, to: "b.griffin")
      let outcome = try ReaderTests.run([program, scratch.path("b.griffin"), "--check"], in: scratch)
      #expect(outcome.status == 65 || outcome.status == 1, "\(place): \(outcome.status) \(outcome.errors)")
    }
  }

  private struct Vector: Decodable {
    struct Tensor: Decodable {
      let name: String
      let type: String
      let shape: [Int]
      let offset: Int
      let hex: String
    }
    let file: String
    let digest: String
    let tensors: [Tensor]
  }

  private static func vectors() throws -> [Vector] {
    let examples = root.appending(path: "formats/examples")
    return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: examples.appending(path: "bundles.json")))
  }

  @Test func theReaderInCReadsTheVectors() throws {
    let (scratch, program) = (try TemporaryFolder(), try ReaderTests.program.get().path)
    for vector in try ReaderTests.vectors() {
      let path = ReaderTests.root.appending(path: "formats/examples/\(vector.file)").path
      let outcome = try ReaderTests.run([program, path, "--check"], in: scratch)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n").map(String.init)
      let expected = vector.tensors.map { tensor in
        let shown = tensor.hex.isEmpty ? "" : " " + tensor.hex.prefix(16)
        return "\(tensor.name) \(tensor.type) \(tensor.shape) \(tensor.hex.count / 2) bytes\(shown)"
      }
      #expect(lines == [vector.digest] + expected)
      for tensor in vector.tensors {
        #expect(try ReaderTests.run([program, path, tensor.name], in: scratch).status == 0)
      }
      #expect(try ReaderTests.run([program, path, "draft/nothing"], in: scratch).status == 1)
    }
  }

  /// Prints a line a bundle: `ok` with its tensors, or the kind of error.
  private static let script = """
    import json, sys
    sys.path.insert(0, sys.argv[1])
    import griffin_bundle
    for path in sys.argv[2:]:
        try:
            with griffin_bundle.open(path) as bundle:
                rows = [[t.name, t.type, list(t.shape), t.offset, bytes(bundle._bytes(t.offset, t.bytes)).hex()] for t in bundle.tensors.values()]
                print(json.dumps(["ok", bundle.digest, rows, bundle.verify()]))
        except griffin_bundle.BundleError as error:
            print(json.dumps([error.kind]))
    """

  private static func python(_ paths: [String], in scratch: TemporaryFolder) throws -> [[Any]] {
    let module = root.appending(path: "scripts/python").path
    let outcome = try run(["python3", "-B", "-c", script, module] + paths, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.output.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [Any])
    }
  }

  @Test func theReaderInPythonReadsTheVectors() throws {
    let vectors = try ReaderTests.vectors()
    let paths = vectors.map { ReaderTests.root.appending(path: "formats/examples/\($0.file)").path }
    for (line, vector) in zip(try ReaderTests.python(paths, in: try TemporaryFolder()), vectors) {
      #expect(line.first as? String == "ok" && line[1] as? String == vector.digest && (line[3] as? [Any])?.isEmpty == true)
      let rows = try #require(line[2] as? [[Any]])
      #expect(rows.count == vector.tensors.count)
      for (row, tensor) in zip(rows, vector.tensors) {
        #expect(row[0] as? String == tensor.name && row[1] as? String == tensor.type && row[2] as? [Int] == tensor.shape)
        #expect(row[3] as? Int == tensor.offset && row[4] as? String == tensor.hex)
      }
    }
  }

  @Test func theReaderInPythonRefusesWhatGriffinRefuses() throws {
    let scratch = try TemporaryFolder()
    var paths: [String] = []
    for hostile in ReaderTests.bundles {
      let folder = try CorpusFolder()
      try hostile.make(folder)
      paths.append(try scratch.write(folder.read(BundleCorpus.file), to: "\(hostile.name).griffin"))
    }
    let lines = try ReaderTests.python(paths, in: scratch)
    #expect(lines.count == paths.count)
    for (line, hostile) in zip(lines, ReaderTests.bundles) {
      #expect(line.count == 1 && line.first as? String == hostile.kind.rawValue, "\(hostile.name): \(line)")
    }
  }
}
