import Foundation
import TestSupport

/// The built command, run as a user runs it.
struct Program {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// The document on standard output.
    var json: [String: Any] {
      get throws {
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
        guard let dictionary = object as? [String: Any] else { throw CocoaError(.propertyListReadCorrupt) }
        return dictionary
      }
    }

    /// Lines of standard error that begin with a word.
    func lines(_ prefix: String) -> [String] {
      errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }
  }

  /// Runs the command; relative paths are taken from `folder`, standard input from the file `input`.
  static func run(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:], input: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = BuiltCommand.url
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files instead of pipes: nothing to drain, however much is printed.
    let scratch = try TemporaryFolder()
    let (output, errors) = (scratch.url.appending(path: "output"), scratch.url.appending(path: "errors"))
    for url in [output, errors] { try Data().write(to: url) }
    process.standardInput = try input.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

/// A folder that goes away with its last user.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "griffin-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A path inside.
  subscript(_ name: String) -> String { url.appending(path: name).path }

  /// Names inside, sorted.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: url.path).sorted()) ?? [] }
}

/// The trained pairs of the repository.
enum Golden {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/golden")

  static func path(_ name: String) -> String { root.appending(path: name).path }

  /// A copy that a test may damage.
  static func copy(_ name: String, to folder: TemporaryFolder, as copyName: String) throws -> URL {
    let destination = folder.url.appending(path: copyName)
    try FileManager.default.copyItem(at: root.appending(path: name), to: destination)
    return destination
  }

  /// Converts a pair into `folder`.
  static func convert(_ name: String, into folder: TemporaryFolder, arguments: [String] = []) throws -> (String, Program.Outcome) {
    let bundle = folder["\(name).griffin"]
    let outcome = try Program.run(
      ["convert", "--target", path("\(name)/target"), "--draft", path("\(name)/draft"), "-o", bundle] + arguments)
    return (bundle, outcome)
  }
}
