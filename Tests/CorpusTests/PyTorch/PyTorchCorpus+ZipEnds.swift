import ByteStorage
import TestSupport

/// The records that end an archive, and the 64-bit form (Z1).
extension PyTorchCorpus {
  private static let locates = "one directory that it locates exactly"
  private static let whole = "of no split archive"

  /// The last bytes of the file changed at an offset from its end.
  private static func end(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mention: String, at place: Int, _ new: [UInt8]
  ) -> HostileCase {
    bytes("zip-end-\(name)", words, kind, mention) { file in
      var file = file
      file.replaceSubrange(file.count - place..<file.count - place + new.count, with: new)
      return file
    }
  }

  /// A zip64 field: the identifier, the size and the numbers.
  private static func large(_ values: [UInt64]) -> [UInt8] {
    littleEndian(UInt16(1)) + littleEndian(UInt16(8 * values.count)) + littleEndian(values)
  }

  private static func sized(
    _ name: String, _ kind: GriffinError.Kind, _ mention: String, _ values: [UInt64]
  ) -> HostileCase {
    archive("zip64-\(name)", "zip64 included", kind, mention) { zip in
      (zip.members[2].compressedBytes, zip.members[2].uncompressedBytes) = (.max, .max)
      zip.members[2].directoryExtra = large(values)
    }
  }

  static let zipEnds: [HostileCase] = [
    archive("end-comment", "No comment", .malformed, "end record") { $0.comment = Array("a comment".utf8) },
    archive("end-record-in-a-comment", "No comment", .malformed, "does not end where the end record starts") { zip in
      // The comment is itself the end of another archive; which one counts is up to the reader.
      zip.comment = ZipBuilder().bytes
    },
    archive("entries-too-many", locates, .malformed, "expected an entry") { $0.entryCountError = 1 },
    archive("entries-too-few", locates, .malformed, "goes on") { $0.entryCountError = -1 },
    end("without-entries", locates, .malformed, "pytorch_model.bin", at: 14, [0, 0, 0, 0]),
    end("directory-one-byte-earlier", locates, .malformed, "does not end where", at: 10, [0xFF]),
    end("directory-beyond-the-file", locates, .malformed, "does not end where", at: 6, [0, 0, 0, 0x7F]),
    end("directory-of-all-bits", locates, .malformed, "does not end where", at: 10, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    end("disk-one", whole, .unsupported, "split over several files", at: 18, [1, 0]),
    end("directory-on-disk-one", whole, .unsupported, "split over several files", at: 16, [1, 0]),
    end("entries-on-this-disk-fewer", whole, .unsupported, "split over several files", at: 14, [1, 0]),
    archive("zip64-end-entries-too-many", locates, .malformed, "expected an entry") {
      ($0.hasLargeEnd, $0.entryCountError) = (true, 1)
    },
    archive("zip64-end-entries-beyond-the-limit", "members of the archive | 100,016", .unsafe, "100016") {
      ($0.hasLargeEnd, $0.entryCountError) = (true, 200_000)
    },
    archive("zip64-end-entries-four-billion", "members of the archive | 100,016", .unsafe, "at most 100016") {
      ($0.hasLargeEnd, $0.entryCountError) = (true, 1 << 32)
    },
    bytes("zip64-locator-elsewhere", "zip64 included", .malformed, "zip64 end record") { large64($0, at: 22 + 12, littleEndian(UInt64(0))) },
    bytes("zip64-locator-of-all-bits", "zip64 included", .malformed, "zip64 end record") { large64($0, at: 22 + 12, littleEndian(UInt64.max)) },
    bytes("zip64-of-two-disks", whole, .unsupported, "split over several files") { large64($0, at: 22 + 4, [2]) },
    bytes("zip64-end-of-another-size", "zip64 included", .malformed, "zip64 end record") { large64($0, at: 22 + 20 + 52, [45]) },
    bytes("zip64-directory-of-all-bits", locates, .malformed, "does not end where") {
      large64($0, at: 22 + 20 + 16, [UInt8](repeating: 0xFF, count: 16))
    },
    bytes("zip64-directory-wraps", locates, .malformed, "does not end where") {
      large64($0, at: 22 + 20 + 16, littleEndian(UInt64(1) << 63) + littleEndian(UInt64(1) << 63))
    },
    bytes("zip64-entries-on-this-disk-fewer", whole, .unsupported, "split over several files") { large64($0, at: 22 + 20 + 32, [1]) },
    bytes("zip64-end-contradicts", "zip64 included", .malformed, "contradict") { large64($0, at: 12, [1, 0]) },
    sized("size-missing", .malformed, "zip64 field lacks", []),
    sized("size-of-one", .malformed, "zip64 field lacks", [64]),
    sized("size-of-all-bits", .malformed, "zip64 field", [.max, .max]),
    sized("size-negative", .malformed, "zip64 field", [1 << 63, 1 << 63]),
    sized("size-largest", .malformed, "overlap what follows or exceed the file", [1 << 62, 1 << 62]),
    sized("size-two-ways", .malformed, "is stored, but has", [4096, 2048]),
    archive("zip64-field-twice", "zip64 included", .malformed, "two zip64 fields") { zip in
      (zip.members[2].compressedBytes, zip.members[2].uncompressedBytes) = (.max, .max)
      zip.members[2].directoryExtra = large([2048, 2048]) + large([64, 64])
    },
    archive("extra-field-beyond-its-header", agreeRule, .malformed, "exceeds its header") {
      $0.members[2].directoryExtra = littleEndian(UInt16(1)) + littleEndian(UInt16(500))
    },
    archive("descriptor-of-another-size", agreeRule, .malformed, "no record of its size") { zip in
      deferred(&zip.members[2], size: 4)
    },
    archive("descriptor-of-another-checksum", agreeRule, .malformed, "no record of its size") { zip in
      deferred(&zip.members[2], checksum: 7)
    },
    archive("descriptor-missing", agreeRule, .malformed, "no record of its size") { zip in
      deferred(&zip.members[2])
      zip.members[2].descriptor = []
    },
  ]

  private static let agreeRule = "local headers agree with the directory"

  /// The file with its 64-bit end record, changed at an offset from its end.
  private static func large64(_ file: [UInt8], at place: Int, _ new: [UInt8]) -> [UInt8] {
    guard let source = try? TinyCheckpoint.draft().source else { return file }
    var zip = PyTorchBuilder(source).zip
    zip.hasLargeEnd = true
    var bytes = zip.bytes
    bytes.replaceSubrange(bytes.count - place..<bytes.count - place + new.count, with: new)
    return bytes
  }

  /// Gives a member its sizes and checksum after its data, as writers that stream do.
  static func deferred(_ member: inout ZipBuilder.Member, size: UInt32? = nil, checksum: UInt32? = nil) {
    member.flags = 1 << 3
    (member.localBytes, member.localChecksum) = (0, 0)
    let count = size ?? UInt32(member.bytes.count)
    member.descriptor = littleEndian(UInt32(0x0807_4B50)) + littleEndian(checksum ?? member.trueChecksum) + littleEndian(count) + littleEndian(count)
  }
}
