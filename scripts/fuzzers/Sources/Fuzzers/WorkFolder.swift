import Foundation

/// A folder in memory for the readers that take paths; the operating system's own temporary folder where there is none.
public enum WorkFolder {
  static let path: String = {
    let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let path = "\(parent)/griffin-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }()

  /// Writes the input under a name.
  /// - Returns: Its path.
  static func write(_ bytes: [UInt8], to name: String) -> String {
    let path = "\(self.path)/\(name)"
    precondition(FileManager.default.createFile(atPath: path, contents: Data(bytes)), "\(path) cannot be written")
    return path
  }

  public static func remove() { try? FileManager.default.removeItem(atPath: path) }
}
