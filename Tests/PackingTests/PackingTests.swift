import Archives
import Bundles
import ByteStorage
import Packing
import Tensors
import TestSupport
import Testing

/// Bundles that are packed and made again.
struct PackingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func pack(
    _ bundle: ModelBundle, _ name: String, base: ModelBundle? = nil, _ effort: PackingEffort = .usual, threads: Int = 2
  ) throws -> PackingResult {
    try BundlePacker(bundle, base: base, effort: effort, threads: threads).pack(to: OutputFile(path: folder.path(name), force: true))
  }

  private func unpack(_ name: String, base: ModelBundle? = nil, to output: String = "again.griffin") throws -> [UInt8] {
    try PackedBundle(file: InputFile(path: folder.path(name))).unpack(to: OutputFile(path: folder.path(output), force: true), base: base)
    return try folder.read(output)
  }

  private static let efforts: [PackingEffort] = [.fast, .usual, .level(1), .level(12)]

  /// Units enough for several blocks of the wider types.
  @Test(arguments: [1, 3, 9000]) func everyTypeComesBack(units: Int) throws {
    let bundle = try SmallBundle.everyType(units: units, to: folder.path("all.griffin"))
    for effort in units > 3 ? [.usual] : PackingTests.efforts {
      try pack(bundle, "all.tar.zst", effort)
      #expect(try unpack("all.tar.zst") == folder.read("all.griffin"), "\(effort)")
    }
    #expect(folder.names == ["again.griffin", "all.griffin", "all.tar.zst"])
  }

  @Test(arguments: ["draft-only", "pair"]) func theFormatsExamplesComeBack(name: String) throws {
    let path = Fixtures.path("../../formats/examples/\(name).griffin")
    let bundle = try ModelBundle.open(path: path)
    try pack(bundle, "example.tar.zst")
    let file = try InputFile(path: path)
    let expected = file.bytes.copied
    #expect(try unpack("example.tar.zst") == expected)
  }

  @Test func threadsDoNotShow() throws {
    let bundle = try SmallBundle.everyType(units: 5000, to: folder.path("all.griffin"))
    for effort in PackingTests.efforts {
      try pack(bundle, "one.tar.zst", effort, threads: 1)
      try pack(bundle, "five.tar.zst", effort, threads: 5)
      #expect(try folder.read("one.tar.zst") == folder.read("five.tar.zst"))
    }
  }

  /// What plain tools see, by libarchive, which knows nothing of planes.
  @Test func plainToolsListIt() throws {
    let bytes = SmallBundle.bell(rows: 4, columns: 64, seed: 1)
    let bundle = try SmallBundle.write([.init(name: "fc.weight", type: .bf16, shape: [4, 64], bytes: bytes)], to: folder.path("a.griffin"))
    try pack(bundle, "a.tar.zst")
    let reader = try ArchiveReader(path: folder.path("a.tar.zst"))
    var entries: [String: [UInt8]] = [:]
    var names: [String] = []
    while let entry = try reader.next() {
      #expect(entry.kind == .file)
      var buffer = ByteBuffer(byteCount: 1 << 16)
      var target = buffer.mutableBytes
      let count = try reader.read(into: &target)
      names.append(entry.name)
      entries[entry.name] = buffer.bytes.extracting(0..<count).copied
    }
    #expect(names == ["manifest.json", "archive.json", "payloads/000001", "attachments/draft/config.json.zst"])
    let file = try folder.read("a.griffin")
    let manifest = try #require(entries["manifest.json"])
    #expect(file[128..<128 + manifest.count].elementsEqual(manifest))
    #expect(SHA256Digest(of: manifest.rawBytes) == bundle.digest)
    // Exponents first, then signs with mantissas.
    let values = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    #expect(entries["payloads/000001"] == values.map { UInt8(truncatingIfNeeded: $0 >> 7) } + values.map { UInt8(($0 >> 8) & 0x80 | $0 & 0x7F) })
  }

  @Test func floatsGetSmall() throws {
    let bytes = SmallBundle.bell(rows: 512, columns: 1024, seed: 2)
    let bundle = try SmallBundle.write([.init(name: "fc.weight", type: .bf16, shape: [512, 1024], bytes: bytes)], to: folder.path("a.griffin"))
    let result = try pack(bundle, "a.tar.zst")
    #expect(Double(result.byteCount) < 0.68 * Double(bytes.count))
    #expect(try unpack("a.tar.zst") == folder.read("a.griffin"))
  }

  @Test func whatABaseHasIsLeftOut() throws {
    let first = SmallBundle.bell(rows: 64, columns: 1024, seed: 3)
    let second = SmallBundle.bell(rows: 64, columns: 1024, seed: 4)
    // A fine-tune: a step up or down here and there.
    var tuned = second
    for index in stride(from: 0, to: tuned.count, by: 10) { tuned[index] = tuned[index] &+ 1 }
    func part(_ name: String, _ bytes: [UInt8]) -> SmallBundle.Part { .init(name: name, type: .bf16, shape: [64, 1024], bytes: bytes) }
    let base = try SmallBundle.write([part("a", first), part("b", second)], to: folder.path("base.griffin"))
    let bundle = try SmallBundle.write([part("a", first), part("b", tuned)], to: folder.path("tuned.griffin"))
    let result = try pack(bundle, "delta.tar.zst", base: base)
    #expect(result.leftOutCount == 2 && result.differenceCount == 1)
    #expect(result.byteCount < first.count / 5, "\(result.byteCount)")
    #expect(try unpack("delta.tar.zst", base: base) == folder.read("tuned.griffin"))

    // Without its base, and with another, it stays packed.
    let packed = try PackedBundle(file: InputFile(path: folder.path("delta.tar.zst")))
    let none = #expect(throws: GriffinError.self) { try packed.unpack(to: OutputFile(path: folder.path("no.griffin"), force: false)) }
    #expect(none?.kind == .usage)
    let other = #expect(throws: GriffinError.self) {
      try packed.unpack(to: OutputFile(path: folder.path("no.griffin"), force: false), base: bundle)
    }
    #expect(other?.kind == .inconsistent && other?.file == folder.path("tuned.griffin"))
    #expect(!folder.names.contains { $0.hasPrefix("no.griffin") })
  }

  @Test func aDamagedBundleIsNotPacked() throws {
    let bundle = try SmallBundle.everyType(units: 3, to: folder.path("all.griffin"))
    var bytes = try folder.read("all.griffin")
    for offset in [bundle.manifest.payloads[3].offset, bytes.count - 1] {
      bytes[offset] ^= 1
      try folder.write(bytes, to: "damaged.griffin")
      bytes[offset] ^= 1
      let damaged = try ModelBundle.open(path: folder.path("damaged.griffin"))
      let error = #expect(throws: GriffinError.self) { try pack(damaged, "damaged.tar.zst") }
      #expect(error?.kind == .malformed && error?.offset == offset)
    }
    #expect(!folder.names.contains { $0.hasPrefix("damaged.tar.zst") })
  }
}
