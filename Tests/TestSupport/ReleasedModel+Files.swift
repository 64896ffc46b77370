internal import ByteStorage
internal import Foundation
internal import Tensors

extension ReleasedModel {
  /// Writes the release into a folder: its configuration, and weight files whose headers are true and whose data are holes.
  public func expand(into folder: TemporaryFolder, as name: String) throws -> String {
    let path = folder.path(name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write(.object(config), to: path + "/config.json")
    let (stem, suffix) = isPyTorch ? ("pytorch_model", "bin") : ("model", "safetensors")
    let tensors = tensors
    if shards == 1 {
      try file(tensors).write(to: "\(path)/\(stem).\(suffix)")
      return path
    }
    var places: [JSONObject.Member] = []
    for shard in 0..<shards {
      let part = Array(tensors[tensors.count * shard / shards..<tensors.count * (shard + 1) / shards])
      let number = String(format: "%05d-of-%05d", shard + 1, shards)
      try file(part).write(to: "\(path)/\(stem)-\(number).\(suffix)")
      places += part.map { JSONObject.Member(key: $0.name, value: .string("\(stem)-\(number).\(suffix)")) }
    }
    let index: JSONObject = [
      "metadata": ["total_size": .integer(tensors.reduce(0) { $0 + $1.byteCount })], "weight_map": .object(JSONObject(places)),
    ]
    try write(.object(index), to: "\(path)/\(stem).\(suffix).index.json")
    return path
  }

  private func write(_ value: JSONValue, to path: String) throws {
    try Data(value.encoded(pretty: true).utf8).write(to: URL(fileURLWithPath: path))
  }

  private func file(_ tensors: [Tensor]) -> SparseFile { isPyTorch ? pyTorch(tensors) : safetensors(tensors) }

  private func safetensors(_ tensors: [Tensor]) -> SparseFile {
    var (members, offset): ([JSONObject.Member], Int) = ([], 0)
    for tensor in tensors {
      let entry: JSONObject = [
        "dtype": .string(tensor.type.rawValue.uppercased()), "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(offset + tensor.byteCount)],
      ]
      members.append(JSONObject.Member(key: tensor.name, value: .object(entry)))
      offset += tensor.byteCount
    }
    var header = Array(JSONValue.object(JSONObject(members)).encoded(pretty: false).utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var file = SparseFile()
    file.append(littleEndian(UInt64(header.count)) + header)
    file.skip(offset)
    return file
  }

  private func pyTorch(_ tensors: [Tensor]) -> SparseFile {
    var pickle = PickleBuilder()
    pickle.orderedDictionary()
    pickle.mark()
    for (key, tensor) in tensors.enumerated() {
      let sizes = tensor.shape.map(Int64.init)
      let storage = tensor.type == .f16 ? "HalfStorage" : tensor.type == .bf16 ? "BFloat16Storage" : "FloatStorage"
      pickle.text(tensor.name)
      pickle.tensor(
        storage, key: "\(key)", elements: sizes.reduce(1, *), sizes: sizes, strides: sizes.count == 1 ? [1] : [sizes[1], 1])
    }
    pickle.setItems()
    pickle.stop()
    var zip = SparseZip()
    zip.add("archive/data.pkl", pickle.bytes)
    zip.add("archive/byteorder", Array("little".utf8))
    for (key, tensor) in tensors.enumerated() { zip.addHole("archive/data/\(key)", byteCount: tensor.byteCount) }
    zip.add("archive/version", Array("3\n".utf8))
    return zip.finished()
  }
}

extension ReleasedModel.Tensor {
  var byteCount: Int { shape.reduce(type.bytesPerBlock, *) }
}

/// A zip archive of stored members, some of them holes; past 4 GiB the directory has zip64 fields.
private struct SparseZip {
  private var file = SparseFile()
  private var directory: [UInt8] = []
  private var count = 0

  mutating func add(_ name: String, _ bytes: [UInt8]) {
    begin(name, byteCount: bytes.count, checksum: crc32(bytes))
    file.append(bytes)
  }

  /// The checksum is not that of zeros: whoever read the hole would find out.
  mutating func addHole(_ name: String, byteCount: Int) {
    begin(name, byteCount: byteCount, checksum: 0xDEAD_BEEF)
    file.skip(byteCount)
  }

  private mutating func begin(_ name: String, byteCount: Int, checksum: UInt32) {
    let (offset, name) = (file.length, Array(name.utf8))
    let isFar = offset >= UInt32.max
    let common =
      littleEndian(UInt16(45)) + littleEndian(UInt16(0)) + littleEndian(UInt16(0)) + littleEndian(UInt32(0))
      + littleEndian(checksum) + littleEndian(UInt32(byteCount)) + littleEndian(UInt32(byteCount))
      + littleEndian(UInt16(name.count))
    file.append(littleEndian(UInt32(0x0403_4B50)) + common + littleEndian(UInt16(0)) + name)
    directory += littleEndian(UInt32(0x0201_4B50)) + littleEndian(UInt16(45)) + common
    directory += littleEndian(UInt16(isFar ? 12 : 0)) + [UInt8](repeating: 0, count: 10)
    directory += littleEndian(isFar ? UInt32.max : UInt32(offset)) + name
    if isFar { directory += littleEndian(UInt16(1)) + littleEndian(UInt16(8)) + littleEndian(UInt64(offset)) }
    count += 1
  }

  func finished() -> SparseFile {
    var file = file
    let start = file.length
    file.append(directory)
    let large = file.length
    var end = littleEndian(UInt32(0x0606_4B50)) + littleEndian(UInt64(44)) + littleEndian(UInt32(0)) + littleEndian(UInt64(0))
    end += littleEndian(UInt64(count)) + littleEndian(UInt64(count)) + littleEndian(UInt64(directory.count))
    end += littleEndian(UInt64(start)) + littleEndian(UInt32(0x0706_4B50)) + littleEndian(UInt32(0)) + littleEndian(UInt64(large))
    end += littleEndian(UInt32(1)) + littleEndian(UInt32(0x0605_4B50)) + littleEndian(UInt32(0))
    for _ in 0..<2 { end += littleEndian(UInt16.max) }
    file.append(end + littleEndian(UInt32.max) + littleEndian(UInt32.max) + littleEndian(UInt16(0)))
    return file
  }
}
