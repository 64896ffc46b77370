import Foundation

/// What the files of one module import.
struct Imports {
  /// What comes with Swift and with the system, which no manifest declares.
  private static let system: Set<String> = ["Swift", "Synchronization", "Foundation", "Dispatch", "Glibc", "Musl", "Darwin"]

  /// Imported modules but those of the system, and a file that imports each.
  let files: [String: String]

  var names: Set<String> { Set(files.keys) }

  init(of module: String) throws {
    var files: [String: String] = [:]
    for file in try Repository.swiftFiles(in: "Sources/\(module)") {
      for name in try Imports.names(in: Repository.text(file)) where !Imports.system.contains(name) { files[name] = file }
    }
    self.files = files
  }

  /// Modules named by the lines of a Swift file that import one.
  static func names(in text: String) throws -> [String] {
    let kinds = "struct|class|enum|protocol|typealias|func|let|var"
    let line = try Regex(
      #"\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:\#(kinds))\s+)?(\w+)"#,
      as: (Substring, Substring).self)
    return text.split(separator: "\n").compactMap { candidate in
      candidate.contains("import") ? candidate.prefixMatch(of: line).map { String($0.output.1) } : nil
    }
  }
}
