internal import ByteStorage
internal import Checkpoints
package import Tensors

/// What a GGUF file begins with: key-value pairs, encoded as they come, and where its tensors are.
///
/// - Source: ggml `docs/gguf.md`, version 3; the types of values are those that llama.cpp's converter writes.
package struct GGUFHead {
  private var pairs: [UInt8] = []
  private(set) var pairCount = 0

  package init() {}

  private static let version: UInt32 = 3

  // MARK: Pairs

  mutating func add(_ key: String, _ value: Bool) { add(key, .bool) { $0.append(value ? 1 : 0) } }
  mutating func add(_ key: String, _ value: UInt16) { add(key, .uint16) { $0.append(littleEndian: value) } }
  mutating func add(_ key: String, _ value: Int32) { add(key, .int32) { $0.append(littleEndian: value) } }
  mutating func add(_ key: String, _ value: Float) { add(key, .float32) { $0.append(littleEndian: value.bitPattern) } }
  package mutating func add(_ key: String, _ value: String) { add(key, .string) { $0.append(text: Array(value.utf8)) } }

  /// Counts, widths and ids, which are `uint32` in GGUF.
  package mutating func add(_ key: String, count: Int) { add(key, .uint32) { $0.append(littleEndian: UInt32(count)) } }

  package mutating func add(_ key: String, texts: [[UInt8]]) {
    add(key, .string, texts.count) { for text in texts { $0.append(text: text) } }
  }

  mutating func add(_ key: String, floats: [Float]) {
    add(key, .float32, floats.count) { for value in floats { $0.append(littleEndian: value.bitPattern) } }
  }

  mutating func add(_ key: String, integers: [Int]) {
    add(key, .int32, integers.count) { for value in integers { $0.append(littleEndian: Int32(value)) } }
  }

  mutating func add(contentsOf other: GGUFHead) {
    pairs += other.pairs
    pairCount += other.pairCount
  }

  private mutating func add(_ key: String, _ type: GGUFValueType, _ value: (inout [UInt8]) -> Void) {
    pairs.append(text: Array(key.utf8))
    pairs.append(littleEndian: type.rawValue)
    value(&pairs)
    pairCount += 1
  }

  private mutating func add(_ key: String, _ type: GGUFValueType, _ count: Int, _ elements: (inout [UInt8]) -> Void) {
    add(key, .array) {
      $0.append(littleEndian: type.rawValue)
      $0.append(littleEndian: UInt64(count))
      elements(&$0)
    }
  }

  // MARK: The whole

  /// Bytes before the first tensor, with the padding, where those that say where the tensors are have so many.
  func byteCount(entries: Int) -> Int { GGUFHead.padded(24 + pairs.count + entries) }

  /// Bytes that say where a tensor is.
  static func entryByteCount(_ tensor: TensorDescriptor) -> Int {
    8 + tensor.name.utf8.count + 4 + 8 * tensor.shape.dimensions.count + 4 + 8
  }

  /// Up to the next place where a tensor may start.
  package static func padded(_ byteCount: Int) -> Int {
    (byteCount + GGUFHeader.defaultAlignment - 1) / GGUFHeader.defaultAlignment * GGUFHeader.defaultAlignment
  }

  /// The bytes before the first tensor, for tensors that follow one another.
  package func encoded(_ tensors: [TensorDescriptor]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount(entries: tensors.reduce(0) { $0 + GGUFHead.entryByteCount($1) }))
    bytes.append(littleEndian: GGUFHeader.magic)
    bytes.append(littleEndian: GGUFHead.version)
    bytes.append(littleEndian: UInt64(tensors.count))
    bytes.append(littleEndian: UInt64(pairCount))
    bytes += pairs
    var offset = 0
    for tensor in tensors {
      guard let type = tensor.type.ggmlIdentifier else { preconditionFailure("\(tensor.name): GGUF has no \(tensor.type)") }
      bytes.append(text: Array(tensor.name.utf8))
      bytes.append(littleEndian: UInt32(tensor.shape.dimensions.count))
      // Innermost first in the file, outermost first everywhere else.
      for dimension in tensor.shape.dimensions.reversed() { bytes.append(littleEndian: UInt64(dimension)) }
      bytes.append(littleEndian: type)
      bytes.append(littleEndian: UInt64(offset))
      offset = GGUFHead.padded(offset + tensor.byteCount)
    }
    bytes += [UInt8](repeating: 0, count: GGUFHead.padded(bytes.count) - bytes.count)
    return bytes
  }
}

extension [UInt8] {
  /// A text with its length before it.
  fileprivate mutating func append(text: [UInt8]) {
    append(littleEndian: UInt64(text.count))
    self += text
  }
}
