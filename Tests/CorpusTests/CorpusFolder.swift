import ByteStorage
import Foundation
import TestSupport

/// The folder that a case works in, with a scratch folder beside it for what the command keeps for a while.
final class CorpusFolder: Sendable {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["work", "scratch"] {
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
    }
  }

  /// Where the command is started.
  var path: String { folder.path("work") }
  /// The command's `TMPDIR`.
  var scratchPath: String { folder.path("scratch") }

  /// The path of a file in it, whether it is there or not.
  func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file, and the folders that it is in: `target/config.json`.
  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  func read(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  /// Makes a named pipe, which nobody writes to.
  func makePipe(_ name: String) throws {
    // Sound: the path is borrowed for the call.
    guard unsafe mkfifo(path(name), 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  func link(_ name: String, to destination: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: destination)
  }

  /// Leaves a copy for `scripts/bench hostile`, which names a folder for them in the environment.
  func keepCopy(of name: String, _ arguments: [String]) throws {
    guard let place = ProcessInfo.processInfo.environment["GRIFFIN_CORPUS_FOLDER"] else { return }
    let copy = URL(fileURLWithPath: place).appending(path: name)
    try? FileManager.default.removeItem(at: copy)
    // Pipes and the like are copied as such: Foundation would wait for what comes out of them.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/cp")
    process.arguments = ["-a", path, copy.path]
    try process.run()
    process.waitUntilExit()
    try Data(JSONValue.array(arguments.map { .string($0) }).encoded().utf8).write(to: copy.appendingPathExtension("arguments"))
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Every file and folder in both, with its size and when it was changed.
  func snapshot() throws -> [String: String] {
    var found: [String: String] = [:]
    for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.path(name))
      let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
      let date = attributes[.modificationDate] as? Date
      found[name] = isFolder ? "folder" : "\(attributes[.size] ?? 0) bytes of \(date?.timeIntervalSince1970 ?? 0)"
    }
    return found
  }
}
