import ByteStorage
import TestSupport

/// As much of a zip archive as a mutator needs: it takes apart what is whole, and makes checksums right again.
enum ZipMembers {
  /// The members of an archive without gaps, to be put together anew; nil for anything else.
  static func parse(_ file: [UInt8]) -> ZipBuilder? {
    var zip = ZipBuilder()
    for place in places(of: file) {
      guard let name = String(validating: file[place.name], as: UTF8.self) else { return nil }
      zip.add(name, Array(file[place.data]))
    }
    return zip.members.isEmpty ? nil : zip
  }

  /// Writes every member's true checksum into both of its headers.
  static func repair(_ file: inout [UInt8]) {
    for place in places(of: file) {
      let checksum = littleEndian(crc32(Array(file[place.data])))
      for offset in [place.local + 14, place.directory + 16] { file.replaceSubrange(offset..<offset + 4, with: checksum) }
    }
  }

  private struct Place {
    var directory: Int, local: Int
    var name: Range<Int>, data: Range<Int>
  }

  /// Finds directory entries by their signature, from the last local header on.
  private static func places(of file: [UInt8]) -> [Place] {
    let bytes = file.rawBytes
    func field<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, _ offset: Int) -> Int? {
      bytes.littleEndian(type, at: offset).map { Int($0) }
    }
    var (places, offset) = ([Place](), 0)
    while offset + 46 <= file.count {
      guard field(UInt32.self, offset) == 0x0201_4B50, let count = field(UInt32.self, offset + 20),
        let local = field(UInt32.self, offset + 42), field(UInt32.self, local) == 0x0403_4B50,
        let nameCount = field(UInt16.self, local + 26), let extraCount = field(UInt16.self, local + 28)
      else {
        offset += 1
        continue
      }
      let name = local + 30
      let data = name + nameCount + extraCount
      offset += 46
      guard data + count <= file.count else { continue }
      places.append(Place(directory: offset - 46, local: local, name: name..<name + nameCount, data: data..<data + count))
    }
    return places
  }
}
