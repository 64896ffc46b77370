import Foundation
import Testing

/// Files that are read at one go: most have less than a hundred lines, none more than four hundred.
struct FileLengthTests {
  private func lengths(_ folder: String) throws -> [(file: String, lines: Int)] {
    try Repository.swiftFiles(in: folder).map { file in
      (file, try Repository.text(file).utf8.count { $0 == UInt8(ascii: "\n") })
    }
  }

  @Test(arguments: ["Sources", "Tests", "scripts"]) func filesAreShort(folder: String) throws {
    let files = try lengths(folder)
    for file in files { #expect(file.lines <= 400, "\(file.file) has \(file.lines) lines") }
    let sorted = files.map(\.lines).sorted()
    #expect(sorted[sorted.count / 2] < 100, "the median of \(sorted.count) files in \(folder)")
  }
}
