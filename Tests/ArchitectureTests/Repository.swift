import Foundation

/// The checkout that the tests were built from.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Swift files in a folder and the folders in it, hidden ones left out; paths from the root, sorted.
  static func swiftFiles(in folder: String) throws -> [String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
    return paths.filter { $0.hasSuffix(".swift") && !"/\($0)".contains("/.") }.map { "\(folder)/\($0)" }.sorted()
  }

  /// Names of the folders in a folder.
  static func folders(in folder: String) throws -> Set<String> {
    let place = root.appending(path: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path)
    return Set(names.filter { (try? place.appending(path: $0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true })
  }
}
