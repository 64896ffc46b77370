import ByteStorage
import TestSupport

/// The archive around the pickle (Z1 to Z5).
extension PyTorchCorpus {
  private static let plain = "members that are stored (not compressed) and not encrypted"
  private static let agree = "local headers agree with the directory"
  private static let order = "follow one another without gap or overlap"
  private static let checksum = "Z5. The CRC-32 of `data.pkl` is checked when the file is opened"
  private static let one = "Z2. Exactly one `data.pkl`, and every other member in its folder"

  /// The members of the archive: the pickle, the byte order, then the storages.
  private static let pickleMember = 0, orderMember = 1, firstStorage = 2

  private static func member(
    _ name: String, _ words: String, _ kind: GriffinError.Kind, _ mentions: String, _ index: Int = firstStorage,
    _ change: @escaping @Sendable (inout ZipBuilder.Member) -> Void
  ) -> HostileCase {
    archive(name, words, kind, mentions) { change(&$0.members[index]) }
  }

  static let zip: [HostileCase] = [
    member("name-other-in-local-header", agree, .malformed, "another name in its local header", pickleMember) { $0.localName = "archive/evil.pkl" },
    member("storage-name-other-in-local-header", agree, .malformed, "another name") { $0.localName = "archive/data/9" },
    member("size-other-in-local-header", agree, .malformed, "another size") { $0.localBytes = 4 },
    member("checksum-other-in-local-header", agree, .malformed, "another checksum") { $0.localChecksum = 1 },
    member("flags-other-in-local-header", agree, .malformed, "other flags") { $0.localFlags = 1 << 11 },
    member("encrypted", plain, .unsupported, "encrypted") { $0.flags = 1 },
    member("pickle-encrypted", plain, .unsupported, "encrypted", pickleMember) { $0.flags = 1 },
    member("encrypted-in-local-header-only", agree, .malformed, "other flags", pickleMember) { $0.localFlags = 1 },
    member("strongly-encrypted", plain, .unsupported, "flags 64", pickleMember) { $0.flags = 1 << 6 },
    member("directory-masked", plain, .unsupported, "flags 8192") { $0.flags = 1 << 13 },
    member("patched-data", plain, .unsupported, "flags 32") { $0.flags = 1 << 5 },
    member("deflated", plain, .unsupported, "compressed (method 8)") { $0.method = 8 },
    member("deflate-bomb", plain, .unsupported, "compressed (method 8)") { member in
      member.method = 8
      member.uncompressedBytes = 0xFFFF_FFF0
    },
    member("zstandard", plain, .unsupported, "compressed (method 93)") { $0.method = 93 },
    member("method-of-all-bits", plain, .unsupported, "compressed (method 65535)") { $0.method = .max },
    member("stored-in-two-sizes", plain, .malformed, "is stored, but has") { $0.uncompressedBytes = 4096 },
    member("pickle-checksum", checksum, .malformed, "CRC-32", pickleMember) { $0.checksum = 0x1234_5678 },
    member("byte-order-checksum", checksum, .malformed, "CRC-32", orderMember) { $0.checksum = 0x1234_5678 },
    member("storage-checksum", "that of a storage when its tensors are first read", .malformed, "CRC-32") { $0.checksum = 0x1234_5678 },
    archive("storage-bit-flipped", "that of a storage when its tensors are first read", .malformed, "CRC-32") { zip in
      zip.members[firstStorage].checksum = zip.members[firstStorage].trueChecksum
      zip.members[firstStorage].bytes[100] ^= 1
    },
    archive("pickle-bit-flipped", checksum, .malformed, "CRC-32") { zip in
      zip.members[pickleMember].checksum = zip.members[pickleMember].trueChecksum
      zip.members[pickleMember].bytes[1] ^= 1
    },
    archive("overlapping", order, .malformed, "has no local header") { $0.members[firstStorage].offsetError = -40 },
    archive("two-on-the-same-bytes", order, .malformed, "has no local header") { zip in
      // The directory gives the second storage the place of the first.
      let first = zip.members[firstStorage]
      zip.members[firstStorage + 1].offsetError = -(30 + first.name.utf8.count + first.bytes.count)
    },
    archive("offset-beyond-the-file", order, .malformed, "no record of its size") { $0.members[firstStorage].offsetError = 1 << 30 },
    archive("hidden-bytes-between", order, .malformed, "is followed by 4 bytes") { $0.members[firstStorage].gap = [1, 2, 3, 4] },
    archive("hidden-member-between", order, .malformed, "is followed by 85 bytes") { zip in
      // A whole member that only a reader from the front sees.
      var hidden = ZipBuilder()
      hidden.add("archive/data.pkl", PickleBuilder.stateDict { $0.none() })
      let bytes = hidden.bytes
      zip.members[firstStorage].gap = Array(bytes.prefix(bytes.count - 22 - 46 - 16))
    },
    archive("hidden-bytes-before-the-directory", order, .malformed, "is followed by 4 bytes") { $0.gapBeforeDirectory = [1, 2, 3, 4] },
    bytes("zip-after-other-bytes", order, .malformed, "pytorch_model.bin") { ZipBuilder.fourFloats.bytes + $0 },
    bytes("zip-cut-off", "one directory that it locates exactly", .malformed, "end record") { Array($0.dropLast(30)) },
    bytes("zip-cut-to-its-first-header", "one end record", .malformed, "end record") { Array($0.prefix(30)) },
    bytes("zip-four-bytes", "one end record", .malformed, "end record") { Array($0.prefix(4)) },
    bytes("zip-and-another-byte", "nothing after it", .malformed, "end record") { $0 + [0] },
    bytes("zip-after-zip", "one end record", .malformed, "end") { $0 + ZipBuilder.fourFloats.bytes },
    archive("without-a-pickle", one, .malformed, "found none") { $0.members.remove(at: pickleMember) },
    archive("two-pickles", one, .malformed, "found 2") { $0.add("other/data.pkl", PickleBuilder.stateDict { $0.none() }) },
    archive("pickle-of-another-case", one, .malformed, "found none") { $0.members[pickleMember].name = "archive/Data.pkl" },
    archive("pickle-two-folders-down", one, .malformed, "a/b/data.pkl") { $0.members[pickleMember].name = "a/b/data.pkl" },
    archive("member-in-another-folder", one, .malformed, "other/data/0") { $0.members[firstStorage].name = "other/data/0" },
    archive("member-twice", "each once", .malformed, "occurs twice") { $0.members.append($0.members[firstStorage]) },
    archive("pickle-twice", "each once", .malformed, "occurs twice") { $0.add("archive/data.pkl", PickleBuilder.stateDict { $0.none() }) },
    archive("storage-missing", "Z6. `data/KEY` for every storage", .malformed, "data/0") { $0.members.remove(at: firstStorage) },
    archive("byte-order-big", "Z3. `byteorder`", .unsupported, "'big'") { $0.members[orderMember].bytes = Array("big".utf8) },
    archive("byte-order-other", "Z3. `byteorder`", .unsupported, "'little") { $0.members[orderMember].bytes = Array("little\n".utf8) },
    archive("byte-order-of-a-megabyte", "Z3. `byteorder`", .unsupported, "byte order") {
      $0.members[orderMember].bytes = [UInt8](repeating: 0x6C, count: 1 << 20)
    },
    archive("torchscript-constants", "TorchScript, which is refused", .unsupported, "TorchScript") { $0.add("archive/constants.pkl", [0x80, 2]) },
    archive("torchscript-code", "TorchScript, which is refused", .unsupported, "TorchScript") { $0.add("archive/code/__torch__.py", [0x0A]) },
  ]

