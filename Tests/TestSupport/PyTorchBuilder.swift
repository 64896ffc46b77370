internal import ByteStorage
internal import Tensors

/// Makes PyTorch files of a state dict, right ones and wrong ones, in both forms.
public struct PyTorchBuilder: Sendable {
  /// A tensor as the pickle describes it.
  public struct Entry: Sendable {
    public var name: String
    public var storageType = "FloatStorage"
    public var key: String
    public var elements: Int64
    public var offset: Int64 = 0
    public var sizes: [Int64]
    public var strides: [Int64]

    public init(_ name: String, key: String, elements: Int64, sizes: [Int64], strides: [Int64]? = nil) {
      (self.name, self.key, self.elements, self.sizes) = (name, key, elements, sizes)
      self.strides = strides ?? sizes.indices.map { sizes[($0 + 1)...].reduce(1, *) }
    }
  }

  public var entries: [Entry] = []
  public var storages: [(key: String, bytes: [UInt8])] = []
  /// Written as the value of one more entry, `extra`.
  public var extra: (@Sendable (inout PickleBuilder) -> Void)?
  /// The whole pickle, where it shall be another one.
  public var pickle: [UInt8]?
  /// The protocol that the pickle says it has.
  public var version: UInt8 = 2

  public init() {}

  /// All tensors of a source, f32, a storage each.
  public init(_ source: MemorySource) {
    for (index, tensor) in source.tensors.enumerated() {
      let sizes = tensor.shape.dimensions.map { Int64($0) }
      entries.append(Entry(tensor.name, key: "\(index)", elements: Int64(tensor.shape.elementCount), sizes: sizes))
      storages.append(("\(index)", source.bytes(tensor.name)))
    }
  }

  /// An entry by the name of its tensor.
  public subscript(name: String) -> Entry {
    get { entries[index(of: name)] }
    set { entries[index(of: name)] = newValue }
  }

  public func index(of name: String) -> Int {
    guard let index = entries.firstIndex(where: { $0.name == name }) else { preconditionFailure("there is no \(name)") }
    return index
  }

  /// The bytes of a storage by its key.
  public subscript(storage key: String) -> [UInt8] {
    get { storages.first { $0.key == key }?.bytes ?? [] }
    set {
      if let index = storages.firstIndex(where: { $0.key == key }) { storages[index].bytes = newValue } else { storages.append((key, newValue)) }
    }
  }

  public func pickleBytes(isLegacy: Bool = false) -> [UInt8] {
    if let pickle { return pickle }
    var writer = PickleBuilder(protocol: version)
    writer.orderedDictionary()
    writer.mark()
    for entry in entries {
      writer.text(entry.name)
      writer.tensor(
        entry.storageType, key: entry.key, elements: entry.elements, offset: entry.offset, sizes: entry.sizes,
        strides: entry.strides, isLegacy: isLegacy)
    }
    if let extra {
      writer.text("extra")
      extra(&writer)
    }
    writer.setItems()
    writer.stop()
    return writer.bytes
  }

  public var zip: ZipBuilder { .pyTorch(pickleBytes(), storages: storages) }

  /// What the older form consists of; a case changes a part and joins them.
  public var legacy: Legacy {
    var legacy = Legacy()
    legacy.state = pickleBytes(isLegacy: true)
    legacy.keys = storages.map(\.key)
    for (key, bytes) in storages {
      let type = entries.first { $0.key == key }?.storageType
      let width = type == "LongStorage" || type == "DoubleStorage" ? 8 : type == "BoolStorage" ? 1 : 4
      legacy.storages.append((Int64(bytes.count / width), bytes))
    }
    return legacy
  }

  public struct Legacy: Sendable {
    public var magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    public var version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    public var machine: [UInt8] = Legacy.machine(isLittleEndian: true)
    public var state: [UInt8] = []
    public var keys: [String] = []
    /// The pickle of the keys, where it shall be another one.
    public var keyPickle: [UInt8]?
    public var storages: [(count: Int64, bytes: [UInt8])] = []
    public var trailing: [UInt8] = []

    public static func machine(isLittleEndian: Bool) -> [UInt8] {
      var pickle = PickleBuilder()
      pickle.emptyDictionary()
      pickle.mark()
      pickle.text("protocol_version")
      pickle.integer(1001)
      pickle.text("little_endian")
      pickle.bool(isLittleEndian)
      pickle.setItems()
      pickle.stop()
      return pickle.bytes
    }

    public static func list(_ keys: [String]) -> [UInt8] {
      var pickle = PickleBuilder()
      pickle.emptyList()
      pickle.mark()
      for key in keys { pickle.text(key) }
      pickle.raw("e")
      pickle.stop()
      return pickle.bytes
    }

    public var bytes: [UInt8] {
      var file = magic + version + machine + state + (keyPickle ?? Legacy.list(keys))
      for storage in storages { file += littleEndian(storage.count) + storage.bytes }
      return file + trailing
    }
  }
}
