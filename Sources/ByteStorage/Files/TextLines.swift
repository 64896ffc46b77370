/// Lines of a file as editors leave them: a byte order mark before the first, `\n` or `\r\n` after each.
package enum TextLines {
  /// The lines that hold more than spaces and tabs, with their numbers from 1 and their places, line ends left out.
  package static func filled(_ bytes: [UInt8]) -> [(number: Int, range: Range<Int>)] {
    var lines: [(number: Int, range: Range<Int>)] = []
    var (start, number) = (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0, 0)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      let range = end > start && bytes[end - 1] == 0x0D ? start..<end - 1 : start..<end
      if bytes[range].contains(where: { $0 != 0x20 && $0 != 0x09 }) { lines.append((number, range)) }
      start = end + 1
    }
    return lines
  }
}