  private static let nameRule = "Their names are UTF-8 without control characters or backslashes, relative, without `..`"

  private static func named(_ name: String, _ mention: String, _ text: String) -> HostileCase {
    archive("member-\(name)", nameRule, .unsafe, mention) { $0.add(text, [1]) }
  }

  static let zipNames: [HostileCase] = [
    named("absolute", "absolute name", "/etc/cron.d/evil"), named("to-the-parent", "leaves the archive's folder", "archive/../../evil"),
    named("parent-first", "leaves the archive's folder", "../evil"), named("with-a-backslash", "backslashes", "archive\\evil"),
    named("with-nul", "control characters", "archive/a\0b"), named("with-a-terminal-escape", "control characters", "archive/\u{1B}[2J"),
    named("without-a-name", "no name", ""),
    archive("member-a-link", "no links", .unsafe, "symbolic link") { zip in
      var link = ZipBuilder.Member("archive/data/99", Array("/etc/passwd".utf8))
      (link.madeBy, link.externalAttributes) = (3 << 8, 0o120777 << 16)
      zip.members.append(link)
    },
    archive("member-a-folder-with-content", "no links", .malformed, "folder with content") { $0.add("archive/folder/", [1]) },
    bytes("zip-member-not-utf8", nameRule, .malformed, "UTF-8") { file in
      // The last name in the directory, archive/version, gets a byte that no UTF-8 has.
      var file = file
      file[file.count - 23] = 0xFF
      return file
    },
  ]
}
