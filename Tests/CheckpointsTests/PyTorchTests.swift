import ByteStorage
import Checkpoints
import Tensors
import TestSupport
import Testing

/// PyTorch files against what torch itself says of them, and everything that is no state dict.
struct PyTorchTests {
  /// Opens a folder with a configuration and these bytes as its weights.
  private static func open(_ weights: [UInt8], in folder: TemporaryFolder) throws -> Checkpoint {
    try folder.write(Array("{}".utf8), to: "config.json")
    try folder.write(weights, to: "pytorch_model.bin")
    return try Checkpoint.open(path: folder.path)
  }

  private static func fixture(_ name: String) throws -> [UInt8] { try Fixtures.bytes("pytorch/\(name)") }

  /// A tensor's bytes, lent whole.
  private static func lent(_ source: any TensorSource, _ index: Int) throws -> [UInt8] {
    try source.withBytes(of: index) { $0.copied }
  }

  /// A tensor's bytes, read in pieces that fit no row.
  private static func streamed(_ source: any TensorSource, _ index: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let total = source.tensors[index].byteCount
    while bytes.count < total {
      var piece = ByteBuffer(byteCount: min(7, total - bytes.count))
      var span = piece.mutableBytes
      try source.read(index, at: bytes.count, into: &span)
      bytes += piece.bytes.copied
    }
    return bytes
  }

  @Test(arguments: ["views.bin", "views-legacy.bin", "views-protocol4.bin", "module-state.bin", "nested.bin", "mixed.bin"])
  func tensorsAreWhatTorchSays(name: String) throws {
    let text = try PyTorchTests.fixture("expected.json")
    let expected = try #require(try JSONValue.parse(text.rawBytes, limits: .config)[name]?.object)
    let folder = try TemporaryFolder()
    let source = try PyTorchTests.open(PyTorchTests.fixture(name), in: folder).source
    #expect(Set(source.tensors.map(\.name)) == Set(expected.keys))
    for (index, tensor) in source.tensors.enumerated() {
      let member = try #require(expected[tensor.name])
      #expect(tensor.type.rawValue == member["type"]?.string, "\(tensor.name)")
      #expect(tensor.shape.dimensions == member["shape"]?.array?.compactMap(\.integer), "\(tensor.name)")
      let digits = try #require(member["bytes"]?.string)
      #expect(try PyTorchTests.lent(source, index).map(PyTorchTests.hexadecimal).joined() == digits, "\(tensor.name)")
      #expect(try PyTorchTests.streamed(source, index).map(PyTorchTests.hexadecimal).joined() == digits, "\(tensor.name)")
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

  @Test(arguments: [
    ("two-models.bin", "several"), ("no-tensors.bin", "no tensors"), ("list.bin", "a list"), ("expanded.bin", "repeats"),
    ("expanded-rows.bin", "repeats"), ("whole-module.bin", "Sequential"), ("quantized.bin", "_rebuild_qtensor"),
    ("sparse.bin", "_rebuild_sparse_tensor"), ("float8.bin", "_rebuild_tensor_v3"), ("conjugated.bin", "conjugated"),
    ("torchscript.bin", "compressed"),
  ])
  func whatIsNoStateDictIsRefusedByName(name: String, word: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try PyTorchTests.fixture(name)
    let error = #expect(throws: GriffinError.self) { try PyTorchTests.open(bytes, in: folder) }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
    #expect(error?.file?.hasSuffix("pytorch_model.bin") == true)
  }

  @Test(arguments: [
    ("posix", "system"), ("os", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("subprocess", "Popen"),
    ("torch.hub", "load"), ("numpy.core.multiarray", "_reconstruct"), ("collections", "Counter"),
  ])
  func callablesAreRefusedByNameAndNeverRun(module: String, name: String) throws {
    let folder = try TemporaryFolder()
    var pickle = PickleBuilder()
    pickle.global(module, name)
    pickle.mark()
    pickle.text("touch \(folder.path("executed"))")
    pickle.tuple()
    pickle.reduce()
    pickle.stop()
    let bytes = ZipBuilder.pyTorch(pickle.bytes).bytes
    let error = #expect(throws: GriffinError.self) { try PyTorchTests.open(bytes, in: folder) }
    #expect(error?.message.contains("\(module).\(name)") == true)
    #expect([.unsafe, .unsupported].contains(error?.kind))
    #expect(!folder.names.contains("executed"))
  }

  /// One wrong archive around a right pickle.
  struct WrongZip: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout ZipBuilder) -> Void
  }

  static let wrongZips: [WrongZip] = [
    WrongZip(testDescription: "checksum") { $0.members[2].checksum = 1 },
    WrongZip(testDescription: "encrypted") { $0.members[2].flags = 1 },
    WrongZip(testDescription: "compressed") { $0.members[2].method = 8 },
    WrongZip(testDescription: "other local name") { $0.members[2].localName = "archive/data/1" },
    WrongZip(testDescription: "other local size") { $0.members[2].localBytes = 8 },
    WrongZip(testDescription: "same name twice") { $0.members.append($0.members[2]) },
    WrongZip(testDescription: "two pickles") { $0.add("other/data.pkl", $0.members[0].bytes) },
    WrongZip(testDescription: "no pickle") { $0.members[0].name = "archive/data.txt" },
    WrongZip(testDescription: "several disks") { $0.diskNumber = 1 },
    WrongZip(testDescription: "wrong entry count") { $0.entryCountError = 1 },
    WrongZip(testDescription: "offset astray") { $0.members[2].offsetError = 3 },
    WrongZip(testDescription: "overlap") { $0.members[3].offsetError = -8 },
    WrongZip(testDescription: "next member beyond the file") {
      // With this flag the bytes up to the next member are looked at, for a record of the data's size.
      $0.members[2].flags = 1 << 3
      $0.members[3].offsetError = 1 << 30
    },
    WrongZip(testDescription: "big-endian") { $0.members[1].bytes = Array("big".utf8) },
    WrongZip(testDescription: "storage missing") { $0.members.remove(at: 2) },
    WrongZip(testDescription: "storage too short") { $0.members[2].bytes.removeLast(4) },
    WrongZip(testDescription: "size beyond the file") {
      $0.members[2].compressedBytes = 1 << 30
      $0.members[2].uncompressedBytes = 1 << 30
    },
  ]

  @Test(arguments: wrongZips) func wrongArchivesAreRefused(_ wrong: WrongZip) throws {
    var zip = ZipBuilder.fourFloats
    wrong.change(&zip)
    let bytes = zip.bytes
    let folder = try TemporaryFolder()
    let error = #expect(throws: GriffinError.self) {
      // Checksums of storages are compared when they are read.
      let source = try PyTorchTests.open(bytes, in: folder).source
      for index in source.tensors.indices { _ = try PyTorchTests.streamed(source, index) }
    }
    #expect([.malformed, .unsafe, .unsupported, .inconsistent].contains(error?.kind), "\(String(describing: error))")
    #expect(error?.file?.hasSuffix("pytorch_model.bin") == true)
  }

