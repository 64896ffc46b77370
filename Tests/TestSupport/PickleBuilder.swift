/// Writes pickles opcode by opcode, as they are or as they should not be.
public struct PickleBuilder {
  public var bytes: [UInt8] = []

  /// - Parameter version: The protocol; nil for none.
  public init(protocol version: UInt8? = 2) {
    if let version { bytes = [0x80, version] }
  }

  public mutating func raw(_ opcodes: UInt8...) { bytes += opcodes }
  public mutating func raw(_ text: String) { bytes += Array(text.utf8) }

  public mutating func mark() { raw("(") }
  public mutating func stop() { raw(".") }
  public mutating func none() { raw("N") }
  public mutating func bool(_ value: Bool) { raw(value ? 0x88 : 0x89) }
  public mutating func integer(_ value: Int32) {
    raw("J")
    bytes += littleEndian(value)
  }
  public mutating func long(_ value: Int64) {
    raw(0x8A, 8)
    bytes += littleEndian(value)
  }
  public mutating func text(_ value: String) {
    raw("X")
    bytes += littleEndian(UInt32(value.utf8.count)) + Array(value.utf8)
  }
  public mutating func emptyTuple() { raw(")") }
  public mutating func tuple() { raw("t") }
  public mutating func emptyDictionary() { raw("}") }
  public mutating func emptyList() { raw("]") }
  public mutating func setItems() { raw("u") }
  public mutating func reduce() { raw("R") }
  public mutating func build() { raw("b") }
  public mutating func global(_ module: String, _ name: String) { raw("c\(module)\n\(name)\n") }
  public mutating func put(_ index: UInt8) { raw(0x71, index) }
  public mutating func get(_ index: UInt8) { raw(0x68, index) }

  public mutating func integers(_ values: [Int64]) {
    mark()
    for value in values { long(value) }
    tuple()
  }

  public mutating func orderedDictionary() {
    global("collections", "OrderedDict")
    emptyTuple()
    reduce()
  }

  /// A persistent id with five parts, and with `view` a sixth.
  public mutating func storage(_ type: String, key: String, elements: Int64, isLegacy: Bool = false) {
    mark()
    text("storage")
    global("torch", type)
    text(key)
    text("cpu")
    long(elements)
    if isLegacy { none() }
    tuple()
    raw("Q")
  }

  /// A tensor over a storage of its own.
  public mutating func tensor(
    _ type: String = "FloatStorage", key: String = "0", elements: Int64, offset: Int64 = 0, sizes: [Int64], strides: [Int64],
    isLegacy: Bool = false
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    mark()
    storage(type, key: key, elements: elements, isLegacy: isLegacy)
    long(offset)
    integers(sizes)
    integers(strides)
    bool(false)
    orderedDictionary()
    tuple()
    reduce()
  }

  /// A whole pickle: a dictionary with one entry, whose value `write` writes.
  public static func stateDict(_ name: String = "w", _ write: (inout PickleBuilder) -> Void) -> [UInt8] {
    var pickle = PickleBuilder()
    pickle.orderedDictionary()
    pickle.mark()
    pickle.text(name)
    write(&pickle)
    pickle.setItems()
    pickle.stop()
    return pickle.bytes
  }
}

extension ZipBuilder {
  /// A PyTorch file: a pickle, and storages by their keys.
  public static func pyTorch(_ pickle: [UInt8], storages: [(key: String, bytes: [UInt8])] = []) -> ZipBuilder {
    var zip = ZipBuilder()
    zip.add("archive/data.pkl", pickle)
    zip.add("archive/byteorder", Array("little".utf8))
    for storage in storages { zip.add("archive/data/\(storage.key)", storage.bytes) }
    zip.add("archive/version", Array("3\n".utf8))
    return zip
  }

  /// A PyTorch file with one tensor `w` of four floats.
  public static var fourFloats: ZipBuilder {
    let pickle = PickleBuilder.stateDict { $0.tensor(elements: 4, sizes: [2, 2], strides: [2, 1]) }
    return pyTorch(pickle, storages: [("0", (0..<16).map { UInt8($0) })])
  }
}
