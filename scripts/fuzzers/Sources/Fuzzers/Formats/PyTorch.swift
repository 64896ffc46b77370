import ByteStorage
import Checkpoints
import TestSupport

extension Fuzzer {
  static let pyTorch = Fuzzer(
    name: "pytorch", description: "one PyTorch .bin: the zip archive, the pickle (or the five of the older form), every view",
    maximumBytes: 8192,
    read: { input in
      let file = try PyTorchFile(InputFile(standingIn: input, path: "pytorch_model.bin"))
      _ = file.warnings
      try file.walk()
    },
    seeds: {
      [
        Seed("four", ZipBuilder.fourFloats.bytes), Seed("views", views.bytes), Seed("large-end", largeEnd.bytes),
        Seed("legacy", legacy), Seed("nested", nested.bytes), Seed("deferred", deferred.bytes),
      ]
    },
    mutate: { input, mutator in
      switch mutator.number(below: 8) {
      case 0: mutator.change(&input, limit: mutator.maximumBytes)
      case 1, 2:
        mutator.change(&input, limit: mutator.maximumBytes)
        ZipMembers.repair(&input)
      default:
        guard var zip = ZipMembers.parse(input) else { return mutator.change(&input, limit: mutator.maximumBytes) }
        // The pickle most of the time: what is in it decides everything else.
        let pickle = zip.members.firstIndex { $0.name.hasSuffix("data.pkl") }
        let other = mutator.number(below: zip.members.count)
        let index = mutator.number(below: 5) == 0 ? other : pickle ?? other
        mutator.change(&zip.members[index].bytes, limit: mutator.maximumBytes / 2)
        input = zip.bytes
      }
    })

  private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

  /// Tensors that share a storage, one of them transposed.
  private static var views: ZipBuilder {
    var pickle = PickleBuilder()
    pickle.emptyDictionary()
    pickle.mark()
    pickle.text("a")
    pickle.tensor("HalfStorage", elements: 6, sizes: [2, 3], strides: [3, 1])
    pickle.text("b")
    pickle.tensor("HalfStorage", elements: 6, sizes: [3, 2], strides: [1, 3])
    pickle.text("c")
    pickle.tensor("LongStorage", key: "1", elements: 2, offset: 1, sizes: [], strides: [])
    pickle.text("d")
    pickle.tensor("BFloat16Storage", key: "2", elements: 1, sizes: [1, 1], strides: [0, 7])
    pickle.setItems()
    pickle.stop()
    return .pyTorch(pickle.bytes, storages: [("0", bytes(12)), ("1", bytes(16)), ("2", bytes(2))])
  }

  private static var nested: ZipBuilder {
    var pickle = PickleBuilder()
    pickle.emptyDictionary()
    pickle.put(0)
    pickle.mark()
    pickle.text("epoch")
    pickle.integer(3)
    pickle.text("state_dict")
    pickle.orderedDictionary()
    pickle.mark()
    pickle.text("w")
    pickle.tensor("DoubleStorage", elements: 1, sizes: [1], strides: [1])
    pickle.setItems()
    pickle.setItems()
    pickle.stop()
    return .pyTorch(pickle.bytes, storages: [("0", bytes(8))])
  }

  private static var largeEnd: ZipBuilder {
    var zip = ZipBuilder.fourFloats
    zip.hasLargeEnd = true
    return zip
  }

  /// Sizes and checksums after the data, with and without their signature.
  private static var deferred: ZipBuilder {
    var zip = ZipBuilder.fourFloats
    for index in zip.members.indices {
      let (checksum, count) = (littleEndian(zip.members[index].trueChecksum), littleEndian(UInt32(zip.members[index].bytes.count)))
      (zip.members[index].flags, zip.members[index].localBytes, zip.members[index].localChecksum) = (8, 0, 0)
      zip.members[index].descriptor = (index % 2 == 0 ? littleEndian(UInt32(0x0807_4B50)) : []) + checksum + count + count
    }
    return zip
  }

  /// The form before PyTorch 1.6.
  private static var legacy: [UInt8] {
    var magic = PickleBuilder()
    magic.raw(0x8A, 10)
    magic.bytes += [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    magic.stop()
    var version = PickleBuilder()
    version.raw(0x4D, 0xE9, 0x03)
    version.stop()
    var machine = PickleBuilder()
    machine.emptyDictionary()
    machine.mark()
    machine.text("little_endian")
    machine.bool(true)
    machine.setItems()
    machine.stop()
    let document = PickleBuilder.stateDict { $0.tensor(elements: 4, sizes: [2, 2], strides: [1, 2], isLegacy: true) }
    var keys = PickleBuilder()
    keys.emptyList()
    keys.text("0")
    keys.raw("a")
    keys.stop()
    let pickles = magic.bytes + version.bytes + machine.bytes + document + keys.bytes
    return pickles + littleEndian(Int64(4)) + bytes(16)
  }
}