  @Test func rightArchivesAreRead() throws {
    for hasLargeEnd in [false, true] {
      var zip = ZipBuilder.fourFloats
      zip.hasLargeEnd = hasLargeEnd
      let folder = try TemporaryFolder()
      let source = try PyTorchTests.open(zip.bytes, in: folder).source
      #expect(try PyTorchTests.streamed(source, 0) == (0..<16).map { UInt8($0) })
    }
  }

  /// Views that a storage of four floats cannot serve: offset, sizes, strides.
  @Test(arguments: [
    ([0], [5], [1]), ([1], [2, 2], [2, 1]), ([-1], [2], [1]), ([0], [2], [-1]), ([0], [2], [1 << 62]), ([0], [1 << 62, 4], [1, 1]),
    ([0], [2, 2], [1]), ([0], [1000], [0]), ([0], [-2], [1]),
  ] as [([Int64], [Int64], [Int64])])
  func impossibleViewsAreRefused(offset: [Int64], sizes: [Int64], strides: [Int64]) throws {
    let folder = try TemporaryFolder()
    let pickle = PickleBuilder.stateDict { $0.tensor(elements: 4, offset: offset[0], sizes: sizes, strides: strides) }
    let bytes = ZipBuilder.pyTorch(pickle, storages: [("0", [UInt8](repeating: 0, count: 16))]).bytes
    let error = #expect(throws: GriffinError.self) { try PyTorchTests.open(bytes, in: folder) }
    #expect([.malformed, .unsafe, .inconsistent].contains(error?.kind), "\(String(describing: error))")
  }

  @Test func everyTruncationAndEveryOpcodeIsSurvived() throws {
    let folder = try TemporaryFolder()
    let pickle = PickleBuilder.stateDict { $0.tensor(elements: 4, sizes: [2, 2], strides: [2, 1]) }
    let storages: [(key: String, bytes: [UInt8])] = [("0", [UInt8](repeating: 0, count: 16))]
    for length in 0..<pickle.count {
      let bytes = ZipBuilder.pyTorch(Array(pickle[..<length]), storages: storages).bytes
      #expect(throws: GriffinError.self, "pickle cut at \(length)") { try PyTorchTests.open(bytes, in: folder) }
    }
    // No opcode by itself makes a state dict, but for the one that makes an empty dictionary.
    for opcode in UInt8.min...UInt8.max where opcode != UInt8(ascii: "}") {
      let bytes = ZipBuilder.pyTorch([0x80, 2, opcode, 0x2E]).bytes
      #expect(throws: GriffinError.self, "opcode \(opcode)") { try PyTorchTests.open(bytes, in: folder) }
    }
    let whole = ZipBuilder.fourFloats.bytes
    for length in 0..<whole.count {
      #expect(throws: GriffinError.self, "archive cut at \(length)") { try PyTorchTests.open(Array(whole[..<length]), in: folder) }
    }
  }
}
