import Foundation

/// A folder in memory for the readers that take paths; the operating system's own temporary folder where there is none.
enum WorkFolder {
  static let path: String = {
    let parent = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let path = "\(parent)/griffin-fuzz-\(getpid())"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: WorkFolder.path) }
    return path
  }()

  /// Writes the input under a name.
  /// - Returns: Its path.
  static func write(_ bytes: [UInt8], to name: String) -> String {
    let path = "\(self.path)/\(name)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    precondition(close(descriptor) == 0 && written == bytes.count, "\(path) cannot be written")
    return path
  }
}
