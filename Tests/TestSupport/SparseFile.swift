import Foundation

/// A file of a few bytes and large holes, which take no room on a disk.
struct SparseFile {
  private var pieces: [(offset: Int, bytes: [UInt8])] = []
  private(set) var length = 0

  mutating func append(_ bytes: [UInt8]) {
    pieces.append((length, bytes))
    length += bytes.count
  }

  mutating func skip(_ count: Int) { length += count }

  func write(to path: String) throws {
    try Data().write(to: URL(fileURLWithPath: path))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.truncate(atOffset: UInt64(length))
    for piece in pieces {
      try handle.seek(toOffset: UInt64(piece.offset))
      try handle.write(contentsOf: Data(piece.bytes))
    }
  }
}
