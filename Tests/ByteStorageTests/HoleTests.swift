import ByteStorage
import Foundation
import TestSupport
import Testing

/// Files parts of which were never written: they read as zeros.
struct HoleTests {
  private static let island = 3 << 20

  /// 8 MiB that hold 5000 bytes from `island` on and nothing else.
  private func sparse(_ folder: TemporaryFolder) throws -> InputFile {
    let path = folder.path("sparse")
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: 8 << 20)
    try file.seek(toOffset: UInt64(HoleTests.island))
    file.write(Data(repeating: 7, count: 5000))
    try file.close()
    return try InputFile(path: path)
  }

  private func bytes(_ file: InputFile, _ offset: Int, _ count: Int) throws -> [UInt8] {
    var buffer = ByteBuffer(byteCount: count)
    var span = buffer.mutableBytes
    span.copy([UInt8](repeating: 1, count: count).rawBytes, to: 0)
    try file.read(at: offset, into: &span)
    return buffer.bytes.copied
  }

  static let stretches: [(Int, Int)] = [
    (0, 1_048_576), (3_145_718, 20), (3_145_728, 5000), (3_150_718, 20), (4_194_304, 4_194_304), (0, 8_388_608), (8_388_607, 1), (5, 0),
  ]

  @Test(arguments: stretches)
  func holesReadAsZeros(offset: Int, count: Int) throws {
    let folder = try TemporaryFolder()
    let found = try bytes(try sparse(folder), offset, count)
    let written = HoleTests.island..<HoleTests.island + 5000
    #expect(found == (offset..<offset + count).map { written.contains($0) ? 7 : 0 })
  }

  @Test func aFileThatShrankIsNoHole() throws {
    let folder = try TemporaryFolder()
    let file = try sparse(folder)
    #expect(unsafe truncate(folder.path("sparse"), 6 << 20) == 0)
    #expect(try bytes(file, 5 << 20, 1 << 20) == [UInt8](repeating: 0, count: 1 << 20))
    #expect { try bytes(file, 5 << 20, 2 << 20) } throws: { ($0 as? GriffinError)?.kind == .changed }
  }
}
