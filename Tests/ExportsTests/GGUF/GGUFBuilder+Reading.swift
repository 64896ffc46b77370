import ByteStorage
import Foundation
import Tensors
import TestSupport

/// Takes a GGUF file apart again, without the program's own reader: pairs as their bytes, tensors with theirs.
extension GGUFBuilder {
  init(path: String) throws { self.init(parsing: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))) }

  init(parsing bytes: [UInt8]) {
    self.init()
    var position = 0
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value {
      defer { position += MemoryLayout<Value>.size }
      return bytes.rawBytes.littleEndian(type, at: position) ?? 0
    }
    func text() -> String {
      let count = Int(integer(UInt64.self))
      defer { position += count }
      return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }
    /// Passes over a value of a type.
    func skip(_ type: UInt32) {
      switch type {
      case 0, 1, 7: position += 1
      case 2, 3: position += 2
      case 4, 5, 6: position += 4
      case 8: _ = text()
      case 9:
        let (element, count) = (integer(UInt32.self), integer(UInt64.self))
        for _ in 0..<count { skip(element) }
      default: position += 8
      }
    }
    magic = Array(bytes.prefix(4))
    position = 4
    version = integer(UInt32.self)
    let (tensorCount, pairCount) = (integer(UInt64.self), integer(UInt64.self))
    for _ in 0..<pairCount {
      let (key, type) = (text(), integer(UInt32.self))
      let start = position
      skip(type)
      pairs.append((key, Value(type: type, bytes: Array(bytes[start..<position]))))
    }
    var offsets: [Int] = []
    for _ in 0..<tensorCount {
      let name = text()
      let dimensions = (0..<integer(UInt32.self)).map { _ in integer(UInt64.self) }
      tensors.append(Tensor(name, type: integer(UInt32.self), dimensions, bytes: []))
      offsets.append(Int(integer(UInt64.self)))
    }
    let start = (position + alignment - 1) / alignment * alignment
    for (index, tensor) in tensors.enumerated() {
      let type = ElementType(ggmlIdentifier: tensor.type)
      let elements = Int(tensor.dimensions.reduce(1, *))
      let count = elements / (type?.elementsPerBlock ?? 1) * (type?.bytesPerBlock ?? 0)
      tensors[index].bytes = Array(bytes[start + offsets[index]..<start + offsets[index] + count])
    }
  }

  /// A text of the metadata.
  func text(_ key: String) -> String? {
    guard let value = self[key], value.type == 8 else { return nil }
    return String(decoding: value.bytes.dropFirst(8), as: UTF8.self)
  }

  /// A count, width or id of the metadata.
  func number(_ key: String) -> Int? {
    guard let value = self[key], value.type == 4 else { return nil }
    return value.bytes.rawBytes.littleEndian(UInt32.self, at: 0).map { Int($0) }
  }

  /// The elements of an array of numbers with four bytes.
  func numbers(_ key: String) -> [UInt32] {
    guard let value = self[key], value.type == 9 else { return [] }
    return stride(from: 12, to: value.bytes.count, by: 4).compactMap { value.bytes.rawBytes.littleEndian(UInt32.self, at: $0) }
  }

  /// The elements of an array of texts.
  func texts(_ key: String) -> [String] {
    guard let value = self[key], value.type == 9 else { return [] }
    var (texts, position): ([String], Int) = ([], 12)
    while position < value.bytes.count {
      let count = Int(value.bytes.rawBytes.littleEndian(UInt64.self, at: position) ?? 0)
      texts.append(String(decoding: value.bytes[position + 8..<position + 8 + count], as: UTF8.self))
      position += 8 + count
    }
    return texts
  }

  /// The first tensor of a name.
  func tensor(_ name: String) -> Tensor? { tensors.first { $0.name == name } }
}
