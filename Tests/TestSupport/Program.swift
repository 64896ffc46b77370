public import Foundation

/// The built command, run as a user runs it.
public struct Program {
  public struct Outcome {
    public let status: Int32
    public let output: String
    public let errors: String

    /// The document on standard output.
    public var json: [String: Any] {
      get throws {
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
        guard let dictionary = object as? [String: Any] else { throw CocoaError(.propertyListReadCorrupt) }
        return dictionary
      }
    }

    /// Lines of standard error that begin with a word.
    public func lines(_ prefix: String) -> [String] {
      errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }
  }

  /// Runs the command; relative paths are taken from `folder`, standard input from the file `input`.
  public static func run(
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
